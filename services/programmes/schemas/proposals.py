"""Proposals, marks, publication and the answers to a pair."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from chassis.http.pages import page_of
from contracts.fields import Flag, Instant, JsonNumber, WholeNumber
from contracts.story import Example
from services.programmes.model import pairs
from services.programmes.model.answers import NO_ANSWER
from services.programmes.model.ending import REASONS
from services.programmes.model.pairs import DECLINED
from services.programmes.model.proposal import ADDED, KEPT, REMOVED
from services.programmes.model.solves import READY, SOLVING
from services.programmes.schemas.teams import AimSchema, LeftOutSchema, TeamSchema

WHY = ["Chloé Bernard connaît ce que Anne Lefèvre veut apprendre : réseaux sociaux"]
COUPLE: Example = {"mentor": "J07", "mentee": "S03"}
MADE = "2026-11-23T09:00:02.000Z"
ANSWER_BY = "2026-11-30T09:00:00.000Z"


class SecondBestSchema(Schema):
    """The mentor who would fit this mentee best after the proposed one; ``free``: with a place left."""

    EXAMPLE: ClassVar[Example] = {"mentor": "J12", "score": 0.71, "free": False}

    mentor = fields.String()
    score = JsonNumber()
    free = Flag()


class ProposedPairSchema(Schema):
    """A proposed pair, by refs; ``score`` is its fit from 0 to 1."""

    EXAMPLE: ClassVar[Example] = COUPLE | {"score": 0.83, "why": WHY, "locked": False}

    mentor = fields.String()
    mentee = fields.String()
    score = JsonNumber()
    why = fields.List(fields.String())
    second_best = fields.Nested(SecondBestSchema, allow_none=True)
    locked = Flag()


class UnpairedSchema(Schema):
    """Somebody without a pair: the rule in the way, and what would change it."""

    EXAMPLE: ClassVar[Example] = {"ref": "S20", "side": "mentee", "why": "Aucune place libre.", "change": None}

    ref = fields.String()
    side = fields.String()
    why = fields.String()
    change = fields.String(allow_none=True)


class ChangeSchema(Schema):
    """How a pair differs from the proposal before."""

    EXAMPLE: ClassVar[Example] = COUPLE | {"change": "kept"}

    mentor = fields.String()
    mentee = fields.String()
    change = fields.String(validate=validate.OneOf([ADDED, REMOVED, KEPT]))


class CoupleSchema(Schema):
    """Two people, by refs."""

    EXAMPLE: ClassVar[Example] = COUPLE

    mentor = fields.String()
    mentee = fields.String()


class ProposalSchema(Schema):
    """A proposal, or how far its solver is: then only ``state`` and ``progress`` (from 0 to 1) are given.

    A programme of challenges has ``teams``, ``left_out`` and ``aims``, too; its ``pairs`` are inside the teams.
    ``conflicts`` are the smallest sets of rules because of which not everybody who should be paired is, in words.
    ``forbidden`` are the pairs that were forbidden by hand. ``stale`` says that people, rules or marks have changed
    since, so that it cannot be published.
    """

    EXAMPLE: ClassVar[Example] = {"state": "ready", "progress": 1.0, "stale": False, "made_at": MADE,
                                  "conflicts": [],
                                  "teams": ..., "left_out": ..., "aims": ...}  # fmt: skip

    state = fields.String(validate=validate.OneOf([READY, SOLVING]))
    progress = JsonNumber()
    made_at = Instant()
    pairs = fields.List(fields.Nested(ProposedPairSchema))
    unpaired = fields.List(fields.Nested(UnpairedSchema))
    changes = fields.List(fields.Nested(ChangeSchema))
    forbidden = fields.List(fields.Nested(CoupleSchema))
    conflicts = fields.List(fields.String())
    teams = fields.List(fields.Nested(TeamSchema))
    left_out = fields.List(fields.Nested(LeftOutSchema))
    aims = fields.List(fields.Nested(AimSchema))
    stale = Flag()


class MarkBody(Schema):
    """``PUT /api/programmes/{id}/pairs/{mentor}/{mentee}``"""

    EXAMPLE: ClassVar[Example] = {"locked": True, "forbidden": False}

    locked = Flag(load_default=False)
    forbidden = Flag(load_default=False)


class MarkSchema(MarkBody):
    """What is decided about two people by hand."""

    EXAMPLE: ClassVar[Example] = COUPLE | {"locked": True, "forbidden": False}

    mentor = fields.String()
    mentee = fields.String()


class PublicationBody(Schema):
    """``POST /api/programmes/{id}/publication``"""

    EXAMPLE: ClassVar[Example] = {"with_unpaired": False}

    with_unpaired = Flag(load_default=False)


class PublicationSchema(Schema):
    """A published programme, with the numbers of pairs and teams; ``unpaired`` counts people without either."""

    EXAMPLE: ClassVar[Example] = {"id": "programme-1", "state": "published", "pairs": 20, "unpaired": 0, "teams": 0}

    id = fields.String()
    state = fields.String()
    pairs = WholeNumber()
    unpaired = WholeNumber()
    teams = WholeNumber()


class AnswerBody(Schema):
    """``accepted``: true to begin, false to ask for another partner. Nobody else reads ``reason``."""

    EXAMPLE: ClassVar[Example] = {"accepted": True, "reason": None}

    accepted = Flag(required=True)
    reason = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(REASONS))


class PartnerSchema(Schema):
    """The other half of a pair: the name once they have agreed, the address once both have accepted."""

    EXAMPLE: ClassVar[Example] = {"name": "Anne Lefèvre", "email": None}

    name = fields.String(allow_none=True)
    email = fields.String(allow_none=True)


class PairEndSchema(Schema):
    """When a pair ended. Who runs the programme also reads how one that never began did: declined or unanswered."""

    EXAMPLE: ClassVar[Example] = {"at": ANSWER_BY, "how": "declined"}

    at = Instant()
    how = fields.String(validate=validate.OneOf([DECLINED, NO_ANSWER]))


class PairSchema(Schema):
    """A published pair. ``waiting_for`` are the sides without an answer, for who runs the programme; a participant
    reads ``my_answer`` and ``partner``. An organiser reads no ref of other companies' people beyond the pair's."""

    EXAMPLE: ClassVar[Example] = COUPLE | {
        "state": "proposed", "mentor_organisation": "PWN Paris", "mentee_organisation": "PWN Paris", "score": 0.83,
        "why": WHY, "answer_by": ANSWER_BY, "active_at": None, "waiting_for": ["mentee"], "my_answer": None,
        "ended": None, "locked": False,
    }  # fmt: skip

    mentor = fields.String(allow_none=True)
    mentee = fields.String(allow_none=True)
    state = fields.String(validate=validate.OneOf(pairs.STATES))
    mentor_organisation = fields.String()
    mentee_organisation = fields.String()
    score = JsonNumber()
    why = fields.List(fields.String())
    answer_by = Instant(allow_none=True)
    active_at = Instant(allow_none=True)
    locked = Flag()
    waiting_for = fields.List(fields.String())
    my_answer = fields.String(allow_none=True)
    partner = fields.Nested(PartnerSchema)
    ended = fields.Nested(PairEndSchema, allow_none=True)


PairPage = page_of(PairSchema)
