"""A service's OpenAPI 3.1 document: flask-smorest's description of its routes, and what all operations share."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint
from marshmallow import fields

from chassis.facts import Refusal, wrong
from chassis.http.commands import takes_key
from chassis.http.examples import Story, example_of
from chassis.http.problems import problem_body
from chassis.http.proofs import Proof
from chassis.http.said import by_status

Schema = dict[str, Any]
Keywords = Callable[[Any], Schema]
Kinds = Mapping[type[fields.Field[Any]], tuple[str, str | None, Keywords]]
"""The JSON type, format and further keywords of each custom field class."""

VERSION = "3.1.0"
PROBLEM_JSON = "application/problem+json"
PUBLISHED = ("/api/", "/.well-known/")
METHODS = ("get", "post", "put", "patch", "delete")

TEXT: Schema = {"type": "string"}
PROBLEM: Schema = {
    "type": "object",
    "description": "An error (RFC 9457). Programs decide by `type`; `title` and `detail` are for people.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:releve:problem:[a-z-]+$"},
        "title": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": TEXT,
        "params": {"type": "object", "description": "The data in `detail`, by name."},
        "errors": {
            "type": "array",
            "description": "With 422: what is wrong, field by field.",
            "items": {
                "type": "object",
                "required": ["field", "code", "params", "message"],
                "properties": {
                    "field": TEXT,
                    "code": {"type": "string", "pattern": "^[a-z-]+$", "description": "For programs; docs/api.md."},
                    "params": {"type": "object", "description": "The data in the message, by name."},
                    "message": TEXT,
                },
            },
        },
        "leaks": {
            "type": "array",
            "description": "With `identity-leak`: what would reveal the client, or might: offsets in code points.",
            "items": {
                "type": "object",
                "required": ["field", "start", "end", "kind", "text", "certain"],
                "properties": {
                    "field": TEXT,
                    "start": {"type": "integer"},
                    "end": {"type": "integer"},
                    "kind": TEXT,
                    "text": TEXT,
                    "certain": {"type": "boolean", "description": "False: a common word that is also a name."},
                },
            },
        },
    },
}


def _problem(description: str, name: str, header: str = "", meaning: str = "") -> Schema:
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": _named([name])}}
    headers = {"headers": {header: {"description": meaning, "schema": TEXT}}} if header else {}
    return {"description": description, **headers, "content": content}


def _named(names: Iterable[str]) -> Schema:
    """References to the examples of these problems."""
    return {name: {"$ref": f"#/components/examples/{name}"} for name in names}


WAIT = ("Retry-After", "Seconds to wait.")
BEARER = ("WWW-Authenticate", "`Bearer`.")
RESPONSES = {
    "400": ("Malformed", _problem("The body cannot be read: it is not one JSON object in UTF-8.", "malformed")),
    "401": ("Unauthenticated", _problem("The access token is missing or not valid.", "unauthenticated", *BEARER)),
    "403": ("Forbidden", _problem("The caller's role may not call this.", "forbidden")),
    "404": ("NotFound", _problem("It does not exist, or the caller may not see it.", "not-found")),
    "409": ("Conflict", _problem("The current state forbids it; `type` names the rule.", "idempotency-running")),
    "412": ("Stale", _problem("`If-Match` does not name the current version.", "stale")),
    "413": ("TooLarge", _problem("The body is larger than 1 MiB.", "too-large")),
    "415": ("NotJson", _problem("The `Content-Type` is not JSON.", "not-json")),
    "422": ("Invalid", _problem("A field is missing, unknown or not valid; `errors` lists them.", "invalid")),
    "429": ("RateLimited", _problem("Too many requests.", "rate-limited", *WAIT)),
    "503": ("Unavailable", _problem("Part of the service is temporarily unavailable.", "unavailable", *WAIT)),
    "default": ("Problem", _problem("Any other problem.", "internal")),
}
PARAMETERS = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Kept for 48 hours for this account and path: the same key and body get the first answer again"
        " (another body: 422 `idempotency-mismatch`, first request still running: 409 `idempotency-running`).",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` of the version that was read; 412 `stale` if it has changed since.",
        "schema": TEXT,
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of the last answer: 304 without a body if there is nothing new to read.",
        "schema": TEXT,
    },
}
EVERYWHERE = [name for _, answer in RESPONSES.values() for name in answer["content"][PROBLEM_JSON]["examples"]]
"""The problems that any service may answer, each the example of its status."""
MISSING = [wrong("title", "missing", "Missing data for required field.")]
BESIDES = {"409": "; or `idempotency-running`", "422": "; or a field is not valid"}
ETAG = {"ETag": {"description": "The version.", "schema": TEXT}}
DIGEST = {"ETag": {"description": "Of this answer to this reader.", "schema": TEXT}}
COMPONENTS: Schema = {
    "schemas": {"Problem": PROBLEM},
    "responses": dict(RESPONSES.values()),
    "parameters": PARAMETERS,
    "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
}


class _Documents(Api):
    """flask-smorest without its default error response."""

    DEFAULT_ERROR_RESPONSE_NAME = ""

    def _register_error_handlers(self) -> None:
        """Registers nothing: this application serves no request."""


def describe(app: Flask, kinds: Kinds | None = None, story: Story | None = None) -> Schema:
    """Describes the routes of ``app`` under ``/api`` and ``/.well-known``. It needs no request and no database.

    The description of a view comes from its decorators: roles (`signed_in`), conditions and ETag (`takes_version`,
    `shows_version`, `conditional`), refusals and the rest (`chassis.http.said`). With a ``story``, every body
    has an example (`chassis.http.examples`); raises `NoExample` for one that cannot be composed.
    """
    api = _document(app, kinds or {})
    found = api.spec.to_dict()
    views = _views(app, api)
    if story is not None:
        _add_examples(found["paths"], views, story)
    paths = {
        path: {
            method: _operation(app.name, method, path, item.get("parameters", []), item[method], views[method, path])
            for method in METHODS
            if method in item
        }
        for path, item in sorted(found["paths"].items())
        if path.startswith(PUBLISHED)
    }
    schemas = _schemas(paths, found.get("components", {}).get("schemas", {}))
    refusals = {name for view in views.values() for name in getattr(view, "refusals", ())}
    examples = {name: {"value": _problem_example(name, story or {})} for name in sorted({*EVERYWHERE, *refusals})}
    return {
        "openapi": VERSION,
        "info": {"title": f"Relève: {app.name}", "version": "1"},
        "paths": _clean(paths),
        "components": {**COMPONENTS, "schemas": {**schemas, **COMPONENTS["schemas"]}, "examples": examples},
    }


def problem_response(status: int | str, description: str = "") -> Schema:
    """The reference to the response for this problem status, optionally with another description."""
    reference = {"$ref": f"#/components/responses/{RESPONSES[str(status)][0]}"}
    return {**reference, "description": description} if description else reference


def references(node: Any) -> Iterator[str]:
    """The names of the schemas that ``node`` refers to."""
    if isinstance(node, dict):
        if str(node.get("$ref", "")).startswith("#/components/schemas/"):
            yield node["$ref"].rpartition("/")[2]
        for below in node.values():
            yield from references(below)
    elif isinstance(node, list):
        for below in node:
            yield from references(below)


def _document(app: Flask, kinds: Kinds) -> _Documents:
    """flask-smorest's document, built in a second application: field kinds must be registered before the routes."""
    beside = Flask(app.name, static_folder=None)
    api = _Documents(beside, spec_kwargs={"title": app.name, "version": "1", "openapi_version": VERSION})
    for kind, (json_type, json_format, _) in kinds.items():
        api.register_field(kind, json_type, json_format)

    def keywords(_converter: Any, field: fields.Field[Any], **_: Any) -> Schema:
        return next((kinds[kind][2](field) for kind in type(field).__mro__ if kind in kinds), {})

    api.ma_plugin.converter.add_attribute_function(keywords)
    for blueprint in app.blueprints.values():
        if isinstance(blueprint, Blueprint):
            api.register_blueprint(blueprint)
    return api


