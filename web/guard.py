"""What protects the pages: where a form may come from, and the headers of every answer."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

POLICY = "; ".join(
    [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'",
        "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    ]
)  # fmt: skip
"""The content security policy: everything is ours, and nothing is inline."""
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"
SAFE = ("GET", "HEAD", "OPTIONS")


def is_ours(site: str | None, origin: str | None, host: str) -> bool:
    """Whether an unsafe request comes from one of our own pages.

    Browsers send `Sec-Fetch-Site` (Fetch Metadata); older ones send `Origin` only. Neither is refused, because a
    request that says nothing may come from anywhere.
    """
    if site is not None:
        return site == "same-origin"
    return origin is not None and urlsplit(origin).netloc == host


def guard(app: Flask, exempt: tuple[str, ...] = ()) -> None:
    """Refuses forged forms, and adds headers to every answer.

    The endpoints in `exempt` take a POST from anywhere: their address holds a secret, and no cookie counts for them.
    """

    @app.before_request
    def refuse_forged() -> None:
        if request.method in SAFE or request.endpoint in exempt:
            return
        if not is_ours(request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin"), request.host):
            abort(403)

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = PERMISSIONS
        # `no-referrer` would make the Origin of our own forms "null"
        response.headers["Referrer-Policy"] = "same-origin"
        return response
