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

__all__ = [
    "CopyBody",
    "LinkBody",
    "MessageSchema",
    "PassSchema",
    "ProgrammeBody",
    "ProgrammeChangeBody",
    "ProgrammePage",
    "ProgrammeSchema",
]
