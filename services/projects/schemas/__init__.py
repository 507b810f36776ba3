"""The HTTP bodies of this service, as documented in docs/api.md."""

from services.projects.schemas.export import ExportSchema
from services.projects.schemas.orders import BillingBody, BillingSchema, OrderSchema
from services.projects.schemas.organisations import (
    ClientSchema,
    ColleagueBody,
    ColleagueInvitationSchema,
    MemberList,
    MemberSchema,
    OrganisationBody,
    OrganisationSchema,
)
from services.projects.schemas.projects import (
    AcceptanceBody,
    AcceptanceSchema,
    ProjectBody,
    ProjectPage,
    ProjectSchema,
    ReasonBody,
    ReviewBody,
)
from services.projects.schemas.questions import AnswerBody, QuestionBody, QuestionPage, QuestionSchema
from services.projects.schemas.reports import (
    ReportBody,
    ReportedSchema,
    ReportQuery,
    ReportSchema,
    ResolutionBody,
    StuckProjectSchema,
)

__all__ = [
    "AcceptanceBody",
    "AcceptanceSchema",
    "AnswerBody",
    "BillingBody",
    "BillingSchema",
    "ClientSchema",
    "ColleagueBody",
    "ColleagueInvitationSchema",
    "ExportSchema",
    "MemberList",
    "MemberSchema",
    "OrderSchema",
    "OrganisationBody",
    "OrganisationSchema",
    "ProjectBody",
    "ProjectPage",
    "ProjectSchema",
    "QuestionBody",
    "QuestionPage",
    "QuestionSchema",
    "ReasonBody",
    "ReportBody",
    "ReportQuery",
    "ReportSchema",
    "ReportedSchema",
    "ResolutionBody",
    "ReviewBody",
    "StuckProjectSchema",
]
