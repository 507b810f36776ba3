"""HTTP API: organisations, posting, questions, reports, the choice, the reveal and orders."""

from flask import Blueprint

from chassis.http import flow, letters, trail
from chassis.unit import UnitOfWork
from contracts.flow import FlowSchema
from contracts.letters import LETTERS
from contracts.trail import AuditEntrySchema
from services.projects.api import (
    choice,
    export,
    internal,
    operations,
    orders,
    organisations,
    preview,
    projects,
    questions,
    reports,
)
from services.projects.config import Config


def blueprints(work: UnitOfWork, config: Config) -> list[Blueprint]:
    """The routes of this service."""
    return [
        organisations.routes(work, config),
        preview.routes(work),
        projects.routes(work, config),
        choice.routes(work, config),
        questions.routes(work),
        internal.routes(work, config),
        reports.routes(work),
        operations.routes(work),
        trail.routes(work, "/api/operations/projects/audit", AuditEntrySchema),
        letters.routes(work, "/api/operations/projects/dead-letters", *LETTERS),
        flow.routes(work, "/api/operations/projects/events", FlowSchema),
        orders.routes(work, config),
        export.routes(work, config),
    ]
