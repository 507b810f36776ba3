"""The HTTP bodies of this service, as API.md pins them."""

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from contracts.fields import Id, Instant, Money, Text

MOST_DAYS = 1_000


class Day(fields.String):
    """A date as ``YYYY-MM-DD``, kept as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            return date.fromisoformat(value).isoformat()
        except (TypeError, ValueError) as error:
            raise ValidationError("Not a date (YYYY-MM-DD).") from error


class HalfDays(fields.Field[float]):
    """A number of days from 0.5 in halves; a whole one is written without a fraction."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if type(value) not in (int, float) or not 0.5 <= value <= MOST_DAYS or value * 2 % 1:
            raise ValidationError("Give days from 0.5 in halves.")
        return int(value) if value == int(value) else float(value)


class TermsSchema(Schema):
    """What a mentor offers."""

    price = Money(required=True)
    days = HalfDays(required=True)
    starts_on = Day(required=True)
    proposal = Text(least=200, most=20_000, required=True)
    valid_until = Day(required=True)


class QuoteBody(TermsSchema):
    """``POST /api/quotes``"""

    project_id = Id(required=True)


class RevisionBody(Schema):
    """``PATCH /api/quotes/{id}``: any of the terms, each of them whole."""

    price = Money()
    days = HalfDays()
    starts_on = Day()
    proposal = Text(least=200, most=20_000)
    valid_until = Day()


class ReceiptSchema(Schema):
    """Proof of what was handed in and when."""

    nonce = fields.String()
    digest = fields.String()
    received_at = Instant()
    jws = fields.String()


class SubmittedSchema(Schema):
    """The answer to a quote handed in."""

    id = fields.String()
    project_id = fields.String()
    state = fields.String()
    receipt = fields.Nested(ReceiptSchema)


class QuoteSchema(TermsSchema):
    """A quote as its mentor or, after the window, the client sees it."""

    id = fields.String()
    project_id = fields.String()
    mentor_id = fields.String()
    state = fields.String()
    outcome = fields.String()
    receipt = fields.Nested(ReceiptSchema)


class QuoteList(Schema):
    """The quotes of a round: five at the most, so one page."""

    items = fields.List(fields.Nested(QuoteSchema))
    next_cursor = fields.String(allow_none=True)


class QuoteQuery(Schema):
    """``?project_id=``"""

    project_id = fields.String(required=True)


class RoundSchema(Schema):
    """A round: counts to the client, a free slot or not to a mentor."""

    state = fields.String(validate=validate.OneOf(["open", "closed"]))
    closes_at = Instant()
    received = fields.Integer()
    slots = fields.Integer()
    extended = fields.Boolean()
    slot_free = fields.Boolean()
    reason = fields.String()
    digests = fields.List(fields.String())


class ClaimSchema(Schema):
    """Until when the slot is kept."""

    expires_at = Instant()
