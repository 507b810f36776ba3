"""Bodies of the operators' routes."""

from typing import ClassVar

from marshmallow import Schema, fields

from contracts.fields import Flag, Instant, Text
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


class UnfinishedErasureSchema(Schema):
    """An erasure that not every service has confirmed. ``overdue`` after a day: services answer within seconds."""

    EXAMPLE: ClassVar[Example] = {
        "id": LOUIS,
        "requested_at": CHOSEN,
        "confirmed": ["accounts", "matching", "notify", "programmes", "quotes"],
        "missing": ["projects"],
        "overdue": True,
    }

    id = fields.String()
    requested_at = Instant()
    confirmed = fields.List(fields.String())
    missing = fields.List(fields.String())
    overdue = Flag()


class ReinstatementBody(Schema):
    """The reason for ending a suspension, for operators."""

    EXAMPLE: ClassVar[Example] = {"reason": "Les signalements étaient une erreur."}

    reason = Text(most=500, required=True)
