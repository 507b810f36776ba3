"""Routes between services, which the gateway never exposes: both sides of a call, with the token of this pair."""

import hmac
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable
from functools import wraps
from ssl import SSLContext
from typing import Any

from flask import request

from chassis.facts import Refusal
from chassis.http.parsing import Blueprint

HEADER = "X-Releve-Internal"
TIMEOUT_S = 5
NO_STORE = {"Cache-Control": "no-store"}
View = Callable[..., Any]


class Unlisted(Blueprint):
    """A blueprint whose routes are not documented, because the gateway does not expose them."""

    def register_views_in_doc(self, *_args: Any, **_kwargs: Any) -> None:
        """Registers nothing."""


def guarded_by(**tokens: str) -> Callable[[View], View]:
    """Lets only these callers call the view: each name with the token that this service shares with that caller.

    All others get 403, not 404: notify retries after a 403, a wrong configuration, and drops a mail only after a 404,
    when it has no recipient.
    """

    admitted = [token.encode() for token in tokens.values()]
    if not all(admitted):
        raise ValueError("an empty token would admit everybody")

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            presented = request.headers.get(HEADER, "").encode("latin-1")  # the bytes as received
            if not sum(hmac.compare_digest(presented, token) for token in admitted):  # all, whichever matches
                raise Refusal("forbidden", "Only other services may call this route.")
            return view(*args, **kwargs)

        return checked

    return decorate


class NoAnswer(Exception):
    """The service does not know what was asked for, or no longer does."""


class InternalRoutes:
    """Calls of another service below ``/internal``; each takes ``timeout_s`` at most, and ``tls`` checks the server."""

    def __init__(self, url: str, token: str, *, tls: SSLContext | None, timeout_s: float = TIMEOUT_S) -> None:
        self._url = url
        self._tls = tls
        self._token = token.encode().decode("latin-1")  # a header carries bytes
        self._timeout_s = timeout_s

    def ask(self, method: str, resource: str, id: str) -> Any:
        """The JSON answer, None without one. Raises `NoAnswer` for a 404, `OSError` for temporary failures."""
        return self._call(method, f"{resource}/{urllib.parse.quote(id, safe='')}")

    def ask_for(self, resource: str, ids: Iterable[str]) -> Any:
        """The JSON answer about several ids; whichever is unknown is not in it. Raises `OSError`.

        A 404 is such a failure, too: a service of the version before does not know the route.
        """
        try:
            return self._call("GET", f"{resource}?{urllib.parse.urlencode([('id', id) for id in ids])}")
        except NoAnswer as error:
            raise OSError(f"no route for several {resource}") from error

    def _call(self, method: str, path: str) -> Any:
        url = f"{self._url}/internal/{path}"
        headers, data = {HEADER: self._token}, b"" if method == "POST" else None
        asked = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=self._timeout_s, context=self._tls) as answer:
                return json.load(answer) if answer.status == 200 else None
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise NoAnswer from error
            raise
