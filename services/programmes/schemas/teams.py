"""The teams of a programme."""

from typing import ClassVar

from marshmallow import Schema, fields

from contracts.fields import Flag, WholeNumber
from contracts.story import Example


class MemberSchema(Schema):
    """A member of a team whom the caller may see."""

    EXAMPLE: ClassVar[Example] = {
        "ref": "axa-01", "name": "Agathe Brandoudreux", "organisation": "AXA", "side": "mentee",
    }  # fmt: skip

    ref = fields.String(allow_none=True)
    name = fields.String()
    organisation = fields.String()
    side = fields.String()


class OthersSchema(Schema):
    """How many further members of a company a team has."""

    EXAMPLE: ClassVar[Example] = {"organisation": "Colas", "people": 2}

    organisation = fields.String()
    people = WholeNumber()


class TeamSchema(Schema):
    """A team."""

    EXAMPLE: ClassVar[Example] = {"id": "team-1", "challenge": "challenge-1", "name": "Équipe 1", "language": "fr",
                                  "published": True}  # fmt: skip

    id = fields.String()
    challenge = fields.String()
    name = fields.String()
    language = fields.String(allow_none=True)
    published = Flag()
    members = fields.List(fields.Nested(MemberSchema))
    others = fields.List(fields.Nested(OthersSchema))


class LeftOutSchema(Schema):
    """Somebody without a team: the only person of a challenge, or the rule that stands in the way."""

    EXAMPLE: ClassVar[Example] = {"ref": "axa-07", "challenge": "challenge-1", "why": "language"}

    ref = fields.String()
    challenge = fields.String(allow_none=True)
    why = fields.String()


class AimSchema(Schema):
    """One aim of forming the teams: the value that was reached, and the proven bound that no teams can go below."""

    EXAMPLE: ClassVar[Example] = {"challenge": "challenge-1", "name": "companies", "value": 37, "bound": 37}

    challenge = fields.String(allow_none=True)
    name = fields.String()
    value = WholeNumber()
    bound = WholeNumber()


class TeamList(Schema):
    """The teams that the caller may see, in one page."""

    items = fields.List(fields.Nested(TeamSchema))
    left_out = fields.List(fields.Nested(LeftOutSchema))
    aims = fields.List(fields.Nested(AimSchema))
    next_cursor = fields.String(allow_none=True, metadata={"example": None})
