"""The codes of Marshmallow's own messages; `chassis.facts.Coded` and `wrong` give those of ours.

Marshmallow hands on a finished sentence. Its templates are read from the library, so that another version of it with
other words keeps the codes.
"""

import re
from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, fields, validate

from chassis.facts import Coded

INVALID = "invalid"
"""The code of an error for which none is known."""
_SAID: dict[str, list[Any]] = {
    "missing": [fields.Field.default_error_messages["required"]],
    "null": [fields.Field.default_error_messages["null"]],
    "unknown": [Schema._default_error_messages["unknown"]],
    "wrong-type": [
        Schema._default_error_messages["type"],
        fields.Nested.default_error_messages["type"],
        fields.String.default_error_messages["invalid"],
        fields.String.default_error_messages["invalid_utf8"],
        fields.List.default_error_messages["invalid"],
        fields.Mapping.default_error_messages["invalid"],
    ],
    "not-a-number": [fields.Number.default_error_messages["invalid"]],
    "not-whole": [fields.Integer.default_error_messages["invalid"]],
    "not-a-flag": [fields.Boolean.default_error_messages["invalid"]],
    "too-big": [fields.Number.default_error_messages["too_large"], validate.Range(max=1).message_max],
    "too-small": [validate.Range(min=1).message_min, validate.Range(min=1, min_inclusive=False).message_min],
    "out-of-range": [validate.Range(1, 2).message_all],
    "too-short": [validate.Length.message_min],
    "too-long": [validate.Length.message_max],
    "wrong-length": [validate.Length.message_all],
    "not-one-of": [validate.OneOf.default_message],
    "wrong-form": [validate.Regexp.default_message],
}
CODES = frozenset(_SAID)


def coded(message: Any) -> Coded:
    """The message with its code and params; `INVALID` for an unknown one."""
    if isinstance(message, Coded):
        return message
    for code, pattern in _PATTERNS:
        if found := pattern.fullmatch(str(message)):
            return Coded(code, str(message), **{name: _value(text) for name, text in found.groupdict().items()})
    return Coded(INVALID, str(message))


def _pattern(template: Any) -> re.Pattern[str]:
    """Numbers are one word, choices any text."""
    said = re.escape(str(template)).replace(r"\{choices\}", "(?P<choices>.*)")
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>\\S+)", said), re.DOTALL)


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for code, templates in _SAID.items():
        yield from ((code, _pattern(template)) for template in templates)


def _value(text: str) -> int | float | str:
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


_PATTERNS = tuple(_patterns())
