"""The HTTP bodies of this service, as documented in docs/api.md."""

from services.programmes.schemas.messages import MessageSchema
from services.programmes.schemas.programmes import (
    CopyBody,
    LinkBody,
    PassSchema,
    ProgrammeBody,
    ProgrammeChangeBody,
    ProgrammePage,
    ProgrammeSchema,
)
from services.programmes.schemas.progress import LocaleQuery, ProgressSchema

__all__ = [
    "CopyBody",
    "LinkBody",
    "LocaleQuery",
    "MessageSchema",
    "PassSchema",
    "ProgrammeBody",
    "ProgrammeChangeBody",
    "ProgrammePage",
    "ProgrammeSchema",
    "ProgressSchema",
]
