"""HTTP in: organisations, posting, the choice and the reveal."""

from flask import Blueprint

from chassis.unit import UnitOfWork
from services.projects.api import choice, export, organisations, projects
from services.projects.config import Config


def blueprints(work: UnitOfWork, config: Config) -> list[Blueprint]:
    """The routes of this service."""
    return [
        organisations.routes(work),
        projects.routes(work, config),
        choice.routes(work, config),
        export.routes(work),
    ]
