"""The export of a person's data."""

from typing import ClassVar

from marshmallow import Schema, fields

from contracts.fields import Instant
from contracts.story import ASKED, PROJECT, QUESTION, RECEIVED, REPORT, Example
from services.projects.schemas.orders import BillingSchema, OrderSchema
from services.projects.schemas.organisations import ClientSchema, OrganisationSchema
from services.projects.schemas.projects import ProjectSchema, ReviewSchema


class ExportedProjectSchema(ProjectSchema):
    """A project with the fields that only the client's members see."""

    excluded_mentors = fields.List(fields.String())
    excluded_schools = fields.List(fields.String())
    revealed = fields.Nested(ClientSchema)


class ExportedReviewSchema(ReviewSchema):
    """A mentor's review of a client."""

    project_id = fields.String()


class ExportedQuestionSchema(Schema):
    """A question, as exported to the mentor who asked it."""

    EXAMPLE: ClassVar[Example] = {"id": QUESTION, "created_at": ASKED}

    id = fields.String()
    project_id = fields.String()
    asker = fields.String(attribute="pseudonym")
    text = fields.String()
    created_at = Instant()


class ExportedAnswerSchema(Schema):
    """An answer, as exported to the client that gave it, without the mentor's question."""

    question_id = fields.String(attribute="id")
    project_id = fields.String()
    answer = fields.String()
    answered_at = Instant()


class ExportedReportSchema(Schema):
    """A report, as exported to the person who made it."""

    EXAMPLE: ClassVar[Example] = {"id": REPORT, "state": "open", "created_at": RECEIVED}

    id = fields.String()
    project_id = fields.String()
    reason = fields.String()
    created_at = Instant()
    state = fields.String()


class ExportSchema(Schema):
    """All data that this service holds about a person."""

    EXAMPLE: ClassVar[Example] = {"chosen_for": [PROJECT]}

    organisation = fields.Nested(OrganisationSchema, allow_none=True)
    projects = fields.List(fields.Nested(ExportedProjectSchema))
    chosen_for = fields.List(fields.String())
    reviews = fields.List(fields.Nested(ExportedReviewSchema))
    invited_to = fields.List(fields.String())
    questions = fields.List(fields.Nested(ExportedQuestionSchema))
    answers = fields.List(fields.Nested(ExportedAnswerSchema))
    reports = fields.List(fields.Nested(ExportedReportSchema))
    billing = fields.Nested(BillingSchema, allow_none=True)
    orders = fields.List(fields.Nested(OrderSchema))
