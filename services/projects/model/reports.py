"""Reports of abuse and their resolution. Pure: time is an argument, no I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.facts import Fact, Refusal
from contracts.market import DAYS_ARE_MEANT_IN
from services.projects.model.project import MODERATION, Project

MOST_REPORTS = 5
"""Limit for one account and one day."""
ACTIONS = ("dismissed", "project-cancelled")
STATES = ("open", "resolved")
MODERATED = "Annulé par la modération / Cancelled by moderation"
"""The cancellation reason that mentors read."""

STUCK = {
    "collecting": ("closes_at", "window-not-closed", timedelta(minutes=1)),
    "choosing": ("ended.at", "not-chosen", timedelta(days=2)),
    "awarded": ("awarded_at", "not-completed", timedelta(days=30)),
}
"""State → field with the time it began, reason shown to operators, time after which the project counts as stuck."""


@dataclass
class Report:
    """A report of an abusive project, quote or person. ``place``: account, day and the report's number that day."""

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

    def resolve(self, action: str, note: str, project: Project, now: datetime, explanation: str = "") -> list[Fact]:
        """Resolves the report, once; returns the project's events. A cancelled project's client reads ``explanation``.

        Raises ``already-resolved`` and, as `Project.cancel`, ``window-ended``, ``already-awarded``, ``already-ended``.
        """
        if self.state != "open":
            raise Refusal("already-resolved", "This report has already been resolved.")
        facts = project.cancel(MODERATED, now, MODERATION) if action == "project-cancelled" else []
        self.state, self.resolution = "resolved", {"action": action, "note": note, "at": now}
        if facts and explanation:
            project.moderated_for = explanation
        return facts


def day_of(now: datetime) -> str:
    """The day under which a report is counted, in ISO 8601."""
    return now.astimezone(DAYS_ARE_MEANT_IN).date().isoformat()


def report(project: Project, report_id: str, account: str, reason: str, earlier: int, now: datetime) -> Report:
    """A new report. ``earlier`` counts the account's reports that day; raises ``too-many-reports``."""
    if earlier >= MOST_REPORTS:
        raise Refusal("too-many-reports", f"You have made {MOST_REPORTS} reports today; try again tomorrow.",
                      extra={"params": {"max": MOST_REPORTS}})
    side = "client" if account in project.clients else "mentor"
    place = f"{account}:{day_of(now)}:{earlier + 1}"
    return Report(report_id, project.id, account, side, reason, now, place)


def stuck(project: Project) -> tuple[datetime | None, str]:
    """Since when a stuck project has been in its state, and the reason shown to operators."""
    since = {
        "collecting": project.closes_at,
        "choosing": (project.ended or {}).get("at"),
        "awarded": project.awarded_at,
    }
    return since[project.state], STUCK[project.state][1]
