"""HTTP API of programmes."""

from flask import Blueprint

from chassis.unit import UnitOfWork
from services.programmes.api import files, internal, passes, programmes, progress
from services.programmes.config import Config


def blueprints(work: UnitOfWork, config: Config) -> list[Blueprint]:
    """The routes of this service."""
    return [
        programmes.routes(work),
        passes.routes(work, config),
        internal.routes(work, config),
        progress.routes(work),
        files.routes(work),
    ]
