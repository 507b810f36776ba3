"""What operators do to accounts."""

from marshmallow import Schema, fields

from chassis.http.pages import PageQuery
from contracts.fields import Id, Instant, Text


class SuspensionBody(Schema):
    """Why somebody is kept out; operators read it."""

    reason = Text(most=500, required=True)


class SuspensionSchema(Schema):
    """Somebody is kept out."""

    id = fields.String()
    suspended_at = Instant()


class AuditQuery(PageQuery):
    """``?whom=&limit=&cursor=``"""

    whom = Id()


class AuditEntrySchema(Schema):
    """Who did what to whom, when and why."""

    id = fields.String()
    who = fields.String()
    what = fields.String()
    whom = fields.String()
    at = Instant()
    reason = fields.String()
