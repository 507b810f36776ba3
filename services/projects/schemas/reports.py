"""Reports to the operators, and what they look after."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from chassis.http.pages import PageQuery
from contracts.fields import Instant, Text
from contracts.story import CHOSEN, INES, PROJECT, RECEIVED, REPORT, Example
from services.projects.model.orders import SIDES
from services.projects.model.reports import ACTIONS, STATES, STUCK


class ReportBody(Schema):
    """What is wrong; only operators read it."""

    EXAMPLE: ClassVar[Example] = {"reason": "Une réponse demande un travail gratuit avant le choix."}

    reason = Text(most=2000, required=True)


class ReportedSchema(Schema):
    """The operators will look at it."""

    EXAMPLE: ClassVar[Example] = {"id": REPORT, "created_at": RECEIVED}

    id = fields.String()
    created_at = Instant()


class ReportQuery(PageQuery):
    """``?state=&limit=&cursor=``"""

    state = fields.String(validate=validate.OneOf(STATES))


class ResolutionBody(Schema):
    """What an operator does about a report, and why."""

    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    note = Text(most=2000, required=True)


class ResolutionSchema(ResolutionBody):
    """What was done, and when."""

    EXAMPLE: ClassVar[Example] = {"at": CHOSEN}

    at = Instant()


class ReportSchema(Schema):
    """A report, to operators; the account that made it is empty once erased."""

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


class StuckProjectSchema(Schema):
    """A project that stays too long in a state, without its texts."""

    EXAMPLE: ClassVar[Example] = {"id": PROJECT, "state": "choosing", "reason": "not-chosen"}

    id = fields.String()
    state = fields.String()
    since = Instant()
    reason = fields.String(validate=validate.OneOf([reason for _, reason, _ in STUCK.values()]))
