"""Reports of abuse in MongoDB, and the query for stuck projects."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis.facts import not_found
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.projects.model.leaks import MASK
from services.projects.model.reports import STUCK, Report, day_of

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "reports": [
        IndexModel([("place", ASCENDING)], unique=True, sparse=True),
        IndexModel([("created_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("state", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("account", ASCENDING), ("created_at", ASCENDING)]),
        IndexModel([("project_id", ASCENDING), ("created_at", ASCENDING)]),
    ],
}
LASTS_TOO_LONG: Document = {
    "$or": [
        {
            "state": state,
            "abandoned": {"$ne": True},
            field: {"$ne": None},
            "$expr": {"$lt": [f"${field}", {"$subtract": ["$$NOW", after // timedelta(milliseconds=1)]}]},
        }
        for state, (field, _, after) in STUCK.items()
    ]
}
"""Selects stuck projects, by the database's clock, except those of erased clients."""


def reports_today(unit: Unit, account: str) -> int:
    """Number of reports the account has made today. Concurrent ones conflict on ``place``, and one is retried."""
    theirs = {"place": {"$regex": f"^{re.escape(f'{account}:{day_of(unit.now)}:')}"}}
    return unit.collection("reports").count_documents(theirs)


def find_report(unit: Unit, report_id: str) -> Report:
    """A report, to be resolved; raises ``not-found``."""
    row = unit.find("reports", {"_id": report_id})
    if row is None:
        raise not_found()
    return _report(row)


def save_report(unit: Unit, report: Report) -> None:
    """Stores a new or resolved report; its events are stored with the reported project."""
    row = asdict(report)
    unit.put("reports", {"_id": row.pop("id")} | {name: value for name, value in row.items() if value != ""})


def read_reports(database: Documents, query: Mapping[str, Any]) -> tuple[list[tuple[Report, Document]], str | None]:
    """A page of reports with their projects' stored documents, and the next cursor; open ones oldest first."""
    wanted = {"state": query["state"]} if "state" in query else {}
    oldest_first = query.get("state") == "open"
    found = page(database.reports, wanted, query, _report_of, ascending=oldest_first)
    reports = [item["report"] for item in found["items"]]
    about = {"_id": {"$in": [report.project_id for report in reports]}}
    projects = {row["_id"]: row for row in database.projects.find(about, {"title": 1, "brief": 1, "state": 1})}
    return [(report, projects.get(report.project_id, {})) for report in reports], found["next_cursor"]


def read_report(database: Documents, report_id: str) -> tuple[Report, Document]:
    """A report with its project's stored document, for operators; raises ``not-found``."""
    row = database.reports.find_one({"_id": report_id})
    if row is None:
        raise not_found()
    report = _report(row)
    return report, database.projects.find_one({"_id": report.project_id}) or {}


def reports_about(database: Documents, project_id: str) -> list[Report]:
    """The reports about a project, oldest first, for operators."""
    found = database.reports.find({"project_id": project_id}).sort("created_at", ASCENDING)
    return [_report(row) for row in found]


def everything_of(database: Documents, account: str) -> Document:
    """The caller's reports."""
    mine = database.reports.find({"account": account}).sort("created_at", ASCENDING)
    return {"reports": [_report(row) for row in mine]}


def erase_reports(unit: Unit, account: str) -> None:
    """Anonymises the account's reports: they are kept without text and author."""
    change: Document = {"$set": {"reason": MASK}, "$unset": {"account": "", "place": ""}, "$inc": {"version": 1}}
    unit.collection("reports").update_many({"account": account}, change)


def _report_of(row: Document) -> Document:
    return {"report": _report(row)}


def _report(row: Mapping[str, Any]) -> Report:
    known = {field.name: row[field.name] for field in fields(Report) if field.name in row}
    return Report(row["_id"], **{"account": "", "place": "", **known})
