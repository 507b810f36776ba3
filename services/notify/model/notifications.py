"""A person's notification, and the mail that goes with it. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.notify.model.audience import Notice
from services.notify.model.deliveries import Delivery, email_id
from services.notify.model.people import Person


@dataclass(frozen=True)
class Notification:
    """``counter`` numbers a person's notifications. One that is not ``in_app`` is mailed only, and never shown.

    It is about a project or a programme; the id of the other is None.
    """

    id: str
    account: str
    kind: str
    project_id: str | None
    created_at: datetime
    data: Mapping[str, Any]
    counter: int
    read_at: datetime | None
    in_app: bool
    programme_id: str | None = None

    def read(self, now: datetime) -> "Notification":
        """Marks it as read at ``now``; if it is read already, the first time stays."""
        return self if self.read_at else replace(self, read_at=now)


def notifications_of(
    every: Sequence[Notice], people: Mapping[str, Person], last: Mapping[str, int], now: datetime
) -> list[Notification]:
    """Numbers each person's notices consecutively, so that the latest has the counter in ``last``."""
    place = {account: last[account] - count for account, count in Counter(one.account for one in every).items()}
    made = []
    for notice in every:
        place[notice.account] += 1
        shown = people[notice.account].wants(notice.kind, "in_app")
        common = (notice.id, notice.account, notice.kind, notice.project_id, now, notice.data)
        made.append(Notification(*common, place[notice.account], None, shown, notice.programme_id))
    return made


def mails_of(every: Sequence[Notice], news_at: datetime, now: datetime) -> list[Delivery]:
    """The mails of the notices that are mailed, due now. Preferences are checked when a mail is sent."""
    return [
        Delivery(email_id(one.id), one.account, one.kind, now, news_at, now, one.id, one.project_id)
        for one in every
        if one.mailed
    ]
