"""Bodies of the operators' routes."""

from typing import ClassVar

from marshmallow import Schema, fields

from chassis.http.pages import PageQuery
from contracts.fields import Id, Instant, Text
from contracts.story import CHOSEN, LOUIS, Example


class SuspensionBody(Schema):
    """The reason for a suspension, for operators."""

    EXAMPLE: ClassVar[Example] = {"reason": "Deux signalements fondés en une semaine."}

    reason = Text(most=500, required=True)


class SuspensionSchema(Schema):
    """A suspended account."""

    EXAMPLE: ClassVar[Example] = {"id": LOUIS}

    id = fields.String()
    suspended_at = Instant()


class AuditQuery(PageQuery):
    """``?whom=&limit=&cursor=``"""

    whom = Id()


class AuditEntrySchema(Schema):
    """An operator's action: who did what to which account, when and why."""

    EXAMPLE: ClassVar[Example] = {
        "id": "entry-1",
        "what": "account.suspended",
        "whom": LOUIS,
        "at": CHOSEN,
        "reason": "Deux signalements fondés en une semaine.",
    }

    id = fields.String()
    who = fields.String()
    what = fields.String()
    whom = fields.String()
    at = Instant()
    reason = fields.String()
