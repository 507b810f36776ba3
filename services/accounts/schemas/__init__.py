"""The HTTP bodies of this service, as pinned in docs/api.md."""

from services.accounts.schemas.accounts import (
    AcceptedSchema,
    AccountBody,
    AccountSchema,
    DepartureSchema,
    ExportSchema,
    OwnPasswordBody,
    RegisteredSchema,
    RegistrationBody,
)
from services.accounts.schemas.factors import (
    CodeBody,
    FactorBody,
    FactorSchema,
    NewFactorSchema,
    RaisedSchema,
    RecoverySchema,
    ResetBody,
)
from services.accounts.schemas.internal import AddressSchema, MailSchema
from services.accounts.schemas.links import (
    EmailBody,
    EmptyBody,
    NewEmailBody,
    NewPasswordBody,
    OptionalEmailBody,
    OptionalPasswordBody,
    PasswordBody,
)
from services.accounts.schemas.operations import (
    FoundQuery,
    FoundSchema,
    ReinstatementBody,
    SuspensionBody,
    SuspensionSchema,
    UnfinishedErasureSchema,
)
from services.accounts.schemas.sessions import CredentialsBody, RefreshBody, SessionPage, SessionSchema, TokensSchema

__all__ = [
    "AcceptedSchema",
    "AccountBody",
    "AccountSchema",
    "AddressSchema",
    "CodeBody",
    "CredentialsBody",
    "DepartureSchema",
    "EmailBody",
    "EmptyBody",
    "ExportSchema",
    "FactorBody",
    "FactorSchema",
    "FoundQuery",
    "FoundSchema",
    "MailSchema",
    "NewEmailBody",
    "NewFactorSchema",
    "NewPasswordBody",
    "OptionalEmailBody",
    "OptionalPasswordBody",
    "OwnPasswordBody",
    "PasswordBody",
    "RaisedSchema",
    "RecoverySchema",
    "RefreshBody",
    "RegisteredSchema",
    "RegistrationBody",
    "ReinstatementBody",
    "ResetBody",
    "SessionPage",
    "SessionSchema",
    "SuspensionBody",
    "SuspensionSchema",
    "TokensSchema",
    "UnfinishedErasureSchema",
]
