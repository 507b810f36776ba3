"""HTTP routes: notifications, their stream, preferences, the export, and operators' mails."""

from flask import Blueprint

from chassis.http import flow, letters, trail
from chassis.unit import UnitOfWork
from contracts.flow import FlowSchema
from contracts.letters import LETTERS
from contracts.trail import AuditEntrySchema
from services.notify.api import notifications, operations, preferences, stream, unsubscribing
from services.notify.config import Config


def blueprints(work: UnitOfWork, config: Config) -> list[Blueprint]:
    """The routes of this service."""
    return [
        notifications.routes(work),
        stream.routes(work, config),
        preferences.routes(work, config),
        unsubscribing.routes(work),
        operations.routes(work),
        trail.routes(work, "/api/operations/notify/audit", AuditEntrySchema),
        letters.routes(work, "/api/operations/notify/dead-letters", *LETTERS),
        flow.routes(work, "/api/operations/notify/events", FlowSchema),
    ]
