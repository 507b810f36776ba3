"""Sessions of a pair."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from contracts.fields import Instant, Text, WholeNumber, Zone
from contracts.story import Example
from services.programmes.model.agendas import meeting_ids
from services.programmes.model.pairs import STATES as PAIR_STATES
from services.programmes.model.sessions import CANCELLED, HELD, LONGEST, MINUTES, MOVED, PLANNED, SHORTEST, STATES

STARTS, ENDS, HELD_AT = "2026-12-03T13:00:00.000Z", "2026-12-03T14:00:00.000Z", "2026-11-26T13:00:00.000Z"
PLACE, NOTE = "Salle Éole, 3e étage", "Apporter le tableau des inscriptions."


def minutes(**kwargs: Any) -> WholeNumber:
    """How long a session lasts."""
    return WholeNumber(validate=validate.Range(SHORTEST, LONGEST), **kwargs)


class SessionBody(Schema):
    """``POST /api/programmes/{id}/pairs/{mentor_ref}/{mentee_ref}/sessions``

    Without ``timezone`` the caller's own holds, and ``note`` is for the two alone. ``state`` logs a session that was
    held, or cancelled, without having been planned here.
    """

    EXAMPLE: ClassVar[Example] = {
        "starts_at": STARTS, "minutes": MINUTES, "place": PLACE, "agenda": "data", "note": NOTE, "state": PLANNED,
    }  # fmt: skip

    starts_at = Instant(required=True)
    minutes = minutes(load_default=MINUTES)
    timezone = Zone()
    place = Text(least=0, most=300)
    agenda = fields.String(validate=validate.OneOf(meeting_ids()), allow_none=True)
    note = Text(least=0, most=4_000)
    state = fields.String(validate=validate.OneOf((PLANNED, HELD, CANCELLED)), load_default=PLANNED)


class SessionChangeBody(Schema):
    """``PATCH /api/programmes/{id}/sessions/{session}``: a new time alone moves the session."""

    EXAMPLE: ClassVar[Example] = {
        "state": MOVED, "starts_at": STARTS, "minutes": MINUTES, "place": PLACE, "agenda": "data", "note": NOTE,
    }  # fmt: skip

    state = fields.String(validate=validate.OneOf((MOVED, HELD, CANCELLED)))
    starts_at = Instant()
    minutes = minutes()
    timezone = Zone()
    place = Text(least=0, most=300)
    agenda = fields.String(validate=validate.OneOf(meeting_ids()), allow_none=True)
    note = Text(least=0, most=4_000)


class SessionSchema(Schema):
    """A session. ``starts_locally`` is its time in ``timezone``; ``note`` is shown to the two alone."""

    EXAMPLE: ClassVar[Example] = {
        "id": "session-1", "mentor": "M01", "mentee": "E01", "state": PLANNED, "starts_at": STARTS, "ends_at": ENDS,
        "starts_locally": "2026-12-03T14:00+01:00", "minutes": MINUTES, "place": PLACE, "agenda": "data",
        "moved_from": [], "note": NOTE, "changed_at": None,
    }  # fmt: skip

    id = fields.String()
    mentor = fields.String(allow_none=True)
    mentee = fields.String(allow_none=True)
    state = fields.String(validate=validate.OneOf(STATES))
    starts_at = Instant()
    ends_at = Instant()
    starts_locally = fields.String()
    minutes = WholeNumber()
    timezone = fields.String()
    place = fields.String()
    agenda = fields.String(allow_none=True)
    moved_from = fields.List(Instant())
    note = fields.String()
    created_at = Instant()
    changed_at = Instant(allow_none=True)


class SessionList(Schema):
    """The sessions of one pair, by time."""

    items = fields.List(fields.Nested(SessionSchema))


class MeetingsSchema(Schema):
    """How often a pair has met. ``sessions`` is there for the two alone."""

    EXAMPLE: ClassVar[Example] = {
        "mentor": "M01", "mentee": "E01", "state": "active", "held": 1, "ahead": 1, "cancelled": 0,
        "last_held_at": HELD_AT, "next_at": STARTS,
    }  # fmt: skip

    mentor = fields.String(allow_none=True)
    mentee = fields.String(allow_none=True)
    state = fields.String(validate=validate.OneOf(PAIR_STATES))
    held = WholeNumber()
    ahead = WholeNumber()
    cancelled = WholeNumber()
    last_held_at = Instant(allow_none=True)
    next_at = Instant(allow_none=True)
    sessions = fields.List(fields.Nested(SessionSchema))


class MeetingsPage(Schema):
    """One page of pairs with their sessions."""

    items = fields.List(fields.Nested(MeetingsSchema))
    next_cursor = fields.String(allow_none=True)
