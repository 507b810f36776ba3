"""HTTP API: organisations, posting, questions, reports, the choice, the reveal and orders."""

from flask import Blueprint

from chassis.unit import UnitOfWork
from services.projects.api import choice, export, operations, orders, organisations, projects, questions, reports
from services.projects.config import Config


def blueprints(work: UnitOfWork, config: Config) -> list[Blueprint]:
    """The routes of this service."""
    return [
        organisations.routes(work, config),
        projects.routes(work, config),
        choice.routes(work, config),
        questions.routes(work),
        reports.routes(work),
        operations.routes(work),
        orders.routes(work, config),
        export.routes(work, config),
    ]
