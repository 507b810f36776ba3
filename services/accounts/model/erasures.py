"""Who is going and who has gone. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.parts import DATABASES
from services.accounts.model.accounts import Account
from services.accounts.model.mails import Address


@dataclass(frozen=True)
class Erasure:
    """The services' answers; ``to`` is where the receipt goes, kept until it is on its way, then None.

    ``waits_for`` is None in one that is older than this field: it waits for the services of today.

    It carries the account's events on, so it carries their sequence on, too: ``version``.
    """

    account: str
    requested_at: datetime
    done: Mapping[str, datetime]
    completed_at: datetime | None
    waits_for: Sequence[str] | None
    to: Address | None
    version: int

    def hear(self, service: str, now: datetime) -> "Erasure":
        """A service holds nothing of the person any more; complete with the last that it waits for."""
        done = self.done if service in self.done else {**self.done, service: now}
        waits_for = DATABASES if self.waits_for is None else self.waits_for
        complete = self.completed_at is None and done.keys() >= set(waits_for)
        return replace(self, done=done, completed_at=now if complete else self.completed_at)


def begin_erasure(account: Account, now: datetime) -> Erasure:
    """The account's erasure, after the one event that asks for it. It waits for the services of today: one that joins
    later was not asked, and holds nothing.
    """
    return Erasure(
        account=account.id,
        requested_at=now,
        done={"accounts": now},
        completed_at=None,
        waits_for=sorted(DATABASES),
        to=account.address(),
        version=account.version + 1,
    )
