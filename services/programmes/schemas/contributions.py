"""Contributions to a challenge, and its board."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from contracts.fields import Flag, Id, Instant, Text
from contracts.story import Example
from services.programmes.model.contributions import KINDS, MOST_LINK, MOST_TEXT
from services.programmes.model.pictures import MOST_BYTES
from services.programmes.schemas.challenges import STEP, TITLE

MINE: Example = {
    "id": "contribution-1", "kind": "link", "url": "https://intranet.example/defi", "team": "team-1",
    "milestone": "milestone-1", "text": "Notre mode d'emploi", "media_type": None, "mine": True,
}  # fmt: skip


class ContributionBody(Schema):
    """``POST /api/programmes/{id}/challenges/{challenge}/contributions``: a link, a text or a picture in base64."""

    EXAMPLE: ClassVar[Example] = {"kind": "link", "url": MINE["url"], "text": MINE["text"], "milestone": "milestone-1",
                                  "picture": ...}  # fmt: skip

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    url = Text(most=MOST_LINK)
    text = Text(least=0, most=MOST_TEXT)
    picture = fields.String(validate=validate.Length(max=(MOST_BYTES + 2) // 3 * 4))
    milestone = Id(load_default=None, allow_none=True)


class ContributionSchema(Schema):
    """A contribution. It does not say who of the team made it, only whether the caller did."""

    EXAMPLE: ClassVar[Example] = MINE

    id = fields.String()
    kind = fields.String()
    team = fields.String()
    milestone = fields.String(allow_none=True)
    url = fields.String(allow_none=True)
    text = fields.String()
    media_type = fields.String(allow_none=True)
    created_at = Instant()
    mine = Flag()


class BoardTeamSchema(Schema):
    """What a team contributed to a milestone, the oldest first."""

    EXAMPLE: ClassVar[Example] = {"id": "team-1", "name": "Équipe 1"}

    id = fields.String()
    name = fields.String()
    contributions = fields.List(fields.Nested(ContributionSchema))


class BoardMilestoneSchema(Schema):
    """A milestone with the teams that contributed to it, by name. The last one, without ``id``, holds the rest."""

    EXAMPLE: ClassVar[Example] = STEP

    id = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    due_on = fields.String(allow_none=True)
    teams = fields.List(fields.Nested(BoardTeamSchema))


class BoardSchema(Schema):
    """The board of a challenge. It names, counts and ranks nobody."""

    EXAMPLE: ClassVar[Example] = {"challenge": "challenge-1", "title": TITLE}

    challenge = fields.String()
    title = fields.String()
    milestones = fields.List(fields.Nested(BoardMilestoneSchema))
