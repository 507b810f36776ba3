"""Marshmallow fields for the values that services and clients exchange: instants, durations, money, ids."""

import unicodedata
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import isodate
from marshmallow import Schema, ValidationError, fields, validate, validates

from chassis.facts import Coded
from contracts.currencies import CURRENCIES
from contracts.vocabulary import exists, suggest

MOST_MONEY = 10**12
MOST_DAYS = 1_000
ID = validate.Regexp(r"\A[A-Za-z0-9_-]{1,64}\Z", error=Coded("not-an-id", "Not an id."))
DIGEST = validate.Regexp(r"\A[0-9a-f]{64}\Z", error=Coded("not-a-digest", "Not a SHA-256 digest."))
LANGUAGE = validate.Regexp(r"\A[a-z]{2,3}\Z", error=Coded("not-a-language", "Give an ISO 639 code, such as fr."))
CURRENCY = validate.Regexp(r"\A[A-Z]{3}\Z", error=Coded("not-a-currency", "Give an ISO 4217 code, such as EUR."))


BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Invisible characters that Unicode classifies as letters or symbols."""


def is_visible(text: str) -> bool:
    """Whether the text has a visible character: a letter, digit, punctuation mark or symbol."""
    return any(unicodedata.category(character)[0] in "LNPS" and character not in BLANK for character in text)


class Text(fields.String):
    """A text of ``least`` to ``most`` code points, after trimming, without NUL characters.

    Unless it is empty, at least one of its characters must be visible.
    """

    def __init__(self, least: int = 1, most: int = 200, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.length = validate.Length(least, most)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs).strip()
        if "\x00" in text:
            raise ValidationError(Coded("nul", "Remove the NUL character."))
        self.length(text)
        if text and not is_visible(text):
            raise ValidationError(Coded("invisible", "Give some visible text."))
        return text


class Instant(fields.Field[datetime]):
    """An RFC 3339 time in UTC with milliseconds, the precision of MongoDB."""

    example = "2026-11-23T09:00:00.000Z"

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return str(value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
            if not value.isascii():
                raise ValueError("digits of another script")
            if moment.tzinfo is None:
                raise ValueError("no zone")
            moment = moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValidationError(Coded("not-a-time", "Not an RFC 3339 time.")) from error
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Duration(fields.Field[timedelta]):
    """An ISO 8601 duration of days, hours, minutes and seconds, such as ``PT48H``."""

    example = "PT48H"

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        seconds = value.total_seconds()
        if seconds and seconds % 3600 == 0:
            return f"PT{int(seconds // 3600)}H"
        return str(isodate.duration_isoformat(value))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> timedelta:
        try:
            if not value.isascii():
                raise ValueError("digits of another script")
            parsed = isodate.parse_duration(value)
        except (AttributeError, TypeError, ValueError, OverflowError, isodate.ISO8601Error, ArithmeticError) as error:
            raise ValidationError(Coded("not-a-duration", "Not an ISO 8601 duration, such as PT48H.")) from error
        if not isinstance(parsed, timedelta):
            raise ValidationError(Coded("not-a-duration", "Give days, hours, minutes and seconds only."))
        return parsed


class Flag(fields.Boolean):
    """A JSON boolean; ``1``, ``"yes"`` and ``"true"`` are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise ValidationError(Coded("not-a-flag", "Give true or false."))
        return value


class WholeNumber(fields.Integer):
    """A JSON integer; ``"3"``, ``3.0`` and ``true`` are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError(Coded("not-whole", "Not a whole number."))
        return value


class JsonNumber(fields.Float):
    """A JSON number, such as a score; ``"0.3"`` and ``true`` are refused."""

    example = 0.6

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if type(value) not in (int, float):
            raise ValidationError(Coded("not-a-number", "Not a number."))
        return float(value)


class Tenths(JsonNumber):
    """A JSON number, such as a mean, rounded to a tenth."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        return round(super()._deserialize(value, attr, data, **kwargs), 1)


