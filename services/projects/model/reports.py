"""Reports of abuse, and what becomes of them. Pure: time is an argument, no I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.facts import Fact, Refusal
from contracts.market import DAYS_ARE_MEANT_IN
from services.projects.model.project import Project

MOST_REPORTS = 5
"""Of one person on one day."""
ACTIONS = ("dismissed", "project-cancelled")
STATES = ("open", "resolved")
MODERATED = "Annulé par la modération / Cancelled by moderation"
"""The reason that mentors read."""

STUCK = {
    "collecting": ("closes_at", "window-not-closed", timedelta(minutes=1)),
    "choosing": ("ended.at", "not-chosen", timedelta(days=2)),
    "awarded": ("awarded_at", "not-completed", timedelta(days=30)),
}
"""State → since when it has lasted, what an operator reads, and after how long."""


@dataclass
class Report:
    """What somebody finds abusive about a project, a quote or a person. ``place`` is its number of that day."""

    id: str
    project_id: str
    account: str
    side: str
    reason: str
    created_at: datetime
    place: str
    state: str = "open"
    resolution: dict[str, Any] | None = None
    version: int = 0

    def resolve(self, action: str, note: str, project: Project, now: datetime) -> list[Fact]:
        """An operator's answer, once; what happens to the project with it.

        ``already-resolved``; cancelling as the client would: ``window-ended``, ``already-awarded``, ``already-ended``.
        """
        if self.state != "open":
            raise Refusal("already-resolved", "This report has been resolved.")
        facts = project.cancel(MODERATED, now) if action == "project-cancelled" else []
        self.state, self.resolution = "resolved", {"action": action, "note": note, "at": now}
        return facts


def day_of(now: datetime) -> str:
    """The day that reports are counted by."""
    return now.astimezone(DAYS_ARE_MEANT_IN).date().isoformat()


def report(project: Project, report_id: str, account: str, reason: str, earlier: int, now: datetime) -> Report:
    """A new report; ``earlier`` are this person's of the day. ``too-many-reports``."""
    if earlier >= MOST_REPORTS:
        raise Refusal("too-many-reports", f"You have reported {MOST_REPORTS} times today; go on tomorrow.")
    side = "client" if account in project.clients else "mentor"
    place = f"{account}:{day_of(now)}:{earlier + 1}"
    return Report(report_id, project.id, account, side, reason, now, place)


def stuck(project: Project) -> tuple[datetime | None, str]:
    """Since when a project that stays in its state too long has been in it, and what it waits for."""
    since = {
        "collecting": project.closes_at,
        "choosing": (project.ended or {}).get("at"),
        "awarded": project.awarded_at,
    }
    return since[project.state], STUCK[project.state][1]
