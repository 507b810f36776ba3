"""Response body of a report, for operators."""

from chassis.mongo import Document
from services.projects.model.reports import Report


def report_view(report: Report, project: Document) -> Document:
    """A report as operators see it, with ``title``, ``brief`` and ``state`` of the reported project."""
    shown = {name: getattr(report, name) for name in ("id", "project_id", "account", "side", "reason", "created_at")}
    about = {name: project.get(name, "") for name in ("title", "brief")} | {"project_state": project.get("state", "")}
    resolved = {"resolution": report.resolution} if report.resolution else {}
    return {**shown, "state": report.state, **about, **resolved}
