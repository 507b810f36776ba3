"""Bodies of the routes for links in mails."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from contracts.story import Example
from services.accounts.schemas.texts import LONGEST_EMAIL, LONGEST_PASSWORD


class EmailBody(Schema):
    """The e-mail of the account concerned. Any text is accepted, as in `CredentialsBody`."""

    email = fields.String(required=True, validate=validate.Length(max=LONGEST_EMAIL))


class OptionalEmailBody(Schema):
    """``POST /api/accounts/verification``; without an e-mail the caller's own is meant."""

    email = fields.String(validate=validate.Length(max=LONGEST_EMAIL))


class EmptyBody(Schema):
    """An empty body."""


class NewPasswordBody(Schema):
    """``PUT /api/accounts/me/password``"""

    EXAMPLE: ClassVar[Example] = {"new_password": "une autre phrase, plus longue encore"}

    password = fields.String(required=True, validate=validate.Length(max=LONGEST_PASSWORD))
    new_password = fields.String(required=True, validate=validate.Length(max=LONGEST_PASSWORD))


class PasswordBody(Schema):
    """``POST /api/accounts/password-reset/{token}``"""

    password = fields.String(required=True, validate=validate.Length(max=LONGEST_PASSWORD))
