"""Who is told what: a function of what is known of a project. Pure.

A notification that an older event, coming later, contradicts is no longer in it, and is taken back.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.market import SLOTS
from services.notify.model.project import Project

KINDS = (
    "invited",
    "deadline-near",
    "round-over",
    "question-asked",
    "question-answered",
    "quote-received",
    "window-ended",
    "project-unfilled",
    "chosen",
    "not-chosen",
    "project-cancelled",
    "project-refused",
    "project-expired",
    "choice-reminder",
)
NEEDED = frozenset(
    {"invited", "deadline-near", "window-ended", "project-unfilled", "chosen", "project-cancelled", "choice-reminder"}
)
"""What the window and the choice need: it cannot be switched off in-app."""


@dataclass(frozen=True)
class News:
    """One notification to be: ``data`` is what its text needs; ``step`` tells repetitions of a kind apart."""

    kind: str
    project_id: str
    account: str
    data: Mapping[str, Any]
    step: int | str = 0

    @property
    def id(self) -> str:
        """The same news has the same id, in whatever order and however often it is found: nobody is told twice."""
        key = "\n".join((self.kind, self.project_id, self.account, str(self.step)))
        return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()[:18]).decode()

    @property
    def mailed(self) -> bool:
        """A mail for everything but the first four quotes."""
        return self.kind != "quote-received" or self.step == SLOTS


@dataclass(frozen=True)
class Difference:
    """What to tell, and which notifications to take back, so that people know what is true now."""

    tell: list[News]
    take_back: list[str]
    """Ids. Older news has come late, and these were never true."""
    made: list[str]
    """Ids of all that is true now, sorted."""


def difference(project: Project) -> Difference:
    """Compares what the project has given cause for with what was made of it before."""
    wanted = {news.id: news for news in news_of(project)}
    known = set(project.made)
    tell = [news for id, news in wanted.items() if id not in known]
    return Difference(tell, take_back=sorted(known - wanted.keys()), made=sorted(wanted))


def news_of(project: Project) -> list[News]:
    """Every notification that the project has given cause for so far; none while its title is not known."""
    if project.posted_at is None:
        return []
    first_end = project.posted_at + project.window
    found = [_tell(project, "invited", account, closes_at=first_end) for account in project.invited]
    found += _reminders(project, first_end)
    found += _questions(project)
    found += [
        _tell(project, "quote-received", client, step, received=step)
        for client in project.clients
        for step in project.received
        if step < SLOTS or not project.close_early  # the fifth ends the window, which is news enough
    ]
    found += _cancellation(project) if project.cancelled is not None else _end(project)
    found += _choice(project)
    found += [_tell(project, "chosen", account) for account, how in project.outcomes.items() if how == "accepted"]
    found += [_tell(project, "not-chosen", account) for account, how in project.outcomes.items() if how == "not_chosen"]
    return found


def _reminders(project: Project, first_end: datetime) -> list[News]:
    ends = {"0": first_end, "1": project.extended_to}
    return [
        _tell(project, "deadline-near", account, int(step), closes_at=ends[step])
        for step, accounts in project.reminded.items()
        for account in accounts
    ]


def _questions(project: Project) -> list[News]:
    """Whoever is invited later finds the answers with the project, and is not told of each."""
    found = [
        _tell(project, "question-asked", client, question) for client in project.clients for question in project.asked
    ]
    waiting = [account for account in project.invited if account not in project.declined]
    return found + [
        _tell(project, "question-answered", account, question)
        for question, at in project.answered.items()
        for account in waiting
        if project.invited_at.get(account, at) <= at
    ]


def _end(project: Project) -> list[News]:
    if not project.ended:
        return []
    count = len(project.ended["quoted"])
    gone = set(project.declined) | set(project.ended["quoted"])
    to_clients = [_tell(project, "project-unfilled", client) for client in project.clients]
    if count:
        reason = project.ended["reason"]
        to_clients = [_tell(project, "window-ended", client, quotes=count, reason=reason) for client in project.clients]
    return to_clients + [_tell(project, "round-over", account) for account in project.invited if account not in gone]


def _choice(project: Project) -> list[News]:
    if not project.ended or project.cancelled is not None:
        return []
    quoted, count = project.ended["quoted"], len(project.ended["quoted"])
    found = [
        _tell(project, "choice-reminder", client, days, quotes=count)
        for client in project.clients
        for days in project.nudged
    ]
    if project.refused is not None:
        found += [_tell(project, "project-refused", account, reason=project.refused) for account in quoted]
    if project.expired:
        found += [_tell(project, "project-expired", account) for account in (*project.clients, *quoted)]
    return found


def _cancellation(project: Project) -> list[News]:
    told = [account for account in project.invited if account in project.quoted or account not in project.declined]
    return [_tell(project, "project-cancelled", account, reason=project.cancelled) for account in told]


def _tell(project: Project, kind: str, account: str, step: int | str = 0, **data: Any) -> News:
    return News(kind, project.id, account, {"title": project.title, **data}, step)
