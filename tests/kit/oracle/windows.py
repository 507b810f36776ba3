"""Windows: each ends once, neither early nor never, with five quotes at most."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

import isodate

from contracts.market import SLOTS
from tests.kit.oracle.evidence import Evidence, Finding, Message, Row

ROUNDING_S = 0.002


def find_windows(evidence: Evidence, margin_s: float) -> Iterator[Finding]:
    """``sixth-quote``, ``window-never-ended``, ``window-ended-twice``, ``window-ended-early``.

    A window without an end ``margin_s`` seconds after its time counts as one that never ends.
    """
    yield from _sixth(evidence)
    projects = evidence.by_id("projects", "projects")
    for project, posted in evidence.posted.items():
        closed = evidence.about("window.closed", project)
        if len(closed) > 1:
            yield Finding("window-ended-twice", project, f"{len(closed)} window.closed", closed[1].at)
        for event in closed:
            yield from _early(evidence, posted, event)
        yield from _never(evidence, project, projects.get(project), margin_s)


def lateness(evidence: Evidence) -> dict[str, float]:
    """How many seconds after its time each window that ran its full time ended, by project."""
    return {
        event.subject: event.at - ends_at(evidence, event.subject)
        for event in evidence.events
        if event.name == "window.closed" and event.payload["reason"] == "deadline" and event.subject in evidence.posted
    }


def ends_at(evidence: Evidence, project: str) -> float:
    """When time ends the window: as posted, as extended, or as it will be extended because it lacks five quotes."""
    posted = evidence.posted[project].payload
    window = isodate.parse_duration(posted["window"]).total_seconds()
    extended = [_seconds(event.payload["closes_at"]) for event in evidence.about("window.extended", project)]
    if extended:
        return max(extended)
    closed = evidence.about("window.closed", project)
    full = any(len(event.payload["quotes"]) == SLOTS for event in closed) or _most(evidence, project) == SLOTS
    return _seconds(posted["posted_at"]) + window * (1.5 if posted["auto_extend"] and not full else 1)


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def _most(evidence: Evidence, project: str) -> int:
    """The highest number of simultaneously live quotes, by the events."""
    changes = [*evidence.about("quote.submitted", project), *evidence.about("quote.withdrawn", project)]
    live = most = 0
    for event in sorted(changes, key=lambda one: one.sequence):
        live += 1 if event.name == "quote.submitted" else -1
        most = max(most, live)
    return most


def _sixth(evidence: Evidence) -> Iterator[Finding]:
    seen: dict[str, int] = defaultdict(int)
    for event in evidence.events:
        if event.name == "window.closed":
            seen[event.subject] = max(seen[event.subject], len(event.payload["quotes"]))
        elif event.name == "quote.submitted":
            seen[event.subject] = max(seen[event.subject], event.payload["received"])
    for project in list(seen):
        seen[project] = max(seen[project], _most(evidence, project))
    for row in evidence.rows("quotes", "rounds"):
        filled = sum(slot["quote_id"] is not None for slot in row["slots"])
        seen[row["_id"]] = max(seen[row["_id"]], filled)
    live = (row["project_id"] for row in evidence.rows("quotes", "quotes") if row["state"] != "withdrawn")
    for project, count in Counter(live).items():
        seen[project] = max(seen[project], count)
    for project, count in seen.items():
        if count > SLOTS:
            quotes = evidence.about("quote.submitted", project)
            yield Finding("sixth-quote", project, f"{count} quotes at once", quotes[-1].at if quotes else None)


def _early(evidence: Evidence, posted: Message, closed: Message) -> Iterator[Finding]:
    due = ends_at(evidence, closed.subject)
    if closed.payload["reason"] == "deadline":
        first = min(closed.at, _seconds(closed.payload["closed_at"]))
        if first < due - ROUNDING_S:
            yield Finding("window-ended-early", closed.subject, f"{due - first:.3f} s before its time", closed.at)
    elif not posted.payload["close_early"] or len(closed.payload["quotes"]) < SLOTS:
        yield Finding("window-ended-early", closed.subject, "ended as full, wrongly", closed.at)


def _never(evidence: Evidence, project: str, row: Row | None, margin_s: float) -> Iterator[Finding]:
    due = ends_at(evidence, project)
    if evidence.collected_at < due + margin_s:
        return
    over = evidence.about("window.closed", project) or evidence.about("project.cancelled", project)
    if not over:
        detail = f"still open, {evidence.collected_at - due:.0f} s after its time"
        yield Finding("window-never-ended", project, detail, due)
    elif row is not None and row["state"] == "collecting":
        yield Finding("window-never-ended", project, "the round has ended, but its project still collects", due)