class HalfDays(fields.Field[float]):
    """A number of days in steps of 0.5, from 0.5; a whole number becomes an int."""

    example = 6.5

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if type(value) not in (int, float) or not 0.5 <= value <= MOST_DAYS or value * 2 % 1:
            raise ValidationError(Coded("not-half-days", "Give days from 0.5 in halves."))
        return int(value) if value == int(value) else float(value)


class MoneySchema(Schema):
    """Money in an event. Any currency code is accepted, because stored events may outlive a currency."""

    amount = WholeNumber(required=True, validate=validate.Range(1, MOST_MONEY))
    currency = fields.String(required=True, validate=CURRENCY)


class PriceSchema(MoneySchema):
    """``{"amount": 120000, "currency": "EUR"}``: a positive whole number of minor units, in a currency in use."""

    @validates("currency")
    def check_currency(self, code: str, **_: Any) -> None:
        """Raises ValidationError unless the currency is in `CURRENCIES`."""
        if code not in CURRENCIES:
            raise ValidationError(
                Coded("not-a-currency", "Give the ISO 4217 code of a currency in use, such as EUR.")
            )


class Day(fields.String):
    """A date as ``YYYY-MM-DD``, kept as text."""

    example = "2026-12-07"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            if value != date.fromisoformat(value).isoformat():  # fromisoformat accepts other forms of ISO 8601, too
                raise ValueError("another form")
        except (TypeError, ValueError) as error:
            raise ValidationError(Coded("not-a-date", "Not a date (YYYY-MM-DD).")) from error
        return str(value)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"Factory", "localtime"})  # these depend on the machine


class Zone(fields.String):
    """The name of an IANA time zone."""

    example = "Europe/Paris"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name: str = super()._deserialize(value, attr, data, **kwargs)
        if name not in _zones():
            raise ValidationError(Coded("not-a-zone", "Not an IANA time zone, such as Europe/Paris."))
        return name


def Money(**kwargs: Any) -> fields.Nested:
    """A nested `PriceSchema`."""
    return fields.Nested(PriceSchema, **kwargs)


def AnyMoney(**kwargs: Any) -> fields.Nested:
    """A nested `MoneySchema`."""
    return fields.Nested(MoneySchema, **kwargs)


def Id(**kwargs: Any) -> fields.String:
    """An opaque id."""
    return fields.String(validate=ID, **kwargs)


class Listed(fields.List[Any]):
    """A list of ``least`` to ``most`` items. Its length is checked before any item is validated."""

    def __init__(self, item: fields.Field[Any], *, most: int, least: int = 0, **kwargs: Any) -> None:
        self.length = validate.Length(least or None, most)
        super().__init__(item, validate=self.length, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list):
            self.length(value)
        return super()._deserialize(value, attr, data, **kwargs)


class Distinct(Listed):
    """A list without its repeated items. The length limit applies before they are removed."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        return list(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))


def Texts(most: int, each: int = 200, **kwargs: Any) -> Listed:
    """A list of at most ``most`` texts of at most ``each`` code points."""
    return Listed(Text(most=each), most=most, **kwargs)


class Skills(Listed):
    """Ids of the vocabulary. Each unknown id is an error; the first `SUGGESTED` errors suggest similar ids."""

    SUGGESTED = 3
    """Number of unknown ids that get suggestions, because each takes milliseconds."""

    def __init__(self, *, most: int, least: int = 1, **kwargs: Any) -> None:
        super().__init__(fields.String(validate=validate.Length(max=100)), most=most, least=least, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        ids = super()._deserialize(value, attr, data, **kwargs)
        unknown = [(place, id) for place, id in enumerate(ids) if not exists(id)]
        if unknown:
            near = {id: suggest(id) for _, id in unknown[: self.SUGGESTED]}
            raise ValidationError({place: [_not_a_skill(near.get(id))] for place, id in unknown})
        return ids


def _not_a_skill(near: list[str] | None) -> Coded:
    hint = "" if near is None else f" Near: {', '.join(near) or 'nothing'}."
    return Coded("not-in-vocabulary", f"Not in the vocabulary.{hint}", near=near or [])
