"""Counts of an organisation's projects in MongoDB, for its quotas."""

from datetime import datetime
from typing import Any

from chassis import guards
from chassis.unit import Unit
from services.projects.model.organisation import Organisation
from services.projects.model.quotas import DAY, KEEPS_ITS_PLACE, Quotas


def check_quotas(unit: Unit, organisation: Organisation, account: str, quotas: Quotas) -> None:
    """Refuses a posting beyond a quota of the organisation, or of the account, which may have changed organisations."""
    for whose, name in (({"organisation": organisation.id}, organisation.id), ({"client": account}, account)):
        posted, open_projects = _posted(unit, whose, quotas), _open(unit, whose, quotas)
        quotas.check(posted, open_projects, unit.now)
        if quotas.is_near(posted, open_projects):
            guards.one_by_one(unit, f"quota:{name}")


def _posted(unit: Unit, whose: dict[str, Any], quotas: Quotas) -> list[datetime]:
    if not quotas.postings_a_day:
        return []
    wanted = {**whose, "created_at": {"$gt": unit.now - DAY}}
    found = unit.collection("projects").find(wanted, {"_id": 0, "created_at": 1})
    return [row["created_at"] for row in found.sort("created_at", -1).limit(quotas.postings_a_day)]


def _open(unit: Unit, whose: dict[str, Any], quotas: Quotas) -> int:
    if not quotas.open_projects:
        return 0
    running = {"state": {"$in": ["collecting", "choosing"]}}
    since, now = unit.now - KEEPS_ITS_PLACE, unit.now
    cancelled = {"state": "cancelled", "created_at": {"$gt": since}, "closes_at": {"$gt": now}}
    found = unit.collection("projects").find({**whose, "$or": [running, cancelled]}, {"_id": 1})
    return len(list(found.limit(quotas.open_projects)))
