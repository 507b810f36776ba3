"""HTTP API: rounds, claims, quotes and receipts."""

from functools import cache
from typing import Any

from flask import Blueprint

from chassis.unit import UnitOfWork
from services.quotes import store
from services.quotes.api import operations, quotes, receipts, rounds
from services.quotes.model import Signer


def blueprints(work: UnitOfWork, _config: Any) -> list[Blueprint]:
    """The routes of this service."""

    @cache
    def signer() -> Signer:
        return store.signer(work.database)

    return [rounds.routes(work), quotes.routes(work, signer), receipts.routes(signer), operations.routes(work)]
