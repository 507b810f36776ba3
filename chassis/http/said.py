"""Decorators that describe a view for the API's document: its refusals, its examples and what no schema contains.

Each stores its description on the view, and `chassis.http.openapi` reads it. A view that answers with a refusal that it
does not name logs an error (`chassis.http.problems`), which tests look for.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from chassis.http.problems import STATUS

Schema = dict[str, Any]
View = TypeVar("View", bound=Callable[..., Any])


def refuses(*names: str) -> Callable[[View], View]:
    """Names the refusals that a client may need to distinguish.

    Refusals in `problems.TITLES` are implied, except ``not-found`` for a path without an id.
    """

    def decorate(view: View) -> View:
        view.refusals = names  # type: ignore[attr-defined]
        return view

    return decorate


def keyless(view: View) -> View:
    """Says that this POST ignores ``Idempotency-Key``: its answer holds a secret, and must not be stored."""
    view.keyless = True  # type: ignore[attr-defined]
    return view


def documented(**more: Any) -> Callable[[View], View]:
    """Adds details to the operation that no schema contains: ``parameters`` are appended, other members merged."""

    def decorate(view: View) -> View:
        view.documented = more  # type: ignore[attr-defined]
        return view

    return decorate


def example(body: Any = None, answer: Any = None) -> Callable[[View], View]:
    """Overrides members of the examples derived from the schemas (`chassis.http.examples`)."""

    def decorate(view: View) -> View:
        view.example = {"body": body, "answer": answer}  # type: ignore[attr-defined]
        return view

    return decorate


def by_status(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Groups refusals by HTTP status."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(str(STATUS.get(name, 409)), []).append(name)
    return found


def answers(content_type: str, schema: Schema, example: Any) -> Schema:
    """The 200 response of a view without a marshmallow schema, for `documented`."""
    return {"200": {"description": "OK", "content": {content_type: {"schema": schema, "example": example}}}}


def header(name: str, description: str) -> list[Schema]:
    """The parameter of a request header, for `documented`."""
    return [{"name": name, "in": "header", "description": description, "schema": {"type": "string"}}]


KEY_SET: Schema = {
    "type": "object",
    "required": ["keys"],
    "properties": {
        "keys": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("kty", "crv", "x", "y", "kid", "use", "alg")},
            },
        }
    },
}
"""Public keys (RFC 7517)."""


def key_set(key_id: str) -> Schema:
    """A set of one key, for examples: that of RFC 7517, appendix A.1."""
    x, y = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
    key = {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": key_id, "use": "sig", "alg": "ES256"}
    return {"keys": [key]}
