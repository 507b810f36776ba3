"""Organisers of a programme's companies."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from contracts.fields import Instant, Text
from contracts.story import Example

EXAMPLE: Example = {"organisation": "Colas", "email": "baptiste@colas.example"}


class OrganiserBody(Schema):
    """``POST /api/programmes/{id}/organisers``"""

    EXAMPLE: ClassVar[Example] = EXAMPLE

    organisation = Text(required=True)
    email = fields.Email(required=True, validate=validate.Length(max=254))


class OrganiserSchema(Schema):
    """An organiser, or somebody who was invited to be one. ``email`` is shown until they accept."""

    EXAMPLE: ClassVar[Example] = {**EXAMPLE, "id": "invitation-1", "state": "invited",
                                  "expires_at": "2026-12-13T09:00:00.000Z"}  # fmt: skip

    id = fields.String()
    organisation = fields.String()
    state = fields.String()
    email = fields.String(allow_none=True)
    expires_at = Instant(allow_none=True)


class OrganiserList(Schema):
    """The organisers, in one page."""

    items = fields.List(fields.Nested(OrganiserSchema))
    next_cursor = fields.String(allow_none=True, metadata={"example": None})
