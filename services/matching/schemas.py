"""The HTTP bodies of this service, as pinned in docs/api.md."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from chassis.http.pages import PageQuery, page_of
from contracts.fields import (
    LANGUAGE,
    Day,
    Distinct,
    Flag,
    Id,
    Instant,
    JsonNumber,
    Listed,
    Money,
    Text,
    Texts,
    WholeNumber,
    Zone,
)
from contracts.market import DEFAULT_ZONE, MOST_EXCLUDED
from contracts.story import CARD, DESCRIPTOR, INVITATION, THOMAS, Example
from contracts.story import INVITED as INVITED_AT
from services.matching.model import BY_CHANCE, BY_REQUEST, BY_SLOTS, INVITED, KINDS, OUTCOMES, WAVE


class ProfileBody(Schema):
    """``PUT /api/mentors/me``: the whole profile."""

    display_name = Text(most=100, required=True)
    headline = Text(most=200, required=True)
    school = Text(least=0, required=True)
    bio = Text(least=0, most=5_000, required=True)
    skills = Distinct(Text(most=100), least=1, most=50, required=True)
    languages = Distinct(fields.String(validate=LANGUAGE), least=1, most=20, required=True)
    day_rate = Money(required=True)
    weekly_invitations = WholeNumber(load_default=5, validate=validate.Range(0, 50))
    available_from = Day(load_default=None, allow_none=True)
    excluded_organisations = Texts(MOST_EXCLUDED, load_default=list)
    timezone = Zone(load_default=DEFAULT_ZONE)
    paused = Flag(load_default=False)


class ProfileSchema(ProfileBody):
    """A profile, as its mentor reads it."""


class SkillQuery(PageQuery):
    """``?query=&limit=&cursor=``"""

    query = fields.String(load_default="", validate=validate.Length(max=200))


class SkillSchema(Schema):
    """A skill of the vocabulary."""

    EXAMPLE: ClassVar[Example] = {"id": "crm"}

    id = fields.String()
    fr = fields.String()
    en = fields.String()


class CardQuery(PageQuery):
    """``?project_id=&limit=&cursor=``; ``project_id`` may be repeated."""

    project_id = Listed(Id(), least=1, most=50, required=True)


class CardSchema(Schema):
    """A mentor's card for clients; ``id`` is the card's id."""

    EXAMPLE: ClassVar[Example] = {"id": CARD}

    id = fields.String()
    display_name = fields.String()
    headline = fields.String()
    school = fields.String()
    bio = fields.String()
    skills = fields.List(fields.String())
    languages = fields.List(fields.String())


class ChanceQuery(Schema):
    """``?project_id=``"""

    project_id = Id(required=True)


class ChanceSchema(Schema):
    """The chance of five quotes in time. ``ran_out``: nobody else who fits can be invited now."""

    EXAMPLE: ClassVar[Example] = {"chance": 0.93, "outlook": "likely", "ran_out": False}

    project_id = fields.String()
    closes_at = Instant()
    chance = JsonNumber()
    outlook = fields.String(validate=validate.OneOf(["likely", "uncertain", "unlikely"]))
    ran_out = Flag()


class UnlikelySchema(ChanceSchema):
    """An open round that will probably end with fewer than five quotes."""

    EXAMPLE: ClassVar[Example] = {"chance": 0.31, "outlook": "unlikely", "ran_out": True, "invited": 64, "received": 1}

    invited = WholeNumber()
    received = WholeNumber()


class DecidedOnSchema(Schema):
    """What of the project a decision was made on, apart from its texts, and how many mentors the list held."""

    EXAMPLE: ClassVar[Example] = {"listed": 212}

    topics = fields.List(fields.String())
    languages = fields.List(fields.String())
    budget = Money(allow_none=True)
    listed = WholeNumber()
    closes_at = Instant(allow_none=True)


class WantedSchema(Schema):
    """How many invitations were wanted. ``by``: ``chance`` (the ``aim`` in the chance of five quotes, and what so many
    ``reached``), ``slots`` (a fixed number for each empty slot) or ``operator``."""

    EXAMPLE: ClassVar[Example] = {"number": 14, "by": BY_CHANCE, "aim": 0.49, "reached": 0.51}

    number = WholeNumber()
    by = fields.String(validate=validate.OneOf([BY_CHANCE, BY_SLOTS, BY_REQUEST]))
    aim = JsonNumber(allow_none=True)
    reached = JsonNumber(allow_none=True)


class ConsideredSchema(Schema):
    """A mentor whom a decision considered; ``account`` is empty once it is erased. ``rank`` is the place by ``score``
    alone, ``newcomer`` whether a reserved place may be theirs, ``reasons`` the codes of what moved the score."""

    EXAMPLE: ClassVar[Example] = {
        "outcome": INVITED, "score": 0.82, "parts": {"skills": 0.9, "text": 0.7}, "rank": 3, "newcomer": False,
        "reasons": ["skills", "languages"],
    }  # fmt: skip

    account = fields.String()
    outcome = fields.String(validate=validate.OneOf(OUTCOMES))
    score = JsonNumber()
    parts = fields.Dict(keys=fields.String(), values=JsonNumber())
    reasons = fields.List(fields.String())
    rank = WholeNumber()
    newcomer = Flag()


class DecisionSchema(Schema):
    """A decision about a round's mentors: a wave, or an operator's with ``by`` and ``reason``."""

    EXAMPLE: ClassVar[Example] = {
        "id": "decision-1", "kind": WAVE, "wave": 1, "at": INVITED_AT, "by": "", "reason": "", "rules": "3f1c02a9d4e7",
    }  # fmt: skip

    id = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    wave = WholeNumber()
    at = Instant()
    by = fields.String()
    reason = fields.String()
    inputs = fields.Nested(DecidedOnSchema)
    wanted = fields.Nested(WantedSchema)
    mentors = fields.List(fields.Nested(ConsideredSchema))
    rules = fields.String()


class OverrideBody(Schema):
    """What an operator decides about one mentor in a round, and why; the reason names nobody."""

    EXAMPLE: ClassVar[Example] = {"reason": "Le client cherche ce logiciel précis, que la liste connaît mal."}

    account = Id(required=True)
    reason = Text(most=500, required=True)


class BriefSchema(Schema):
    """A project as mentors see it; ``client`` is a description without the name."""

    EXAMPLE: ClassVar[Example] = {"client": DESCRIPTOR}

    title = fields.String()
    brief = fields.String()
    topics = fields.List(fields.String())
    languages = fields.List(fields.String())
    client = fields.String()


class InvitationSchema(Schema):
    """An invitation, for its mentor; ``why`` is in the caller's language."""

    EXAMPLE: ClassVar[Example] = {"id": INVITATION, "state": "sent", "end": ...}

    id = fields.String()
    project_id = fields.String()
    state = fields.String(validate=validate.OneOf(["sent", "seen", "claimed", "quoted", "declined", "closed"]))
    brief = fields.Nested(BriefSchema)
    closes_at = Instant()
    sent_at = Instant()
    end = fields.String(validate=validate.OneOf(["full", "deadline", "cancelled"]))
    why = fields.List(fields.String())


