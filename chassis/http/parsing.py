"""Strict JSON parsing: a body that is not exactly one JSON value in UTF-8 is refused before any schema sees it."""

import json
from typing import Any, NoReturn

from flask import Request
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

from chassis.facts import Refusal

MOST_MEMBERS = 100
"""Maximum number of members of a JSON object, because each unknown member adds an error to the answer."""


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_MEMBERS:
        raise Refusal("malformed", f"A JSON object has at most {MOST_MEMBERS} members.")
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("duplicate key")
    return dict(pairs)


def _no_constant(_text: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def strict_value(raw: bytes) -> Any:
    """Parses the JSON value in ``raw``. Refuses ``malformed`` (400) for anything else."""
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # fails for an unpaired surrogate
    except (ValueError, RecursionError) as error:
        raise Refusal("malformed", "The body is not valid JSON in UTF-8.") from error
    return value


def strict_json(raw: bytes) -> dict[str, Any]:
    """Parses the JSON object in ``raw``. Refuses ``malformed`` (400) for anything else."""
    value = strict_value(raw)
    if not isinstance(value, dict):
        raise Refusal("malformed", "The body must be a JSON object.")
    return value


class StrictParser(FlaskParser):
    """Reads bodies with `strict_json`; an unknown field is an error."""

    DEFAULT_VALIDATION_STATUS = 422

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body. Refuses ``not-json`` (415) if its content type is not JSON."""
        raw = req.get_data()
        if raw and not req.is_json:
            raise Refusal("not-json", "Send Content-Type: application/json.")
        return strict_json(raw)


class BodyOptional(StrictParser):
    """Treats a missing body as an empty object, unless the schema has a required field."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body, or an empty object if there is none and no field is required."""
        required = any(field.required for field in schema.fields.values())
        return super().load_json(req, schema) if required or req.get_data() else {}


class Blueprint(SmorestBlueprint):
    """flask-smorest's blueprint with the strict parser."""

    ARGUMENTS_PARSER = StrictParser()

    def arguments(self, schema: type[Schema] | Schema, **options: Any) -> Any:
        """As flask-smorest, with one instance of the schema for all requests instead of a new one for each."""
        return super().arguments(schema() if isinstance(schema, type) else schema, **options)


class OptionalBodies(Blueprint):
    """A blueprint whose routes accept a missing body where no field is required."""

    ARGUMENTS_PARSER = BodyOptional()
