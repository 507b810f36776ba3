"""Erasures of accounts, in progress and completed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.parts import DATABASES
from services.accounts.model.accounts import Account
from services.accounts.model.departures import Departure
from services.accounts.model.mails import Address

OVERDUE = timedelta(days=1)
"""Services confirm an erasure within seconds of being up; after this time operators should look."""

STAGES = ("asked", "decided", "running", "done")
"""How far an account's erasure is: its owner can stop it; nobody can; services have yet to confirm; all have."""


@dataclass(frozen=True)
class Erasure:
    """An account's erasure and the services that have confirmed it (``done``).

    ``to`` is the receipt's address, None once a receipt is requested, ``due_at`` at the latest. ``waits_for`` is None
    in erasures older than this field, which wait for the current services. ``version`` continues the sequence of the
    account's events.
    """

    account: str
    requested_at: datetime
    done: Mapping[str, datetime]
    completed_at: datetime | None
    waits_for: Sequence[str] | None
    to: Address | None
    version: int
    due_at: datetime | None = None

    @property
    def missing(self) -> list[str]:
        """The services that have not confirmed it, sorted."""
        return sorted(set(DATABASES if self.waits_for is None else self.waits_for) - self.done.keys())

    def without_address(self) -> "Erasure":
        """A receipt was requested, the only one: the address is not needed any more."""
        return replace(self, to=None, due_at=None)

    def confirm(self, service: str, now: datetime) -> "Erasure":
        """A service has deleted the person's data; the erasure is complete with the last service in ``waits_for``."""
        done = self.done if service in self.done else {**self.done, service: now}
        confirmed = replace(self, done=done)
        complete = self.completed_at is None and not confirmed.missing
        return replace(confirmed, completed_at=now if complete else self.completed_at)


def begin_erasure(account: Account, receipt_within: timedelta, now: datetime) -> Erasure:
    """Starts the account's erasure, after the event that requests it. It waits for the current services; one added
    later got no request, and holds no data. A receipt is sent within ``receipt_within``, complete or not.
    """
    return Erasure(
        account=account.id,
        requested_at=now,
        done={"accounts": now},
        completed_at=None,
        waits_for=sorted(DATABASES),
        to=account.address(),
        version=account.version + 1,
        due_at=now + receipt_within,
    )


def stage(departure: Departure | None, erasure: Erasure | None) -> str | None:
    """How far an account's erasure is (`STAGES`); None if nobody asked for it."""
    if erasure is not None:
        return "running" if erasure.completed_at is None else "done"
    if departure is not None:
        return "decided" if departure.asked or departure.insists else "asked"
    return None
