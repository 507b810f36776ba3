"""Progress: the table of aggregates."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from contracts.fields import Flag, Instant, Tenths, WholeNumber
from contracts.story import Example
from services.programmes.model.programme import LANGUAGES
from services.programmes.model.progress.groups import DIMENSIONS, FEWEST

AT = "2026-11-30T06:00:00.000Z"


class LocaleQuery(Schema):
    """``?locale=fr|en``; by default the programme's language."""

    EXAMPLE: ClassVar[Example] = {"locale": "fr"}

    locale = fields.String(validate=validate.OneOf(LANGUAGES), load_default=None)


class StatementChangeSchema(Schema):
    """The mean change of the answers to one statement of a side, on the scale from 1 to 5."""

    EXAMPLE: ClassVar[Example] = {"side": "mentee", "statement": "data", "people": 20, "mean": 0.8}

    side = fields.String()
    statement = fields.String()
    people = WholeNumber()
    mean = Tenths()


class ChangesSchema(Schema):
    """Changes between the two self-assessments; ``withheld`` with its ``reason`` while too few people have answered."""

    EXAMPLE: ClassVar[Example] = {"withheld": False, "reason": None, "people": 20, "mean": 0.6}

    withheld = Flag()
    reason = fields.String(allow_none=True)
    people = WholeNumber(allow_none=True)
    mean = Tenths(allow_none=True)
    statements = fields.List(fields.Nested(StatementChangeSchema))


class ProgressRowSchema(Schema):
    """A row: all counted people (``by`` is null), or those of one challenge, company or side.

    ``people`` are those counted in this row: people of small groups are counted in wider rows only. ``parted`` are
    people whose pair ended early.
    """

    EXAMPLE: ClassVar[Example] = {
        "by": "side", "value": "mentee", "label": "Mentorés", "withheld": False, "reason": None, "updated_at": AT,
        "people": 20, "agreed": 20, "paired": 20, "parted": 1, "sessions_each": 2.4,
    }  # fmt: skip

    by = fields.String(allow_none=True, validate=validate.OneOf(DIMENSIONS))
    value = fields.String(allow_none=True)
    label = fields.String(allow_none=True)
    withheld = Flag()
    reason = fields.String(allow_none=True)
    updated_at = Instant(allow_none=True)
    people = WholeNumber(allow_none=True)
    agreed = WholeNumber(allow_none=True)
    paired = WholeNumber(allow_none=True)
    parted = WholeNumber(allow_none=True)
    sessions_each = Tenths(allow_none=True)
    changes = fields.Nested(ChangesSchema)


class ProgressTotalsSchema(Schema):
    """Pairs, pairs that ended early, and sessions held, of the whole programme."""

    EXAMPLE: ClassVar[Example] = {"pairs": 20, "ended": 1, "sessions": 48}

    pairs = WholeNumber()
    ended = WholeNumber()
    sessions = WholeNumber()


class ProgressPointSchema(ProgressTotalsSchema):
    """The totals after an update."""

    EXAMPLE: ClassVar[Example] = ProgressTotalsSchema.EXAMPLE | {"at": AT, "people": 40}

    at = Instant()
    people = WholeNumber()


class ProgressSchema(Schema):
    """The progress of a programme, for whoever runs it; for an organiser, of their company's people (``organisation``).

    ``everybody`` is the change of the whole programme. Only those who run it read ``totals`` and ``history``.
    """

    EXAMPLE: ClassVar[Example] = {
        "programme_id": "programme-1", "organisation": None, "fewest": FEWEST, "next_update_at": AT,
    }  # fmt: skip

    programme_id = fields.String()
    organisation = fields.String(allow_none=True)
    fewest = WholeNumber()
    overall = fields.Nested(ProgressRowSchema)
    groups = fields.List(fields.Nested(ProgressRowSchema))
    totals = fields.Nested(ProgressTotalsSchema, allow_none=True)
    everybody = fields.Nested(ChangesSchema)
    history = fields.List(fields.Nested(ProgressPointSchema))
    next_update_at = Instant(allow_none=True)
