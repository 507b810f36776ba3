"""Projections of projects in MongoDB, and the notifications that follow from them."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.notify.model.audience import difference
from services.notify.model.project import Project
from services.notify.store import notifications


def find_project(unit: Unit, project_id: str) -> Project:
    """The project as this transaction sees it; a placeholder if it is unknown."""
    row = unit.find("projects", {"_id": project_id})
    return project_from(row) if row else Project(project_id)


def read_projects(database: Documents, project_ids: Iterable[str]) -> dict[str, Project]:
    """Projects by id as they are known now, for mails about to be sent, without those that are unknown."""
    rows = database["projects"].find({"_id": {"$in": sorted(set(project_ids))}})
    return {row["_id"]: project_from(row) for row in rows}


def save_project(unit: Unit, project: Project, news_at: datetime) -> None:
    """Stores the project, and adds or takes back notifications so that they match it."""
    change = difference(project)
    notifications.take_back(unit, change.take_back)
    notifications.add(unit, change.add, news_at)
    project.made = change.made
    if not unit.put("projects", project_document(project, unit.now)):
        raise RuntimeError("the projection changed within its own transaction")


def project_document(project: Project, now: datetime) -> Document:
    """The project as it is stored, changed at ``now``."""
    row = {field.name: getattr(project, field.name) for field in fields(Project) if field.name != "id"}
    row |= {"_id": project.id, "window": project.window.total_seconds(), "touched_at": now}
    return row | ({"due_at": project.due_at} if project.due_at else {})


def project_from(row: Mapping[str, Any]) -> Project:
    """Reads a row written by `project_document`."""
    known = {field.name: row[field.name] for field in fields(Project) if field.name in row}
    return Project(row["_id"], **{**known, "window": timedelta(seconds=row["window"])})
