"""One request of one visitor: who they are, their language, and the API as they see it."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar

from flask import Response, current_app, g, redirect, request

from chassis.http.origin import caller_address
from web.api import FOR_OPERATORS, Api, Caller, NotFound, SignedOut
from web.config import Config
from web.cookies import Cookie
from web.session import KEPT_S, Seal, Session, Sessions
from web.vocabulary import Vocabulary
from web.words import LOCALES, Words

View = TypeVar("View", bound=Callable[..., Any])
COOKIE = Cookie("releve")
SIGN_IN_S = 3600
"""Seconds for which a text typed without a session is kept sealed on the sign-in page."""


@dataclass(frozen=True)
class Parts:
    """What the process shares between requests."""

    config: Config
    api: Api
    seal: Seal
    sessions: Sessions
    vocabulary: Vocabulary


def parts() -> Parts:
    """The shared parts of this application."""
    found: Parts = current_app.extensions["web"]
    return found


@dataclass
class Visit:
    """The visitor of this request. `session` is None for a stranger."""

    session: Session | None
    words: Words
    caller: Caller
    now: datetime

    @property
    def role(self) -> str:
        """`client`, `mentor`, `operator`, or empty."""
        return self.session.role if self.session else ""


def visit() -> Visit:
    """The visit of this request."""
    found: Visit = g.visit
    return found


def begin() -> None:
    """Opens the session and renews its tokens where needed; runs before every request."""
    shared = parts()
    session = shared.sessions.opened(COOKIE.read(shared.config))
    if session:
        fresh = shared.sessions.fresh(session, caller_address())
        g.cookie = shared.sessions.sealed(fresh) if fresh and fresh is not session else "" if fresh is None else None
        session = fresh
    arrive(session)


def arrive(session: Session | None) -> None:
    """Makes this the session of the request."""
    locale = session.locale if session else _strangers_locale()
    words = Words(locale, session.zone if session else "Europe/Paris")
    token, operators = session.access if session else "", FOR_OPERATORS in request.headers
    caller = Caller(parts().api, token, words.locale, caller_address(), operators)
    g.visit = Visit(session, words, caller, datetime.now(UTC))


def sign_in(session: Session) -> None:
    """Makes this the session of the request and of the browser."""
    g.cookie = parts().sessions.sealed(session)
    arrive(session)


def remember_part() -> None:
    """Remembers that this mentor takes part in a programme; the navigation has it from then on."""
    session = visit().session
    if session and session.role == "mentor" and not session.takes_part:
        visit().session = replace(session, takes_part=True)
        g.cookie = parts().sessions.sealed(replace(session, takes_part=True))


def sign_out() -> None:
    """Ends the session in the browser."""
    g.cookie = ""
    arrive(None)


def finish(response: Response) -> Response:
    """Sets or deletes the cookie; runs after every request."""
    cookie, config = g.get("cookie"), parts().config
    if cookie:
        COOKIE.put(response, config, cookie, KEPT_S)
    elif cookie == "":
        COOKIE.delete(response, config)
    return response


def signed_in(*roles: str) -> Callable[[View], View]:
    """Lets in people with a session, of one of these roles if any are named. Others see nothing here."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            session = visit().session
            if session is None:
                raise SignedOut
            if roles and session.role not in roles:
                raise NotFound
            return view(*args, **kwargs)

        return checked  # type: ignore[return-value]

    return decorate


def form_key() -> str:
    """The idempotency key of this form: the same page and the same text are one deed, an edited text is another."""
    nonce = request.form.get("_nonce", "")
    body = "\0".join(f"{name}\1{value}" for name, value in sorted(request.form.items(multi=True)) if name[:1] != "_")
    return hmac.new(nonce.encode(), body.encode(), hashlib.sha256).hexdigest() if nonce else ""


def unsent() -> list[tuple[str, str]]:
    """What this request's form holds in words, to be shown again after signing in; no password waits anywhere."""
    every = request.form.items(multi=True)
    return [(name, value) for name, value in every if name[:1] != "_" and value and "password" not in name]


def doing() -> bool:
    """Whether a form was sent to be carried out; a text that comes back after signing in is only shown again."""
    return request.method == "POST" and "_restore" not in request.form


def local(target: str, otherwise: str = "/home") -> str:
    """The target if it is a path of ours, and not a way out of the site."""
    clean = target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target
    return target if clean and target.isprintable() else otherwise


def go(target: str) -> Response:
    """Redirects after a form: the browser reads the next page with GET."""
    return redirect(target, 303)  # type: ignore[return-value]


def _strangers_locale() -> str:
    asked = request.args.get("lang") or request.cookies.get("lang") or ""
    if asked in LOCALES:
        return asked
    return request.accept_languages.best_match(LOCALES) or "fr"
