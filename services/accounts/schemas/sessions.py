"""Bodies of signing in and refreshing."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from chassis.http.pages import page_of
from contracts.fields import Flag, Instant, WholeNumber
from contracts.story import Example
from services.accounts.schemas.texts import LONGEST_EMAIL, LONGEST_PASSWORD


class CredentialsBody(Schema):
    """``POST /api/sessions``. Any text is accepted as the e-mail; an invalid one gets the answer of an unknown one."""

    email = fields.String(required=True, validate=validate.Length(max=LONGEST_EMAIL))
    password = fields.String(required=True, validate=validate.Length(max=LONGEST_PASSWORD))


class RefreshBody(Schema):
    """``POST /api/sessions/refresh``"""

    refresh_token = fields.String(required=True, validate=validate.Length(max=200))


class TokensSchema(Schema):
    """An access token with its refresh token (RFC 6749, section 5.1)."""

    access_token = fields.String()
    token_type = fields.String()
    expires_in = WholeNumber()
    refresh_token = fields.String()


class SessionSchema(Schema):
    """A session of the caller."""

    EXAMPLE: ClassVar[Example] = {"id": "session-1", "expires_at": "2026-12-24T16:20:31.042Z"}

    id = fields.String()
    created_at = Instant()
    refreshed_at = Instant()
    expires_at = Instant()


class ListedSessionSchema(SessionSchema):
    """A session in the caller's list; ``current`` is the one that asks."""

    EXAMPLE: ClassVar[Example] = {**SessionSchema.EXAMPLE, "current": True}

    current = Flag()


SessionPage = page_of(ListedSessionSchema)
