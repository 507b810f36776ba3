"""HTTP routes: accounts, sessions, links in mails, operators, the public keys, and internal routes for notify."""

from flask import Blueprint

from chassis.unit import UnitOfWork
from services.accounts.api import accounts, internal, keys, links, operations, sessions
from services.accounts.clients.hashing import Passwords
from services.accounts.config import Config


def blueprints(work: UnitOfWork, config: Config) -> list[Blueprint]:
    """The routes of this service."""
    passwords = Passwords(config.hash_time_cost, config.hash_memory_kib)
    return [
        accounts.routes(work, config, passwords),
        links.routes(work, config, passwords),
        sessions.routes(work, config, passwords),
        operations.routes(work),
        keys.routes(work, config),
        internal.routes(work, config),
    ]
