"""What each person can read of a project in any service, as far as notify knows it. Pure.

A change is news for those whose sight it changes, and for nobody else: a mentor must not learn from the time of a hint
that another one has claimed, quoted or asked, or that a client has chosen among quotes that the mentor is not among.
"""

from collections.abc import Mapping
from typing import Any

from contracts.market import SLOTS
from services.notify.model.project import Project

Sight = tuple[Any, ...]


def sights(project: Project) -> Mapping[str, Sight]:
    """By account, a value that changes whenever there is something new to read."""
    return {account: _of_mentor(project, account) for account in project.invited} | {
        account: _of_client(project) for account in project.clients
    }


def news(before: Mapping[str, Sight], after: Mapping[str, Sight]) -> list[str]:
    """The accounts whose sight has changed, those who see the project for the first or last time included."""
    return sorted(account for account in {*before, *after} if before.get(account) != after.get(account))


def _of_client(project: Project) -> Sight:
    ends = (project.ended, project.cancelled, project.refused, project.expired, project.completed)
    talk = (tuple(project.asked), tuple(sorted(project.answered)))
    slots = (len(project.invited), tuple(project.claimed), tuple(project.quoted), tuple(project.received))
    choice = (tuple(sorted(project.outcomes.items())), tuple(sorted(project.left.items())), *project.reviews_shown)
    return (project.posted_at, project.extended_to, *ends, *talk, *slots, *choice)


def _of_mentor(project: Project, account: str) -> Sight:
    quoted = account in (project.ended["quoted"] if project.ended else project.quoted)
    full = len({*project.claimed, *project.quoted}) >= SLOTS
    own = (account in project.claimed, account in project.declined, quoted, project.outcomes.get(account))
    everybody = (project.extended_to, tuple(sorted(project.answered)), project.cancelled, bool(project.ended))
    choice = (project.refused, project.expired) if quoted else ()
    chosen = (project.completed, *project.reviews_shown) if project.outcomes.get(account) == "accepted" else ()
    return (*own, *everybody, full and not project.ended, *choice, *chosen)