def _views(app: Flask, api: _Documents) -> dict[tuple[str, str], Callable[..., Any]]:
    return {
        (method.lower(), api.flask_plugin.flaskpath2openapi(rule.rule)): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }


def _operation(
    service: str, method: str, path: str, shared: list[Schema], known: Schema, view: Callable[..., Any]
) -> Schema:
    roles: tuple[str, ...] | None = getattr(view, "roles", None)
    takes, shows, compares = (hasattr(view, name) for name in ("takes_version", "shows_version", "conditional"))
    more = deepcopy(getattr(view, "documented", {}))
    body = "requestBody" in known
    keyed = roles is not None and takes_key(method) and not hasattr(view, "keyless")
    stated = {
        "400": body,
        "401": roles is not None,
        "403": bool(roles),
        "404": "{" in path,
        "409": keyed,
        "412": takes,
        "413": body,
        "415": body,
        "422": keyed or body or any(parameter.get("in") == "query" for parameter in known.get("parameters", ())),
        "429": True,
        "503": True,
        "default": True,
    }
    headers = {"IdempotencyKey": keyed, "IfMatch": takes, "IfNoneMatch": compares}
    parameters = [_never_null(parameter) for parameter in (*shared, *known.get("parameters", ()))]
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name, taken in headers.items() if taken]
    parameters += more.pop("parameters", [])
    answers = {status: answer for status, answer in known.get("responses", {}).items() if status.startswith("2")}
    answers |= more.pop("responses", {})
    if shows:
        answers = {status: {**answer, "headers": ETAG} for status, answer in answers.items()}
    if compares:
        answers = {status: {**answer, "headers": DIGEST} for status, answer in answers.items()}
        answers["304"] = {"description": "Nothing has changed for this reader.", "headers": DIGEST}
    problems = {status: problem_response(status) for status, so in stated.items() if so}
    return {
        "tags": [service],
        "operationId": f"{service}_{inspect.unwrap(view).__name__}",
        "summary": (view.__doc__ or "").strip().partition("\n")[0],
        "description": _who(roles, getattr(view, "proof", Proof.PASSWORD)),
        **({} if roles is None else {"x-roles": list(roles)}),
        "security": [] if roles is None else [{"bearer": []}],
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": _body(known["requestBody"], more.pop("requestBody", {}))} if body else {}),
        "responses": {**answers, **problems, **_refusals(view, problems)},
    }


