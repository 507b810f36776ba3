"""Bodies of the operators' routes."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from chassis.http.pages import PageQuery
from contracts.fields import Flag, Instant, Text
from contracts.story import CHOSEN, LOUIS, POSTED, Example
from services.accounts.model import STAGES


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


class FoundQuery(PageQuery):
    """``?email=&name=&id=``: what is given must all be true; without any of them nobody is found."""

    email = fields.String(validate=validate.Length(1, 320))
    name = fields.String(validate=validate.Length(1, 80))
    id = fields.String(validate=validate.Length(1, 64))


class FoundSchema(Schema):
    """An account and its state, without its name and e-mail: whoever asked knows them.

    ``erasure`` is `asked` while its owner can stop it, `decided` once nobody can, `running` until every service has
    confirmed it, and `done`; ``role`` is empty from `running` on, because the account is gone.
    """

    EXAMPLE: ClassVar[Example] = {
        "id": LOUIS,
        "role": "mentor",
        "verified": True,
        "created_at": POSTED,
        "suspended_at": CHOSEN,
        "erasure": None,
    }

    id = fields.String()
    role = fields.String()
    verified = Flag()
    created_at = Instant(allow_none=True)
    suspended_at = Instant(allow_none=True)
    erasure = fields.String(allow_none=True, validate=validate.OneOf(STAGES))
