"""The HTTP bodies of this service, as documented in docs/api.md."""

from services.programmes.schemas.agendas import AgendasSchema, AnswersBody, AssessmentSchema, OwnAnswersSchema
from services.programmes.schemas.challenges import (
    ChallengeBody,
    ChallengeChangeBody,
    ChallengePage,
    ChallengeSchema,
    GoalList,
)
from services.programmes.schemas.contributions import BoardSchema, ContributionBody, ContributionSchema
from services.programmes.schemas.endings import EndBody, EndedSchema, LeftSchema
from services.programmes.schemas.messages import MessageSchema
from services.programmes.schemas.organisers import OrganiserBody, OrganiserList, OrganiserSchema
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
from services.programmes.schemas.teams import TeamList

__all__ = [
    "AgendasSchema",
    "AnswersBody",
    "AssessmentSchema",
    "BoardSchema",
    "ChallengeBody",
    "ChallengeChangeBody",
    "ChallengePage",
    "ChallengeSchema",
    "ContributionBody",
    "ContributionSchema",
    "CopyBody",
    "EndBody",
    "EndedSchema",
    "GoalList",
    "LeftSchema",
    "LinkBody",
    "LocaleQuery",
    "MeetingsPage",
    "MessageSchema",
    "OrganiserBody",
    "OrganiserList",
    "OrganiserSchema",
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
    "TeamList",
]