class InvitationQuery(PageQuery):
    """``?project_id=&state=open&limit=&cursor=``; ``open``: the window is not over, and the mentor has not declined."""

    project_id = Id(load_default=None)
    state = fields.String(validate=validate.OneOf(["open"]), load_default=None)


class DeclineBody(Schema):
    """``POST /api/invitations/{id}/decline``; the client never sees the reason."""

    EXAMPLE: ClassVar[Example] = {"reason": "Je suis déjà pris ce trimestre."}

    reason = Text(most=500, load_default=None, allow_none=True)


class DeclinedSchema(InvitationSchema):
    """An invitation in the export, with when its mentor saw and declined it."""

    EXAMPLE: ClassVar[Example] = {**InvitationSchema.EXAMPLE, "state": "quoted", "reason": None}

    created_at = Instant()
    seen_at = Instant(allow_none=True)
    declined_at = Instant(allow_none=True)
    reason = fields.String(allow_none=True)


class OwnProfileSchema(ProfileSchema):
    """The profile in the export, with the invitations that count for the weekly cap."""

    EXAMPLE: ClassVar[Example] = {"id": THOMAS, "excludes_since": "2026-11-20T08:00:00.000Z"}

    id = fields.String()
    joined_at = Instant()
    invited_at = fields.List(Instant())
    excludes_since = Instant(allow_none=True)


class AccountTimesSchema(Schema):
    """What this service knows of a mentor's account."""

    EXAMPLE: ClassVar[Example] = {
        "registered_at": "2026-11-19T18:00:00.000Z",
        "verified_at": "2026-11-19T18:02:00.000Z",
    }

    registered_at = Instant(allow_none=True)
    verified_at = Instant(allow_none=True)


class PostedSchema(BriefSchema):
    """A client's project as this service stores it."""

    project_id = fields.String()
    closes_at = Instant()


class AnswersSchema(Schema):
    """How a mentor has answered: invitations that led to a quote and that did not, older ones counted in part."""

    EXAMPLE: ClassVar[Example] = {"quoted": 2.0, "missed": 3.4}

    quoted = JsonNumber()
    missed = JsonNumber()


class MonthSchema(Schema):
    """How often a mentor was eligible for a round that ended in this month, and what became of it: ``invited``, or
    others came first, the weekly cap was reached, invitations were paused, the account was away (suspended), or an
    operator left the mentor out."""

    EXAMPLE: ClassVar[Example] = {
        "month": "2026-10", "eligible": 31, "invited": 12, "others_first": 14, "cap": 4, "paused": 0, "away": 0,
        "left_out": 1,
    }  # fmt: skip

    month = fields.String(validate=validate.Regexp(r"^\d{4}-\d{2}$"))
    eligible = WholeNumber()
    invited = WholeNumber()
    others_first = WholeNumber()
    cap = WholeNumber()
    paused = WholeNumber()
    away = WholeNumber()
    left_out = WholeNumber()


class ExposureSchema(Schema):
    """A mentor's exposure in the months that are over, newest first; months without any are left out."""

    months = fields.List(fields.Nested(MonthSchema))


class ExportSchema(Schema):
    """All data that this service stores of the caller."""

    profile = fields.Nested(OwnProfileSchema, allow_none=True)
    account = fields.Nested(AccountTimesSchema, allow_none=True)
    answers = fields.Nested(AnswersSchema, allow_none=True)
    exposure = fields.List(fields.Nested(MonthSchema))
    invitations = fields.List(fields.Nested(DeclinedSchema))
    projects = fields.List(fields.Nested(PostedSchema))


InvitationPage = page_of(InvitationSchema)
SkillPage = page_of(SkillSchema)
CardPage = page_of(CardSchema)
UnlikelyPage = page_of(UnlikelySchema)
DecisionPage = page_of(DecisionSchema)
