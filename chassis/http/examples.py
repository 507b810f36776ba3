"""Composes the example of a schema from the values of its fields.

The value of a field is the first of these that exists: its member in the view's `chassis.http.said.example`; its member
in the schema's ``EXAMPLE``, where ``...`` leaves the field out; the field's ``metadata["example"]``; the entry in the
story with the field's name; the example of the schema or field inside it; its first allowed choice; ``example`` of
the field's class. If none exists, `NoExample` is raised.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

Story = Mapping[str, Any]


class NoExample(LookupError):
    """A field has no example; the text names schema and field."""


def example_of(schema: Schema | type[Schema], story: Story, said: Mapping[str, Any] | None = None) -> Any:
    """An example of the JSON that the schema describes; a list of one for a schema with ``many``."""
    whole = schema if isinstance(schema, Schema) else schema()
    members = {**getattr(whole, "EXAMPLE", {}), **(said or {})}
    made = {}
    for name, field in whole.fields.items():
        value = members.get(name) if name in members else _of(field, f"{type(whole).__name__}.{name}", name, story)
        if value is not ...:
            made[field.data_key or name] = value
    return [made] if whole.many else made


def _of(field: fields.Field[Any], place: str, name: str, story: Story) -> Any:
    if "example" in field.metadata:
        return field.metadata["example"]
    fits = isinstance(story.get(name), Mapping) or not isinstance(field, fields.Nested)
    if name in story and fits and not isinstance(field, fields.Boolean):
        return story[name]
    if isinstance(field, fields.Nested):
        return example_of(field.schema, story)
    if isinstance(field, fields.List):
        return [_of(field.inner, place, "", story)]
    if isinstance(field, fields.Dict) and field.key_field and field.value_field:
        return {_of(field.key_field, place, "", story): _of(field.value_field, place, "", story)}
    for choice in field.validators:
        if isinstance(choice, validate.OneOf):
            return next(iter(choice.choices))
    if isinstance(field, fields.Boolean):
        return field.load_default if isinstance(field.load_default, bool) else True
    if hasattr(field, "example"):
        return field.example
    raise NoExample(f"{place}: give it an example")
