"""What a view says of itself for the API's document: its refusals, examples, and what no schema tells.

Each decorator leaves its words on the view; `chassis.http.openapi` reads them. A refusal that is
answered and not named is logged (`chassis.http.problems`), and tests look for it.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from chassis.http.problems import STATUS

Schema = dict[str, Any]
View = TypeVar("View", bound=Callable[..., Any])


def refuses(*names: str) -> Callable[[View], View]:
    """Names the refusals by which a client may have to decide.

    Those of `problems.TITLES` need no naming, except ``not-found`` where the path holds no id.
    """

    def decorate(view: View) -> View:
        view.refusals = names  # type: ignore[attr-defined]
        return view

    return decorate


def documented(**more: Any) -> Callable[[View], View]:
    """Adds to the operation what no schema says: ``parameters`` are added, other parts are updated."""

    def decorate(view: View) -> View:
        view.documented = more  # type: ignore[attr-defined]
        return view

    return decorate


def example(body: Any = None, answer: Any = None) -> Callable[[View], View]:
    """Members of the examples that say more than the schemas' own do (`chassis.http.examples`)."""

    def decorate(view: View) -> View:
        view.example = {"body": body, "answer": answer}  # type: ignore[attr-defined]
        return view

    return decorate


def by_status(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Refusals under the status that each is answered with."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(str(STATUS.get(name, 409)), []).append(name)
    return found


def answers(content_type: str, schema: Schema) -> Schema:
    """The only answer of a view that has no marshmallow schema, for `documented`."""
    return {"200": {"description": "OK", "content": {content_type: {"schema": schema}}}}


def header(name: str, description: str) -> list[Schema]:
    """The parameter that a request header is, for `documented`."""
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
