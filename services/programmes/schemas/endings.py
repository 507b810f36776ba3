"""Ending a pair and leaving a programme."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from contracts.fields import Flag, Instant
from contracts.story import Example
from services.programmes.model.ending import NO_FIT, OTHER, REASONS
from services.programmes.model.pairs import ENDED_EARLY
from services.programmes.model.participants import LEFT


class EndBody(Schema):
    """``POST /api/programmes/{id}/pairs/{mentor_ref}/{mentee_ref}/end``

    ``rematch`` asks for another partner. ``never_again`` keeps the two from being paired in any later programme of the
    organisation. The other half and those who run the programme learn neither it nor the reason.
    """

    EXAMPLE: ClassVar[Example] = {"reason": NO_FIT, "rematch": True, "never_again": False}

    reason = fields.String(validate=validate.OneOf(REASONS), load_default=OTHER)
    rematch = Flag(load_default=True)
    never_again = Flag(load_default=False)


class EndedSchema(Schema):
    """A pair that has ended."""

    EXAMPLE: ClassVar[Example] = {
        "mentor": "M01", "mentee": "E01", "state": ENDED_EARLY, "ended_at": "2026-12-14T10:00:00.000Z", "rematch": True,
    }  # fmt: skip

    mentor = fields.String(allow_none=True)
    mentee = fields.String(allow_none=True)
    state = fields.String()
    ended_at = Instant()
    rematch = Flag()


class LeftSchema(Schema):
    """Somebody who has left a programme."""

    EXAMPLE: ClassVar[Example] = {"ref": "M01", "state": LEFT}

    ref = fields.String()
    state = fields.String()
