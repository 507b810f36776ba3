"""HTTP API: rounds, claims, quotes and receipts."""

from functools import cache

from flask import Blueprint

from chassis.http import flow, letters, trail
from chassis.unit import UnitOfWork
from contracts.flow import FlowSchema
from contracts.letters import LETTERS
from contracts.trail import AuditEntrySchema
from services.quotes import store
from services.quotes.api import drafts, operations, quotes, receipts, rounds
from services.quotes.config import Config
from services.quotes.model import Signer


def blueprints(work: UnitOfWork, config: Config) -> list[Blueprint]:
    """The routes of this service."""

    @cache
    def signer() -> Signer:
        return store.signer(work)

    return [
        rounds.routes(work, config),
        quotes.routes(work, signer, config),
        drafts.routes(work),
        receipts.routes(signer),
        operations.routes(work),
        trail.routes(work, "/api/operations/quotes/audit", AuditEntrySchema),
        letters.routes(work, "/api/operations/quotes/dead-letters", *LETTERS),
        flow.routes(work, "/api/operations/quotes/events", FlowSchema),
    ]