def _body(known: Schema, said: Schema) -> Schema:
    """The request body; content types that the view states are added to the one of its schema."""
    return {**known, **said, "content": {**known["content"], **said.get("content", {})}}


def _refusals(view: Callable[..., Any], stated: Schema) -> Schema:
    """The responses that name the view's refusals, together with those that any view may give for the same status."""
    found: Schema = {}
    for status, names in by_status(getattr(view, "refusals", ())).items():
        if status == "404":
            found[status] = problem_response(status)
            continue
        _, usual = RESPONSES[status]
        also = usual["content"][PROBLEM_JSON]["examples"] if status in stated else {}
        words = ", ".join(f"`{name}`" for name in names) + (BESIDES.get(status, "") if also else "") + "."
        content = {"schema": usual["content"][PROBLEM_JSON]["schema"], "examples": {**_named(names), **also}}
        found[status] = {**usual, "description": words, "content": {PROBLEM_JSON: content}}
    return found


def _problem_example(name: str, story: Story) -> Schema:
    """A problem as it is answered; the places of a leak come from the story."""
    leaks = {"leaks": story["leaks"]} if name == "identity-leak" and "leaks" in story else {}
    body = problem_body(Refusal(name, errors=MISSING if name == "invalid" else (), extra=leaks))
    return {member: value for member, value in body.items() if value not in ("", [])}


def _add_examples(paths: Schema, views: Mapping[tuple[str, str], Callable[..., Any]], story: Story) -> None:
    """Gives an example to the body of each operation, and to each of its answers that has a schema."""
    for (method, path), view in views.items():
        operation = paths.get(path, {}).get(method, {})
        said, (bodies, answers) = getattr(view, "example", {}), schemas_of(view)
        for content in operation.get("requestBody", {}).get("content", {}).values():
            content["example"] = example_of(bodies[0], story, said.get("body"))
        for status, answer in operation.get("responses", {}).items():
            for content in answer.get("content", {}).values() if status in answers else ():
                content["example"] = example_of(answers[status], story, said.get("answer"))


def schemas_of(view: Callable[..., Any]) -> tuple[list[Any], dict[str, Any]]:
    """The marshmallow schemas of a view's body (none or one) and of its answers, by status."""
    known = getattr(view, "_apidoc", {})
    taken = known.get("arguments", {}).get("parameters", ())
    given = known.get("response", {}).get("responses", {})
    answers = {str(status): one["schema"] for status, ones in given.items() for one in ones if one.get("schema")}
    return [parameter["schema"] for parameter in taken if parameter["in"] == "json"], answers


def _who(roles: tuple[str, ...] | None, proof: Proof) -> str:
    if roles is None:
        return "Public: no token is needed."
    needs = "" if proof is Proof.PASSWORD else f" Needs a {proof.value} where the settings require one."
    return f"For: {', '.join(roles)}.{needs}" if roles else "For anyone signed in."


def _clean(node: Any) -> Any:
    """Replaces Python's regular expression anchors with those of JSON Schema."""
    if isinstance(node, list):
        return [_clean(below) for below in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _clean(below) for name, below in node.items()}
    if isinstance(kept.get("pattern"), str):
        kept["pattern"] = kept["pattern"].replace(r"\A", "^").replace(r"\Z", "$")
    return kept


def _never_null(parameter: Schema) -> Schema:
    """Removes null from a query parameter's schema: a parameter that may be None in the code is omitted instead."""
    schema = dict(parameter["schema"])
    if isinstance(schema.get("type"), list):
        (schema["type"],) = (kind for kind in schema["type"] if kind != "null")
    if schema.get("default", ...) is None:
        del schema["default"]
    return {**parameter, "schema": schema}


def _schemas(paths: Schema, known: Schema) -> Schema:
    """The schemas that the paths use. Request bodies are closed at any depth; answers may gain fields later."""
    operations = [operation for item in paths.values() for operation in item.values()]
    bodies = _reached([operation.get("requestBody") for operation in operations], known)
    kept = {name: {key: value for key, value in known[name].items() if key != "additionalProperties"}
            for name in _reached(operations, known)}  # fmt: skip
    return {name: _clean(schema | ({"additionalProperties": False} if name in bodies else {}))
            for name, schema in kept.items()}  # fmt: skip


def _reached(node: Any, schemas: Schema) -> set[str]:
    """The names of the schemas that ``node`` refers to, directly or through other schemas."""
    reached: set[str] = set()
    waiting = set(references(node)) & schemas.keys()
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= set(references(schemas[name])) - reached
    return reached
