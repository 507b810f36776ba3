"""Goals and challenges."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from chassis.http.pages import page_of
from contracts.fields import Day, Id, Instant, Listed, Text, WholeNumber
from contracts.story import Example
from services.programmes.model.challenges import LEAST_TEAM, MOST_MILESTONES, MOST_TEAM, TEAM_SIZE
from services.programmes.model.contributions import MOST_TEXT
from services.programmes.model.goals import GOALS

TITLE = "Un outil adopté par équipe"
STARTS, ENDS = "2027-01-11", "2027-04-30"
STEP: Example = {"id": "milestone-1", "title": "Choisir l'outil", "due_on": "2027-02-01"}
CHALLENGE: Example = {
    "goal": "tools", "title": TITLE, "text": "Faire entrer un outil dans les habitudes.", "starts_on": STARTS,
    "ends_on": ENDS, "skills": ["collaborative-tools", "data-literacy"], "team_size": 5, "milestones": [STEP],
}  # fmt: skip


class GoalTextSchema(Schema):
    """A goal in one language."""

    EXAMPLE: ClassVar[Example] = {"title": TITLE, "text": CHALLENGE["text"], "milestones": [STEP["title"]]}

    title = fields.String()
    text = fields.String()
    milestones = fields.List(fields.String())


class GoalSchema(Schema):
    """A goal that a challenge may have."""

    EXAMPLE: ClassVar[Example] = {"goal": "tools"}

    goal = fields.String()
    fr = fields.Nested(GoalTextSchema)
    en = fields.Nested(GoalTextSchema)


class GoalList(Schema):
    """All goals, in one page."""

    items = fields.List(fields.Nested(GoalSchema))
    next_cursor = fields.String(allow_none=True, metadata={"example": None})


class NewMilestoneSchema(Schema):
    """A milestone of a new challenge."""

    EXAMPLE: ClassVar[Example] = STEP

    title = Text(required=True)
    due_on = Day(load_default=None, allow_none=True)


class MilestoneSchema(NewMilestoneSchema):
    """A milestone. In a change, one without ``id`` is new."""

    id = Id(load_default=None)


class ChallengeBody(Schema):
    """``POST /api/programmes/{id}/challenges``: a goal fills the title, text and milestones that are left out."""

    EXAMPLE: ClassVar[Example] = {**CHALLENGE, "milestones": [{"title": STEP["title"], "due_on": STEP["due_on"]}]}

    goal = fields.String(validate=validate.OneOf(tuple(GOALS)), load_default=None, allow_none=True)
    title = Text()
    text = Text(least=0, most=MOST_TEXT)
    starts_on = Day(load_default=None, allow_none=True)
    ends_on = Day(load_default=None, allow_none=True)
    skills = Listed(Text(most=100), most=30, load_default=list)
    team_size = WholeNumber(load_default=TEAM_SIZE, validate=validate.Range(LEAST_TEAM, MOST_TEAM))
    milestones = Listed(fields.Nested(NewMilestoneSchema), most=MOST_MILESTONES)


class ChallengeChangeBody(Schema):
    """``PATCH /api/programmes/{id}/challenges/{challenge}``"""

    EXAMPLE: ClassVar[Example] = {**CHALLENGE, "goal": ...}

    title = Text()
    text = Text(least=0, most=MOST_TEXT)
    starts_on = Day(allow_none=True)
    ends_on = Day(allow_none=True)
    skills = Listed(Text(most=100), most=30)
    team_size = WholeNumber(validate=validate.Range(LEAST_TEAM, MOST_TEAM))
    milestones = Listed(fields.Nested(MilestoneSchema), most=MOST_MILESTONES)


class ChallengeSchema(Schema):
    """A challenge."""

    EXAMPLE: ClassVar[Example] = {**CHALLENGE, "id": "challenge-1"}

    id = fields.String()
    goal = fields.String(allow_none=True)
    title = fields.String()
    text = fields.String()
    starts_on = fields.String(allow_none=True)
    ends_on = fields.String(allow_none=True)
    skills = fields.List(fields.String())
    team_size = WholeNumber()
    milestones = fields.List(fields.Nested(MilestoneSchema))
    created_at = Instant()


ChallengePage = page_of(ChallengeSchema)
