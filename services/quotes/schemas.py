"""The HTTP bodies of this service, as documented in docs/api.md."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from contracts.fields import Flag, Id, Instant, WholeNumber
from contracts.story import QUOTE, Example
from services.quotes.model import forms


class WholeTerms(Schema):
    """All terms of a quote."""

    class Meta:
        include = forms(required=True)


class AnyTerms(Schema):
    """Any subset of the terms."""

    class Meta:
        include = forms()


class QuoteBody(WholeTerms):
    """``POST /api/quotes``"""

    project_id = Id(required=True)


class RevisionBody(AnyTerms):
    """``PATCH /api/quotes/{id}``"""

    EXAMPLE: ClassVar[Example] = {"starts_on": ..., "proposal": ..., "valid_until": ...}


class ReceiptSchema(Schema):
    """Proof of what was submitted and when."""

    nonce = fields.String()
    digest = fields.String()
    received_at = Instant()
    jws = fields.String()


class SubmittedSchema(Schema):
    """The response to a submitted quote."""

    EXAMPLE: ClassVar[Example] = {"id": QUOTE, "state": "sealed"}

    id = fields.String()
    project_id = fields.String()
    state = fields.String()
    receipt = fields.Nested(ReceiptSchema)


class QuoteSchema(AnyTerms):
    """A quote as its mentor or, after the window, the client sees it; a destroyed one has no terms."""

    EXAMPLE: ClassVar[Example] = {"id": QUOTE, "state": "sealed", "mentor_id": ..., "outcome": ...}

    id = fields.String()
    project_id = fields.String()
    mentor_id = fields.String()
    state = fields.String()
    outcome = fields.String()
    receipt = fields.Nested(ReceiptSchema)


class QuoteList(Schema):
    """The quotes of a round: five at most, so always one page."""

    items = fields.List(fields.Nested(QuoteSchema))
    next_cursor = fields.String(allow_none=True)


class ExportedRoundSchema(Schema):
    """A round of the caller's own project."""

    EXAMPLE: ClassVar[Example] = {"reason": "deadline"}

    project_id = fields.String()
    opened_at = Instant()
    closes_at = Instant()
    closed_at = Instant(allow_none=True)
    reason = fields.String(allow_none=True)
    received = WholeNumber()


class ExportSchema(Schema):
    """All data that this service holds about a person."""

    quotes = fields.List(fields.Nested(QuoteSchema))
    invited_to = fields.List(fields.String())
    rounds = fields.List(fields.Nested(ExportedRoundSchema))


class QuoteQuery(Schema):
    """``?project_id=``"""

    project_id = fields.String(required=True)


class RoundSchema(Schema):
    """A round: clients see counts, mentors see only whether a slot is free."""

    EXAMPLE: ClassVar[Example] = {"state": "open", "slot_free": ..., "extended": False, "reason": ..., "digests": ...}

    state = fields.String(validate=validate.OneOf(["open", "closed"]))
    closes_at = Instant()
    received = WholeNumber()
    slots = WholeNumber()
    extended = Flag()
    slot_free = Flag()
    reason = fields.String()
    digests = fields.List(fields.String())


class RoundAtRiskSchema(Schema):
    """A round that may end with too few quotes: counts only, no texts or names."""

    project_id = fields.String()
    closes_at = Instant()
    received = WholeNumber()
    claimed = WholeNumber()
    invited = WholeNumber()


class ClaimSchema(Schema):
    """When the claim on the slot expires."""

    expires_at = Instant()
