"""The HTTP bodies of this service, as pinned in docs/api.md."""

from services.accounts.schemas.accounts import (
    AcceptedSchema,
    AccountBody,
    AccountSchema,
    ExportSchema,
    RegisteredSchema,
    RegistrationBody,
)
from services.accounts.schemas.internal import AddressSchema, MailSchema
from services.accounts.schemas.links import EmailBody, EmptyBody, NewPasswordBody, OptionalEmailBody, PasswordBody
from services.accounts.schemas.operations import AuditEntrySchema, AuditQuery, SuspensionBody, SuspensionSchema
from services.accounts.schemas.sessions import CredentialsBody, RefreshBody, SessionPage, SessionSchema, TokensSchema

__all__ = [
    "AcceptedSchema",
    "AccountBody",
    "AccountSchema",
    "AddressSchema",
    "AuditEntrySchema",
    "AuditQuery",
    "CredentialsBody",
    "EmailBody",
    "EmptyBody",
    "ExportSchema",
    "MailSchema",
    "NewPasswordBody",
    "OptionalEmailBody",
    "PasswordBody",
    "RefreshBody",
    "RegisteredSchema",
    "RegistrationBody",
    "SessionPage",
    "SessionSchema",
    "SuspensionBody",
    "SuspensionSchema",
    "TokensSchema",
]
