"""Reports of abuse and stuck projects, for operators."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from chassis.http.pages import PageQuery
from contracts.fields import Instant, Text
from contracts.market import ENDED_BY
from contracts.story import CHOSEN, INES, PROJECT, RECEIVED, REPORT, Example
from services.projects.model.orders import SIDES
from services.projects.model.reports import ACTIONS, STATES, STUCK
from services.projects.schemas.projects import EndedSchema


class ReportBody(Schema):
    """The reason of the report, which only operators read."""

    EXAMPLE: ClassVar[Example] = {"reason": "Une réponse demande un travail gratuit avant le choix."}

    reason = Text(most=2000, required=True)


class ReportedSchema(Schema):
    """Confirmation that the report was received."""

    EXAMPLE: ClassVar[Example] = {"id": REPORT, "created_at": RECEIVED}

    id = fields.String()
    created_at = Instant()


class ReportQuery(PageQuery):
    """``?state=&limit=&cursor=``"""

    state = fields.String(validate=validate.OneOf(STATES))


class ResolutionBody(Schema):
    """An operator's action on a report, and the reason for it, which operators read.

    ``explanation`` is what the client of a cancelled project reads; without it, only that moderation cancelled it.
    """

    EXAMPLE: ClassVar[Example] = {"explanation": "La demande contient des propos blessants."}

    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    note = Text(most=2000, required=True)
    explanation = Text(most=2000)


class ResolutionSchema(ResolutionBody):
    """The action taken, and when. What the client reads stays with the project, and ends with its account."""

    EXAMPLE: ClassVar[Example] = {"at": CHOSEN}

    class Meta:
        exclude = ("explanation",)

    at = Instant()


class ReportSchema(Schema):
    """A report, as operators see it; ``account`` is empty once its author is erased."""

    EXAMPLE: ClassVar[Example] = {
        "id": REPORT,
        "created_at": RECEIVED,
        "account": INES,
        "side": "mentor",
        "state": "resolved",
        "project_state": "collecting",
        "reason": "Une réponse demande un travail gratuit avant le choix.",
    }

    id = fields.String()
    project_id = fields.String()
    account = fields.String()
    side = fields.String(validate=validate.OneOf(SIDES))
    reason = fields.String()
    created_at = Instant()
    state = fields.String(validate=validate.OneOf(STATES))
    title = fields.String()
    brief = fields.String()
    project_state = fields.String()
    resolution = fields.Nested(ResolutionSchema)


class ReportIdSchema(ReportedSchema):
    """A report of a project, without its text."""

    EXAMPLE: ClassVar[Example] = ReportedSchema.EXAMPLE | {"state": "open"}

    state = fields.String(validate=validate.OneOf(STATES))


class OperatedProjectSchema(Schema):
    """A project's state and times, and its reports: no text, no name and no price."""

    EXAMPLE: ClassVar[Example] = {"id": PROJECT, "state": "choosing", "awarded_at": ..., "completed_at": ...} | {
        "ended_by": ...,
    }

    id = fields.String()
    state = fields.String()
    created_at = Instant()
    closes_at = Instant()
    choose_until = Instant()
    awarded_at = Instant()
    completed_at = Instant()
    ended = fields.Nested(EndedSchema)
    ended_by = fields.String(validate=validate.OneOf(ENDED_BY))
    reports = fields.List(fields.Nested(ReportIdSchema))


class StuckProjectSchema(Schema):
    """A project that has been in a state for too long, without its texts."""

    EXAMPLE: ClassVar[Example] = {"id": PROJECT, "state": "choosing", "reason": "not-chosen"}

    id = fields.String()
    state = fields.String()
    since = Instant()
    reason = fields.String(validate=validate.OneOf([reason for _, reason, _ in STUCK.values()]))
