"""The HTTP bodies of this service, as documented in docs/api.md."""

from services.programmes.schemas.agendas import AgendasSchema, AnswersBody, AssessmentSchema, OwnAnswersSchema
from services.programmes.schemas.endings import EndBody, EndedSchema, LeftSchema
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
from services.programmes.schemas.sessions import (
    MeetingsPage,
    SessionBody,
    SessionChangeBody,
    SessionList,
    SessionSchema,
)

__all__ = [
    "AgendasSchema",
    "AnswersBody",
    "AssessmentSchema",
    "CopyBody",
    "EndBody",
    "EndedSchema",
    "LeftSchema",
    "LinkBody",
    "LocaleQuery",
    "MeetingsPage",
    "MessageSchema",
    "OwnAnswersSchema",
    "PassSchema",
    "ProgrammeBody",
    "ProgrammeChangeBody",
    "ProgrammePage",
    "ProgrammeSchema",
    "ProgressSchema",
    "SessionBody",
    "SessionChangeBody",
    "SessionList",
    "SessionSchema",
]
