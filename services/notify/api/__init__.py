"""HTTP routes: notifications, their stream, preferences, the export, and operators' mails."""

from flask import Blueprint

from chassis.unit import UnitOfWork
from services.notify.api import notifications, operations, preferences, stream
from services.notify.config import Config


def blueprints(work: UnitOfWork, config: Config) -> list[Blueprint]:
    """The routes of this service."""
    return [
        notifications.routes(work),
        stream.routes(work, config),
        preferences.routes(work, config),
        operations.routes(work),
    ]
