"""HTTP routes: accounts, addresses, departures, sessions, links, operators, public keys, and internal ones."""

from flask import Blueprint

from chassis.http import flow, letters, trail
from chassis.http.internal import InternalRoutes
from chassis.unit import UnitOfWork
from contracts.flow import FlowSchema
from contracts.letters import LETTERS
from contracts.trail import AuditEntrySchema
from services.accounts.api import accounts, addresses, departures, factors, internal, keys, links, operations, sessions
from services.accounts.clients.commitments import Commitments
from services.accounts.clients.hashing import Passwords
from services.accounts.config import Config


def blueprints(work: UnitOfWork, config: Config) -> list[Blueprint]:
    """The routes of this service."""
    passwords = Passwords(config.hash_time_cost, config.hash_memory_kib, config.hashes_waiting)
    commitments = Commitments(InternalRoutes(config.projects_url, config.to_projects, tls=config.tls.client()))
    return [
        accounts.routes(work, config, passwords),
        departures.routes(work, config, passwords, commitments),
        departures.links(work, config),
        addresses.routes(work, config, passwords),
        addresses.links(work, config),
        links.routes(work, config, passwords),
        sessions.routes(work, config, passwords),
        operations.routes(work, config),
        factors.routes(work, config, passwords),
        trail.routes(work, "/api/operations/audit", AuditEntrySchema),
        letters.routes(work, "/api/operations/accounts/dead-letters", *LETTERS),
        flow.routes(work, "/api/operations/accounts/events", FlowSchema),
        keys.routes(work, config),
        internal.routes(work, config),
    ]
