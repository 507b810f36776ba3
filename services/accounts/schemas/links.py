"""Links in mails."""

from marshmallow import Schema, fields, validate

from services.accounts.schemas.texts import LONGEST_EMAIL, LONGEST_PASSWORD


class EmailBody(Schema):
    """Whose e-mail or password it is about. Any text may be tried, as in `CredentialsBody`."""

    email = fields.String(required=True, validate=validate.Length(max=LONGEST_EMAIL))


class OptionalEmailBody(Schema):
    """``POST /api/accounts/verification``: without an e-mail it is about the caller's own."""

    email = fields.String(validate=validate.Length(max=LONGEST_EMAIL))


class EmptyBody(Schema):
    """Nothing is to be said."""


class PasswordBody(Schema):
    """``POST /api/accounts/password-reset/{token}``"""

    password = fields.String(required=True, validate=validate.Length(max=LONGEST_PASSWORD))
