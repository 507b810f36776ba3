"""ETag and If-Match from the aggregate's version, or ETag and If-None-Match from the answer (RFC 9110, 8.8.3 and 13.1).

A version names a state to change; it does not stand for an answer that depends on its reader and on the time too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, request
from werkzeug.datastructures import ETags

from chassis.facts import Refusal


def etag(version: int) -> dict[str, str]:
    """The ETag header of this version."""
    return {"ETag": f'"{version}"'}


@dataclass(frozen=True)
class IfMatch:
    """The versions that the caller agrees to change; ``tags`` is None without an If-Match header."""

    tags: ETags | None = None

    def check(self, version: int | None) -> None:
        """Refuses ``stale`` (412) if the current version is not among the tags.

        None is the version of a resource that does not exist; no tag matches it, not even ``*``.
        """
        if self.tags is not None and (version is None or not self.tags.contains(str(version))):
            raise Refusal("stale", "Read it again, then repeat your change.")


ANY_VERSION = IfMatch()
View = Callable[..., Any]
Versioned = tuple[Any, int]
"""The return value of a view with `shows_version`: the body or the response, and its version."""


def if_match() -> IfMatch:
    """The If-Match header of the current request."""
    return IfMatch(request.if_match) if "If-Match" in request.headers else ANY_VERSION


def takes_version(view: View) -> View:
    """Passes the ``If-Match`` header to the view as ``expected``; the command checks it."""

    @wraps(view)
    def reading(*args: Any, **kwargs: Any) -> Any:
        return view(*args, expected=if_match(), **kwargs)

    reading.takes_version = True  # type: ignore[attr-defined]  # for `chassis.http.openapi`
    return reading


def shows_version(view: View) -> View:
    """Adds an ``ETag`` for the version that the view returns after its body. Further headers may follow the version."""

    @wraps(view)
    def showing(*args: Any, **kwargs: Any) -> Any:
        body, version, *more = view(*args, **kwargs)
        if isinstance(body, Response):
            body.headers.update(etag(version))
            return body
        return body, {**etag(version), **(more[0] if more else {})}

    showing.shows_version = True  # type: ignore[attr-defined]  # for `chassis.http.openapi`
    return showing


def conditional(view: View) -> View:
    """Adds an ``ETag`` that is a digest of the answer, and answers 304 if the request's ``If-None-Match`` has it.

    For answers that differ by reader: a tag changes exactly when this reader can read something else. It stands above
    ``response``, whose finished answer it reads.
    """

    @wraps(view)
    def comparing(*args: Any, **kwargs: Any) -> Response:
        response: Response = view(*args, **kwargs)
        response.add_etag()
        response.make_conditional(request)
        return response

    comparing.conditional = True  # type: ignore[attr-defined]  # for `chassis.http.openapi`
    return comparing
