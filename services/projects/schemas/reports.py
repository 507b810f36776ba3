"""Reports to the operators, and what they look after."""

from marshmallow import Schema, fields, validate

from chassis.http.pages import PageQuery
from contracts.fields import Instant, Text
from services.projects.model.orders import SIDES
from services.projects.model.reports import ACTIONS, STATES, STUCK


class ReportBody(Schema):
    """What is wrong; only operators read it."""

    reason = Text(most=2000, required=True)


class ReportedSchema(Schema):
    """The operators will look at it."""

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

    at = Instant()


class ReportSchema(Schema):
    """A report, to operators; the account that made it is empty once erased."""

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

    id = fields.String()
    state = fields.String()
    since = Instant()
    reason = fields.String(validate=validate.OneOf([reason for _, reason, _ in STUCK.values()]))
