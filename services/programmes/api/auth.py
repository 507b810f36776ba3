"""Who calls: an account with an access token, or a participant with a pass for one programme."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import current_app, request

from chassis.facts import Refusal
from chassis.http.auth import Actor, present_actor
from services.programmes.clients.passes import ROLE, is_pass, read_pass

View = TypeVar("View", bound=Callable[..., Any])
ROLES = ("client", "mentor", ROLE)
PASS_KEY = "releve_pass_key"
"""The extension that holds a function which returns the key of passes, for the decorator."""


def taking_part(view: View) -> View:
    """Lets accounts and participants call the view, and passes it the ``actor``. What they may do is for
    `store.standing` to say."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        actor = caller()
        if actor.role not in ROLES:
            raise Refusal("forbidden", f"This is for: {', '.join(ROLES)}.")
        return view(*args, actor=actor, **kwargs)

    checked.roles = ROLES  # type: ignore[attr-defined]  # for `chassis.http.openapi`
    return checked  # type: ignore[return-value]


def caller() -> Actor:
    """The caller of this request. Refuses ``unauthenticated`` without a valid access token or pass."""
    token = bearer()
    if token and is_pass(token):
        return read_pass(token, current_app.extensions[PASS_KEY]())
    actor = present_actor()
    if actor.role == ROLE:  # an account is never a participant by its role: only a pass says so
        raise Refusal("unauthenticated", "This is not a valid access token.")
    return actor


def caller_if_any() -> Actor | None:
    """The account of this request, or None without a token. Refuses ``unauthenticated`` for a token that is wrong."""
    return caller() if request.headers.get("Authorization") else None


def bearer() -> str:
    """The token that the caller sent; empty if there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
