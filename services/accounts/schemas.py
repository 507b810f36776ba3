"""The HTTP bodies of this service, as docs/api.md pins them."""

import re
import unicodedata
from typing import Any

from email_validator import EmailNotValidError
from marshmallow import Schema, ValidationError, fields, validate

from chassis.http.pages import PageQuery
from contracts.fields import Flag, Id, Instant, Text, WholeNumber
from contracts.scan import contact_data, fold
from services.accounts.model import LOCALES, ROLES, normal_email

LONGEST_EMAIL = 320
LONGEST_PASSWORD = 1024
LINK = re.compile(r"://|@|\bwww\.|\w{3}[.\u2024\u2027\u3002]\w{2}")
"""What is refused in a name beside contact data: a host of any ending. "St.Pierre" and "J.P. Morgan" are names."""


class Email(fields.String):
    """An e-mail in its normal form. Whether anybody can be reached there is not asked."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return normal_email(text[: LONGEST_EMAIL + 1])
        except EmailNotValidError as error:
            raise ValidationError("Not an e-mail address.") from error


def one_line(text: str) -> None:
    """Names go into the headers of mails: no line breaks, no control characters."""
    if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in text):
        raise ValidationError("Write it on one line.")


def no_contact_data(text: str) -> None:
    """Names are read by others, in mails too: no links, addresses or telephone numbers, and nothing that looks so."""
    if contact_data(text) or LINK.search(fold(text).text):
        raise ValidationError("Give a name without links, addresses or telephone numbers.")


def Name(**kwargs: Any) -> Text:
    """What a person is called."""
    return Text(most=100, validate=[one_line, no_contact_data], **kwargs)


def Locale(**kwargs: Any) -> fields.String:
    """The language that we write to a person in."""
    return fields.String(validate=validate.OneOf(LOCALES), **kwargs)


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


class CredentialsBody(Schema):
    """``POST /api/sessions``. Any text may be tried: what is no e-mail is as unknown as any other."""

    email = fields.String(required=True, validate=validate.Length(max=LONGEST_EMAIL))
    password = fields.String(required=True, validate=validate.Length(max=LONGEST_PASSWORD))


class RefreshBody(Schema):
    """``POST /api/sessions/refresh``"""

    refresh_token = fields.String(required=True, validate=validate.Length(max=200))


class TokensSchema(Schema):
    """What a client shows to be let in (RFC 6749, section 5.1)."""

    access_token = fields.String()
    token_type = fields.String()
    expires_in = WholeNumber()
    refresh_token = fields.String()


class AccountBody(Schema):
    """``PATCH /api/accounts/me``"""

    display_name = Name()
    locale = Locale()


class AccountSchema(RegisteredSchema):
    """An account as its owner sees it."""

    email = fields.String()
    verified = Flag()
    created_at = Instant()


class EmailBody(Schema):
    """Whose e-mail or password it is about. Any text may be tried, as in `CredentialsBody`."""

    email = fields.String(required=True, validate=validate.Length(max=LONGEST_EMAIL))


class OptionalEmailBody(Schema):
    """``POST /api/accounts/verification``: without an e-mail it is about the caller's own."""

    email = fields.String(validate=validate.Length(max=LONGEST_EMAIL))


class AcceptedSchema(Schema):
    """It is under way, or there was nothing to do: the answer does not tell."""


class EmptyBody(Schema):
    """Nothing is to be said."""


class PasswordBody(Schema):
    """``POST /api/accounts/password-reset/{token}``"""

    password = fields.String(required=True, validate=validate.Length(max=LONGEST_PASSWORD))


class SuspensionBody(Schema):
    """Why somebody is kept out; operators read it."""

    reason = Text(most=500, required=True)


class SuspensionSchema(Schema):
    """Somebody is kept out."""

    id = fields.String()
    suspended_at = Instant()


class AuditQuery(PageQuery):
    """``?whom=&limit=&cursor=``"""

    whom = Id()


class AuditEntrySchema(Schema):
    """Who did what to whom, when and why."""

    id = fields.String()
    who = fields.String()
    what = fields.String()
    whom = fields.String()
    at = Instant()
    reason = fields.String()


class SessionSchema(Schema):
    """A session of the caller."""

    id = fields.String()
    created_at = Instant()
    refreshed_at = Instant()
    expires_at = Instant()


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


class AddressSchema(Schema):
    """Where notify reaches a person."""

    email = fields.String()
    display_name = fields.String()
    locale = fields.String()


class MailSchema(AddressSchema):
    """What notify needs to send a mail of ours; ``token`` is for the link, where there is one."""

    kind = fields.String()
    token = fields.String(allow_none=True)
