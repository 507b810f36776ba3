"""A notification as its person has it, and the mail that goes with it. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.notify.model.audience import News
from services.notify.model.deliveries import Delivery, email_id
from services.notify.model.people import Person


@dataclass(frozen=True)
class Notification:
    """``counter`` is its place among its person's; one that is not ``in_app`` is mailed only, and never shown."""

    id: str
    account: str
    kind: str
    project_id: str
    created_at: datetime
    data: Mapping[str, Any]
    counter: int
    read_at: datetime | None
    in_app: bool

    def read(self, now: datetime) -> "Notification":
        """Read now or, if it was before, then."""
        return self if self.read_at else replace(self, read_at=now)


def notifications_of(
    every: Sequence[News], people: Mapping[str, Person], last: Mapping[str, int], now: datetime
) -> list[Notification]:
    """The news as notifications, each person's numbered so that they end with the counter in ``last``."""
    place = {account: last[account] - count for account, count in Counter(news.account for news in every).items()}
    made = []
    for news in every:
        place[news.account] += 1
        shown = people[news.account].wants(news.kind, "in_app")
        common = (news.id, news.account, news.kind, news.project_id, now, news.data)
        made.append(Notification(*common, place[news.account], None, shown))
    return made


def mails_of(every: Sequence[News], news_at: datetime, now: datetime) -> list[Delivery]:
    """The mails of those news that are mailed, due at once; whether one is wanted is decided when it goes."""
    return [
        Delivery(email_id(news.id), news.account, news.kind, now, news_at, now, news.id, news.project_id)
        for news in every
        if news.mailed
    ]
