"""Bodies of registration, of the caller's own account, and of the export."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from contracts.fields import Flag, Instant, WholeNumber
from contracts.story import CHOSEN, THOMAS, Example
from services.accounts.model import ROLES
from services.accounts.schemas.factors import FactorSchema
from services.accounts.schemas.sessions import SessionSchema
from services.accounts.schemas.texts import LONGEST_PASSWORD, Email, Locale, Name


class RegistrationBody(Schema):
    """``POST /api/accounts``. The password is needed unless e-mails must be verified."""

    EXAMPLE: ClassVar[Example] = {"role": "mentor"}

    email = Email(required=True)
    password = fields.String(validate=validate.Length(max=LONGEST_PASSWORD))
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    display_name = Name(required=True)
    locale = Locale(required=True)


class RegisteredSchema(Schema):
    """The answer to a registration."""

    EXAMPLE: ClassVar[Example] = {"id": THOMAS, "role": "mentor"}

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

    EXAMPLE: ClassVar[Example] = {
        **RegisteredSchema.EXAMPLE,
        "created_at": "2026-11-20T08:00:00.000Z",
        "erasure_at": None,
    }

    email = fields.String()
    verified = Flag()
    created_at = Instant()
    erasure_at = Instant(allow_none=True)


class AcceptedSchema(Schema):
    """An empty answer: accepted, whether or not there was anything to do."""


class OwnPasswordBody(Schema):
    """The caller's password, for what a stolen session must not do."""

    password = fields.String(required=True, validate=validate.Length(max=LONGEST_PASSWORD))


class DepartureSchema(Schema):
    """An erasure that was asked for: ``at`` is when it begins."""

    EXAMPLE: ClassVar[Example] = {"at": CHOSEN}

    at = Instant()


class PublishedSchema(Schema):
    """An event about the caller."""

    EXAMPLE: ClassVar[Example] = {
        "name": "account.registered",
        "time": "2026-11-20T08:00:00.000Z",
        "payload": {"role": "mentor", "locale": "fr"},
    }

    name = fields.String()
    time = Instant()
    payload = fields.Dict()


class EmailChangeSchema(Schema):
    """A change of the caller's e-mail. ``email`` is the new one, and the old one since ``confirmed_at``."""

    EXAMPLE: ClassVar[Example] = {
        "email": "thomas.martin@example.org",
        "asked_at": "2026-11-20T08:00:00.000Z",
        "confirmed_at": None,
        "expires_at": "2026-11-21T08:00:00.000Z",
    }

    email = fields.String()
    asked_at = Instant()
    confirmed_at = Instant(allow_none=True)
    expires_at = Instant()


class ExportSchema(Schema):
    """All data that this service stores of the caller, except the password's hash and the tokens' digests."""

    account = fields.Nested(AccountSchema)
    sessions = fields.List(fields.Nested(SessionSchema))
    failed_sign_ins = WholeNumber()
    second_factor = fields.Nested(FactorSchema, allow_none=True)
    events = fields.List(fields.Nested(PublishedSchema))
    email_changes = fields.List(fields.Nested(EmailChangeSchema))
