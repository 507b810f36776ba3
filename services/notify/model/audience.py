"""Who gets which notification, as a function of what notify knows of a project. Pure.

When a late event contradicts a notification, the function no longer returns it, and it is taken back.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.market import ENDED_BY, SLOTS
from services.notify.model.project import Project

_, MODERATION, _ = ENDED_BY
KINDS = (
    "invited",
    "deadline-near",
    "claim-ending",
    "round-over",
    "question-asked",
    "question-answered",
    "quote-received",
    "window-ended",
    "project-unfilled",
    "chosen",
    "not-chosen",
    "project-completed",
    "review-shown",
    "project-cancelled",
    "cancelled-by-moderation",
    "project-refused",
    "project-expired",
    "choice-reminder",
    "choice-reopened",
    "programme",
)
NEEDED = frozenset(
    {
        "invited",
        "deadline-near",
        "claim-ending",
        "window-ended",
        "project-unfilled",
        "chosen",
        "project-cancelled",
        "cancelled-by-moderation",
        "choice-reminder",
        "choice-reopened",
    }
)
"""Kinds without which the window or the choice fails; a person cannot switch them off in-app."""


@dataclass(frozen=True)
class Notice:
    """A notification before it is stored, about a project or a programme.

    Its text uses ``data``; ``step`` distinguishes repetitions of a kind.
    """

    kind: str
    project_id: str | None
    account: str
    data: Mapping[str, Any]
    step: int | str = 0
    programme_id: str | None = None

    @property
    def id(self) -> str:
        """Derived from the content, so that events in any order, or redelivered, never notify a person twice."""
        key = "\n".join((self.kind, self.project_id or self.programme_id or "", self.account, str(self.step)))
        return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()[:18]).decode()

    @property
    def mailed(self) -> bool:
        """Whether a mail is sent too: not for the first four quotes, nor for programmes, which request their mails."""
        return self.step == SLOTS if self.kind == "quote-received" else self.programme_id is None


@dataclass(frozen=True)
class Difference:
    """Which notifications to add and which to take back."""

    add: list[Notice]
    take_back: list[str]
    """Ids of notifications that a late event has shown to be false."""
    made: list[str]
    """Sorted ids of all notifications that are valid now."""


def difference(project: Project) -> Difference:
    """Compares the notifications that the project calls for with those made earlier (``project.made``)."""
    wanted = {notice.id: notice for notice in notices_of(project)}
    known = set(project.made)
    add = [notice for id, notice in wanted.items() if id not in known]
    return Difference(add, take_back=sorted(known - wanted.keys()), made=sorted(wanted))


def notices_of(project: Project) -> list[Notice]:
    """Every notification that the project calls for so far; none before ``project.posted``, which holds the title."""
    if project.posted_at is None:
        return []
    first_end = project.posted_at + project.window
    found = [_notice(project, "invited", account, closes_at=first_end) for account in project.invited]
    found += _reminders(project, first_end)
    found += _questions(project)
    found += [
        _notice(project, "quote-received", client, step, received=step)
        for client in project.clients
        for step in project.received
        if step < SLOTS or not project.close_early  # the fifth ends the window, which is notified anyway
    ]
    found += _cancellation(project) if project.cancelled is not None else _end(project)
    found += _choice(project)
    found += [_notice(project, "chosen", account) for account in project.chosen]
    found += [
        _notice(project, "not-chosen", account) for account, how in project.decided.items() if how == "not_chosen"
    ]
    return found + _work(project)


def _reminders(project: Project, first_end: datetime) -> list[Notice]:
    ends = {"0": first_end, "1": project.extended_to}
    return [
        _notice(project, "deadline-near", account, int(step), closes_at=ends[step])
        for step, accounts in project.reminded.items()
        for account in accounts
    ] + [
        _notice(project, "claim-ending", account, until=reminded["until"])
        for account, reminded in project.claims_ending.items()
    ]


def _questions(project: Project) -> list[Notice]:
    """An answer notifies the mentors invited before it; those invited later read it with the project."""
    found = [
        _notice(project, "question-asked", client, question) for client in project.clients for question in project.asked
    ]
    waiting = [account for account in project.invited if account not in project.declined]
    return found + [
        _notice(project, "question-answered", account, question)
        for question, at in project.answered.items()
        for account in waiting
        if project.invited_at.get(account, at) <= at
    ]


def _end(project: Project) -> list[Notice]:
    if not project.ended:
        return []
    quoted, reason = project.ended["quoted"], project.ended["reason"]
    done = set(project.declined) | set(quoted)
    found = [_notice(project, "round-over", account) for account in project.invited if account not in done]
    if not quoted:
        return found + [_notice(project, "project-unfilled", client) for client in project.clients]
    quotes = project.offered
    if not quotes:  # `_choice` tells the client that all of their mentors have left
        return found
    lost = len(quoted) - quotes  # as the step: a number that turns out wrong is taken back, and the right one told
    return found + [
        _notice(project, "window-ended", client, lost, quotes=quotes, reason=reason) for client in project.clients
    ]


def _choice(project: Project) -> list[Notice]:
    if not project.ended or project.cancelled is not None:
        return []
    quoted = project.ended["quoted"]
    found = [
        _notice(project, "choice-reminder", client, days, quotes=min(project.left.values(), default=len(quoted)))
        for client in project.clients
        for days in project.nudged
    ]
    found += [
        _notice(project, "choice-reopened", client, account, quotes=count, left="some" if count else "none")
        for client in project.clients
        for account, count in project.left.items()
        if not count or project.outcomes.get(account) == "accepted"
    ]
    if project.refused is not None:
        found += [_notice(project, "project-refused", account, reason=project.refused) for account in quoted]
    if project.expired:
        found += [_notice(project, "project-expired", account, side="client") for account in project.clients]
        found += [_notice(project, "project-expired", account) for account in quoted]
    return found


def _cancellation(project: Project) -> list[Notice]:
    notified = [account for account in project.invited if account in project.quoted or account not in project.declined]
    found = [_notice(project, "project-cancelled", account, reason=project.cancelled) for account in notified]
    if project.cancelled_by == MODERATION:
        found += [_notice(project, "cancelled-by-moderation", client) for client in project.clients]
    return found


def _work(project: Project) -> list[Notice]:
    """What follows the award, for both sides: `side` chooses the words."""
    sides = [(client, "client") for client in project.clients] + [(mentor, "mentor") for mentor in project.chosen]
    found = []
    if project.completed_at is not None:
        found += [_notice(project, "project-completed", account, side=side) for account, side in sides]
    return found + [
        _notice(project, "review-shown", account, reviews, reviews=reviews)
        for account, _ in sides
        for reviews in project.reviews_shown
    ]


def _notice(project: Project, kind: str, account: str, step: int | str = 0, **data: Any) -> Notice:
    return Notice(kind, project.id, account, {"title": project.title, **data}, step)
