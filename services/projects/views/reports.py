"""Response body of a report, for operators."""

from collections.abc import Sequence

from chassis.mongo import Document
from services.projects.model.project import Project
from services.projects.model.reports import Report


def report_view(report: Report, project: Document) -> Document:
    """A report as operators see it, with ``title``, ``brief`` and ``state`` of the reported project."""
    shown = {name: getattr(report, name) for name in ("id", "project_id", "account", "side", "reason", "created_at")}
    about = {name: project.get(name, "") for name in ("title", "brief")} | {"project_state": project.get("state", "")}
    resolved = {"resolution": report.resolution} if report.resolution else {}
    return {**shown, "state": report.state, **about, **resolved}


def operated_view(project: Project, reports: Sequence[Report]) -> Document:
    """A project as operators see it: its state and times, and its reports by id."""
    times = ("created_at", "closes_at", "choose_until", "awarded_at", "completed_at", "ended", "ended_by")
    known = {name: value for name in times if (value := getattr(project, name)) is not None}
    about = [{"id": one.id, "state": one.state, "created_at": one.created_at} for one in reports]
    return {"id": project.id, "state": project.state, **known, "reports": about}
