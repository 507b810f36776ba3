"""Values of a wrong type, non-ASCII digits, blank texts and obsolete currencies are refused."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from babel.core import get_global
from marshmallow import Schema, ValidationError, fields

import services
from chassis.http.pages import QueryFlag, QueryNumber
from contracts.currencies import CURRENCIES
from contracts.fields import Flag, JsonNumber, PriceSchema, Tenths, Text, WholeNumber

STRICT = {
    fields.Boolean: (Flag, QueryFlag),
    fields.Integer: (WholeNumber, QueryNumber),
    fields.Number: (WholeNumber, QueryNumber, JsonNumber),
    fields.DateTime: (),
    fields.Time: (),
    fields.TimeDelta: (),
    fields.UUID: (),
}
"""Converting field classes of marshmallow, and the strict classes used instead."""


def schemas() -> Iterator[type[Schema]]:
    """Every schema class of a request or response."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if "schemas" in module.name.split("."):
            importlib.import_module(module.name)
    waiting: list[type[Schema]] = [Schema]
    while waiting:
        for schema in waiting.pop().__subclasses__():
            waiting.append(schema)
            if schema.__module__.startswith(("services.", "contracts.fields", "chassis.")):
                yield schema


def inner(field: fields.Field[Any]) -> Iterator[fields.Field[Any]]:
    yield field
    if isinstance(field, fields.List):
        yield from inner(field.inner)
    if isinstance(field, fields.Dict):
        for part in (field.key_field, field.value_field):
            if part is not None:
                yield from inner(part)


def lax() -> list[str]:
    found = []
    for schema in schemas():
        for name, declared in schema._declared_fields.items():
            for field in inner(declared):
                for loose, strict in STRICT.items():
                    if isinstance(field, loose) and not isinstance(field, strict):
                        found.append(f"{schema.__module__}.{schema.__name__}.{name}: {type(field).__name__}")
    return sorted(set(found))


def test_no_schema_has_a_converting_field() -> None:
    assert len(list(schemas())) > 50
    assert lax() == []


@pytest.mark.parametrize("value", [0, 1, "true", "no", "off", None, 1.0, []])
def test_only_json_booleans_are_flags(value: Any) -> None:
    with pytest.raises(ValidationError):
        Flag().deserialize(value)


@pytest.mark.parametrize("value", ["1", 1.0, True, "1_0", "٥", None])
def test_only_json_integers_are_whole_numbers(value: Any) -> None:
    with pytest.raises(ValidationError):
        WholeNumber().deserialize(value)


@pytest.mark.parametrize("value", ["0.3", True, None, []])
def test_only_json_numbers_are_tenths(value: Any) -> None:
    with pytest.raises(ValidationError):
        Tenths().deserialize(value)


@pytest.mark.parametrize("value", ["1_0", "٥", "+5", " 5", "5.0", "-1", "", "0x5", "5\n"])
def test_queries_accept_only_ascii_digits(value: str) -> None:
    with pytest.raises(ValidationError):
        QueryNumber().deserialize(value)


@pytest.mark.parametrize("blank", ["\u200b", "\u3164", "\u2800", "\u115f\u1160", "\uffa0", "\u00ad", "\u2060\ufeff",
                                   "\u200b \u3164", "\u0301", "\ufe0f", "\u202e", "\U000e0020", "\ue000"])  # fmt: skip
def test_invisible_texts_are_refused(blank: str) -> None:
    with pytest.raises(ValidationError, match="visible"):
        Text(most=200).deserialize(blank)


@pytest.mark.parametrize("text", ["Léa", "日本", "한국", "👩\u200d🚀", "?", "7", "\u200bA", "हिन्दी"])
def test_texts_in_any_script_are_accepted(text: str) -> None:
    assert Text(most=200).deserialize(text) == text


@pytest.mark.parametrize("code", ["EUX", "DEM", "XXX", "XAU", "XTS", "eur", "EUR ", "ЕUR"])
def test_unused_codes_are_refused(code: str) -> None:
    assert "currency" in PriceSchema().validate({"amount": 1, "currency": code})


@pytest.mark.parametrize("code", ["EUR", "JPY", "TND", "XOF", "USD"])
def test_codes_in_use_are_accepted(code: str) -> None:
    assert PriceSchema().validate({"amount": 1, "currency": code}) == {}


def test_codes_in_use_are_those_of_the_cldr() -> None:
    rows = [row for territory in get_global("territory_currencies").values() for row in territory]
    assert {code for code, _, end, tender in rows if end is None and tender} == CURRENCIES
