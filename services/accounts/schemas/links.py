"""Bodies of the routes for links in mails."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from contracts.story import Example
from services.accounts.schemas.texts import LONGEST_EMAIL, LONGEST_PASSWORD, Email


class EmailBody(Schema):
    """The e-mail of the account concerned. Any text is accepted, as in `CredentialsBody`."""

    email = fields.String(required=True, validate=validate.Length(max=LONGEST_EMAIL))


class OptionalEmailBody(Schema):
    """``POST /api/accounts/verification``; without an e-mail the caller's own is meant."""

    email = fields.String(validate=validate.Length(max=LONGEST_EMAIL))


class NewEmailBody(Schema):
    """``PUT /api/accounts/me/email``, with the current password."""

    EXAMPLE: ClassVar[Example] = {"email": "helene@example.org"}

    email = Email(required=True)
    password = fields.String(required=True, validate=validate.Length(max=LONGEST_PASSWORD))


class OptionalPasswordBody(Schema):
    """``POST /api/accounts/verification/{token}``; the password is needed where e-mails must be verified."""

    password = fields.String(validate=validate.Length(max=LONGEST_PASSWORD))


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
