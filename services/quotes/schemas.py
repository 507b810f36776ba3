"""The HTTP bodies of this service, as documented in docs/api.md."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from chassis.http.pages import page_of
from contracts.fields import Flag, Id, Instant, Listed, WholeNumber
from contracts.market import ENDED_BY
from contracts.story import QUOTE, RECEIVED, THOMAS, Example
from services.quotes.model import DRAFTED, REASONS, STEPS, forms


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


def typed() -> dict[str, fields.Field[Any]]:
    """The fields of a draft: texts as typed, neither trimmed nor judged."""
    return {name: fields.String(validate=validate.Length(max=most)) for name, most in DRAFTED.items()}


class DraftBody(Schema):
    """``PUT /api/rounds/{id}/draft``: texts as typed; a field left out is empty."""

    EXAMPLE: ClassVar[Example] = {"price": "3 900", "days": "6,5", "starts_on": "7 déc.", "valid_until": ""}

    class Meta:
        include = typed()


class DraftSchema(DraftBody):
    """A mentor's draft."""

    saved_at = Instant()


class ExportedDraftSchema(DraftSchema):
    """A mentor's draft in the export."""

    project_id = fields.String()


class ExportSchema(Schema):
    """All data that this service holds about a person."""

    quotes = fields.List(fields.Nested(QuoteSchema))
    invited_to = fields.List(fields.String())
    drafts = fields.List(fields.Nested(ExportedDraftSchema))
    rounds = fields.List(fields.Nested(ExportedRoundSchema))


class OwnQuoteSchema(QuoteSchema):
    """A quote in its mentor's list of all; ``title`` is that of its project, while the client has an account."""

    EXAMPLE: ClassVar[Example] = QuoteSchema.EXAMPLE | {"created_at": RECEIVED}

    title = fields.String()
    created_at = Instant()
    closes_at = Instant()


OwnQuotePage = page_of(OwnQuoteSchema)


class RoundQuery(Schema):
    """``?project_id=&project_id=``"""

    project_id = Listed(Id(), least=1, most=50, required=True)


class QuoteQuery(Schema):
    """``?project_id=``"""

    project_id = fields.String(required=True)


class RoundSchema(Schema):
    """A round: clients see counts, mentors see only whether a slot is free."""

    EXAMPLE: ClassVar[Example] = {
        "state": "open", "slot_free": ..., "extended": False, "reason": ..., "digests": ..., "expires_at": ...,
        "ended_by": ..., "ended_for": ..., "extends_to": "2026-11-26T09:00:00.000Z",
    }  # fmt: skip

    project_id = fields.String()
    state = fields.String(validate=validate.OneOf(["open", "closed"]))
    closes_at = Instant()
    received = WholeNumber()
    slots = WholeNumber()
    extended = Flag()
    extends_to = Instant()  # the end that the client may still choose, once
    slot_free = Flag()
    reason = fields.String()
    digests = fields.List(fields.String())
    currency = fields.String()
    invited = WholeNumber()
    claimed = WholeNumber()
    expires_at = Instant()  # of the mentor's own claim
    ended_by = fields.String(validate=validate.OneOf(ENDED_BY))
    ended_for = fields.String()


class ExtensionSchema(Schema):
    """The new end of an extended window."""

    EXAMPLE: ClassVar[Example] = {"closes_at": "2026-11-26T09:00:00.000Z"}

    closes_at = Instant()


class RoundList(Schema):
    """The rounds of several projects: always one page."""

    items = fields.List(fields.Nested(RoundSchema))
    next_cursor = fields.String(allow_none=True)


class RoundAtRiskSchema(Schema):
    """A round that may end with too few quotes: counts only, no texts or names."""

    project_id = fields.String()
    closes_at = Instant()
    received = WholeNumber()
    claimed = WholeNumber()
    invited = WholeNumber()


class FlaggedQuoteSchema(Schema):
    """A flagged quote; ``mentor`` is its mentor's account."""

    EXAMPLE: ClassVar[Example] = {"mentor": THOMAS, "submitted_at": RECEIVED}

    quote_id = fields.String()
    project_id = fields.String()
    mentor = fields.String()
    submitted_at = Instant()


class FlagSchema(Schema):
    """A flag on one quote, or on two of which one is a copy; no word and no price of either.

    ``similarity`` is the share of common sequences of words, at least: ``half``, ``most`` (0.7) or ``all`` (0.9); null
    where nothing was compared.
    """

    EXAMPLE: ClassVar[Example] = {"id": f"near-copy:{QUOTE}:quote-2", "reason": "near-copy", "at": RECEIVED}

    id = fields.String()
    reason = fields.String(validate=validate.OneOf(REASONS))
    similarity = fields.String(allow_none=True, validate=validate.OneOf([name for _, name in STEPS]))
    at = Instant()
    quotes = fields.List(fields.Nested(FlaggedQuoteSchema))


class ClaimSchema(Schema):
    """When the claim on the slot expires."""

    expires_at = Instant()
