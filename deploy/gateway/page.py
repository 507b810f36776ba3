"""Renders the OpenAPI document as an HTML page."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
Schema = dict[str, Any]


def page(document: Schema) -> str:
    """The document as one self-contained HTML page."""
    jinja = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                        lstrip_blocks=True, keep_trailing_newline=True)  # fmt: skip
    jinja.filters["code"] = _halves
    operations = [
        _shown(document, path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    groups = [(tag, [shown for shown in operations if shown["tag"] == tag["name"]]) for tag in document["tags"]]
    problem, examples = document["components"]["schemas"]["Problem"], document["components"].get("examples", {})
    return jinja.get_template("docs.html.j2").render(
        info=document["info"],
        groups=groups,
        problem=problem,
        problem_fields=list(_fields(document, problem)),
        problems=[(name, one["value"]["status"], _example(one)) for name, one in examples.items()],
    )


def _shown(document: Schema, path: str, method: str, operation: Schema) -> Schema:
    """The template's data for one operation."""
    answers = [_shown_answer(document, status, answer) for status, answer in operation["responses"].items()]
    body = operation.get("requestBody")
    content = next(iter(body["content"].values())) if body else None
    return {
        "id": operation["operationId"],
        "tag": operation["tags"][0],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "who": operation["description"],
        "parameters": [_resolve(document, parameter) for parameter in operation.get("parameters", ())],
        "body_required": bool(body and body.get("required")),
        "body": list(_fields(document, content["schema"])) if content else None,
        "body_example": _example(content) if content else "",
        "answers": [answer for answer in answers if not answer["problem"]],
        "problems": [answer for answer in answers if answer["problem"]],
    }


def _shown_answer(document: Schema, status: str, answer: Schema) -> Schema:
    whole = _resolve(document, answer)
    contents: Schema = whole.get("content", {"": {}})
    content_type, content = next(iter(contents.items()))
    return {
        "status": status,
        "problem": not status.startswith("2"),
        "description": answer.get("description") or whole["description"],
        "headers": list(whole.get("headers", {})),
        "type": content_type,
        "fields": list(_fields(document, content.get("schema", {}))),
        "example": _example(content),
    }


def _example(content: Schema) -> str:
    """An example as text; empty if there is none."""
    value = content.get("example", content.get("value"))
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)


def _resolve(document: Schema, node: Schema) -> Schema:
    if "$ref" not in node:
        return node
    found: Any = document
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def _fields(document: Schema, schema: Schema, before: str = "") -> Iterator[Schema]:
    """The fields of an object; nested ones are named `price.amount` or `items[].id`."""
    whole, _ = _plain(document, schema)
    if whole.get("type") == "array":
        yield from _fields(document, whole["items"], f"{before}[]")
    prefix = f"{before}." if before else ""
    for name, below in whole.get("properties", {}).items():
        inner, null = _plain(document, below)
        yield {
            "name": prefix + name,
            "required": name in whole.get("required", ()),
            "type": _type(document, inner) + (" or null" if null else ""),
            "limits": ", ".join(_limits(inner)),
            "description": below.get("description", ""),
        }
        yield from _fields(document, inner, prefix + name)
    if isinstance(whole.get("additionalProperties"), dict):
        yield from _fields(document, whole["additionalProperties"], f"{prefix}*")


def _plain(document: Schema, schema: Schema) -> tuple[Schema, bool]:
    """The schema with references resolved, and whether it may be null."""
    whole = _resolve(document, schema)
    if "anyOf" in whole:
        others = [one for one in whole["anyOf"] if one != {"type": "null"}]
        return _resolve(document, others[0]), len(others) < len(whole["anyOf"])
    kinds = whole.get("type")
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        return {**whole, "type": rest[0]}, len(rest) < len(kinds)
    return whole, False


def _type(document: Schema, schema: Schema) -> str:
    if schema.get("type") == "array":
        return f"list of {_type(document, _plain(document, schema['items'])[0])}"
    return str(schema.get("format") or schema.get("type") or "any")


def _limits(schema: Schema) -> Iterator[str]:
    signs = {"minimum": "at least", "maximum": "at most", "multipleOf": "in steps of"}
    yield from (f"{words} {schema[key]:,}".replace(",", " ") for key, words in signs.items() if key in schema)
    for least, most, unit in (("minLength", "maxLength", "characters"), ("minItems", "maxItems", "items")):
        if least in schema or most in schema:
            bounds = f"{schema[least]} to {schema[most]}" if {least, most} <= schema.keys() else (
                f"at least {schema[least]}" if least in schema else f"at most {schema[most]}"
            )  # fmt: skip
            yield f"{bounds} {unit}"
    if "enum" in schema:
        yield "one of " + ", ".join(map(str, schema["enum"]))
    if "pattern" in schema:
        yield schema["pattern"]
    if schema.get("default") is not None:
        yield f"{json.dumps(schema['default'])} when left out"


def _halves(text: str) -> list[tuple[bool, str]]:
    """The text split at backticks; each piece with whether it was between backticks."""
    return [(place % 2 == 1, piece) for place, piece in enumerate(text.split("`")) if piece]
