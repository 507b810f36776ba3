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
from services.programmes.schemas.export import ErasureAskedSchema, HoldingsSchema, ParticipationSchema
from services.programmes.schemas.links import (
    InvitationLinkBody,
    InvitationLinkPage,
    InvitationLinkSchema,
    JoinBody,
    JoinedSchema,
    MadeLinkSchema,
)
from services.programmes.schemas.messages import MessageSchema
from services.programmes.schemas.organisers import OrganiserBody, OrganiserList, OrganiserSchema
from services.programmes.schemas.participants import (
    CSV_EXAMPLE,
    CorrectionBody,
    EnrolmentSchema,
    EnrolQuery,
    NothingBody,
    ObjectionBody,
    OwnDataBody,
    OwnDataSchema,
    ParticipantPage,
    ParticipantQuery,
    ParticipantSchema,
    PersonBody,
)
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
    "CSV_EXAMPLE",
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
    "CorrectionBody",
    "EndBody",
    "EndedSchema",
    "EnrolQuery",
    "EnrolmentSchema",
    "ErasureAskedSchema",
    "GoalList",
    "HoldingsSchema",
    "InvitationLinkBody",
    "InvitationLinkPage",
    "InvitationLinkSchema",
    "JoinBody",
    "JoinedSchema",
    "LeftSchema",
    "LinkBody",
    "LocaleQuery",
    "MadeLinkSchema",
    "MeetingsPage",
    "MessageSchema",
    "NothingBody",
    "ObjectionBody",
    "OrganiserBody",
    "OrganiserList",
    "OrganiserSchema",
    "OwnAnswersSchema",
    "OwnDataBody",
    "OwnDataSchema",
    "ParticipantPage",
    "ParticipantQuery",
    "ParticipantSchema",
    "ParticipationSchema",
    "PassSchema",
    "PersonBody",
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
