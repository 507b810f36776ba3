"""Opening an account, one's own account, and all that is held of a person."""

from marshmallow import Schema, fields, validate

from contracts.fields import Flag, Instant, WholeNumber
from services.accounts.model import ROLES
from services.accounts.schemas.sessions import SessionSchema
from services.accounts.schemas.texts import LONGEST_PASSWORD, Email, Locale, Name


class RegistrationBody(Schema):
    """``POST /api/accounts``"""

    email = Email(required=True)
    password = fields.String(required=True, validate=validate.Length(max=LONGEST_PASSWORD))
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    display_name = Name(required=True)
    locale = Locale(required=True)


class RegisteredSchema(Schema):
    """The answer to a registration."""

    id = fields.String()
    role = fields.String()
    display_name = fields.String()
    locale = fields.String()


class AccountBody(Schema):
    """``PATCH /api/accounts/me``"""

    display_name = Name()
    locale = Locale()


class AccountSchema(RegisteredSchema):
    """An account as its owner sees it."""

    email = fields.String()
    verified = Flag()
    created_at = Instant()


class AcceptedSchema(Schema):
    """It is under way, or there was nothing to do: the answer does not tell."""


class PublishedSchema(Schema):
    """An event about the caller."""

    name = fields.String()
    time = Instant()
    payload = fields.Dict()


class ExportSchema(Schema):
    """All that this service holds of the caller, but for the password's hash and the tokens' digests."""

    account = fields.Nested(AccountSchema)
    sessions = fields.List(fields.Nested(SessionSchema))
    failed_sign_ins = WholeNumber()
    events = fields.List(fields.Nested(PublishedSchema))
