"""Revocations of access tokens in MongoDB: each is a document of its own, with one event for the other services."""

from datetime import timedelta

from chassis.ids import new_id
from chassis.revocations import COLLECTION
from chassis.unit import Unit
from contracts.facts import SessionsRevoked

MARGIN = timedelta(minutes=1)
"""How much longer than a token a revocation is kept: the clocks of two machines may differ."""


def revoke(unit: Unit, account: str, life: timedelta, *, ended: str | None = None, kept: str | None = None) -> None:
    """Revokes the access tokens, valid for ``life``, of one session, or of all that the account has but ``kept``."""
    fact = SessionsRevoked(account=account, ended=ended, kept=kept, at=unit.now, until=unit.now + life + MARGIN)
    unit.put(COLLECTION, {"_id": new_id(), "version": 0, **fact.data, "kept_at": unit.now}, [fact])
