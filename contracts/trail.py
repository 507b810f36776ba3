"""A row of a service's audit trail, as operators read it."""

from typing import ClassVar

from marshmallow import Schema, fields

from contracts.fields import Instant
from contracts.story import CHOSEN, LOUIS, OPERATOR, Example


class AuditEntrySchema(Schema):
    """What an operator read or did: who did what to whom, when, why, and in which request."""

    EXAMPLE: ClassVar[Example] = {
        "id": "entry-1",
        "who": OPERATOR,
        "what": "account.suspended",
        "whom": LOUIS,
        "at": CHOSEN,
        "reason": "Deux signalements fondés en une semaine.",
        "request": "9f1c2f6e-6f0b-4c55-8f7e-0f9d6a1b2c3d",
    }

    id = fields.String()
    who = fields.String()
    what = fields.String()
    whom = fields.String()
    at = Instant()
    reason = fields.String()
    request = fields.String()
