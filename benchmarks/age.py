"""What a system costs after years: a post, a page of projects and of notifications, with few and with many stored.

`make bench-age`, with ARGS="--stored N" for another number than a million projects. Two databases on one mongod, of a
thousand projects and of N, are asked by turns; the services run in this process, without Kafka. What is stored was
written by the services, and copied with new ids and times.
"""

import argparse
import os
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import bson
import psutil
from bson.raw_bson import RawBSONDocument
from pymongo import WriteConcern

from benchmarks import machine, report
from benchmarks.bench import spread
from benchmarks.report import say
from chassis import telemetry
from chassis.ids import new_id
from chassis.mongo import Document, connect
from chassis.places import collections_of, rows_of
from deploy.local.engines import Mongo
from deploy.local.ports import free_port
from tests.kit.examples import CLIENT, ORGANISATION, PROJECT, card
from tests.kit.notify import Story
from tests.kit.services import Running

YOUNG = 1_000
OLD = 1_000_000
SHARE = 100
"""The client who posts and reads owns one project in a hundred: 10 000 of a million."""
NOTIFICATIONS = 10_000
TURNS = 6
CALLS = 100
"""Requests of each kind in a turn."""
LIMIT = 10
DEEP = 1_000
"""The page of projects that counts as deep, or the last full one."""
APART = timedelta(seconds=60)
"""Between two stored projects, the newest a day old."""
BATCH = 1_000
MENTOR = "mentor-of-many"


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one request: until its answer, and of processor in the service and in mongod."""

    answer: float
    service: float
    mongod: float


KINDS = tuple(Cost.__dataclass_fields__)
Call = Callable[[], object]


class Aged:
    """The services projects and notify with ``stored`` projects, and a mentor with ``notifications``."""

    def __init__(self, mongo_uri: str, name: str, stored: int, notifications: int) -> None:
        self.stored, self.notifications, self.mentor = stored, notifications, MENTOR
        self.projects = Running("projects", connect(mongo_uri, f"{name}_projects", app="age"))
        self.notify = Running("notify", connect(mongo_uri, f"{name}_notify", app="age"))
        self.projects.call(CLIENT, "PUT", "/api/organisations/me", ORGANISATION)
        self._store_projects()
        self._store_notifications()
        self.deep, self.page = self._cursor()

    def post(self) -> object:
        """Posts a project."""
        answer = self.projects.call(CLIENT, "POST", "/api/projects", PROJECT)
        assert answer.status_code == 201, answer.text
        return answer

    def first_page(self) -> object:
        """The first page of the client's projects."""
        return self.projects.get(CLIENT, f"/api/projects?limit={LIMIT}")

    def deep_page(self) -> object:
        """A page far behind."""
        return self.projects.get(CLIENT, f"/api/projects?limit={LIMIT}{self.deep}")

    def notifications_page(self) -> object:
        """The first page of the mentor's notifications, and how many are unread."""
        return self.notify.get(self.mentor, "/api/notifications?limit=20")

    def invite(self) -> object:
        """Handles the two events that notify the mentor of a new project."""
        story = Story(self.notify.work)
        return story.happens(story.posted(), story.event("mentors.invited", wave=1, mentors=[card(self.mentor)]))

    def _cursor(self) -> tuple[str, int]:
        """Turns the client's pages to `DEEP`, or the end; returns the query of the last but one, and its number."""
        cursors = ["", ""]
        while len(cursors) <= DEEP:
            found = self.projects.get(CLIENT, f"/api/projects?limit={LIMIT}{cursors[-1]}")["next_cursor"]
            if found is None:
                break
            cursors.append(f"&cursor={found}")
        return cursors[-2], len(cursors) - 1

    def _store_projects(self) -> None:
        """Posts and cancels one project of the client and one of another client, then copies the stored documents."""
        other = CLIENT.replace("the", "yon")
        self.projects.call(other, "PUT", "/api/organisations/me", ORGANISATION)
        mine, theirs = (list(self._written_by(who)) for who in (CLIENT, other))
        for name in {name for name, _ in mine}:  # made anew afterwards, which takes a fraction of the time
            self._rows(name).drop_indexes()
        for first in range(0, self.stored, BATCH):
            rows: dict[str, list[RawBSONDocument]] = {}
            for number in range(first, min(first + BATCH, self.stored)):
                copy = copied(theirs if number % SHARE else mine, timedelta(days=1) + number * APART)
                for name, row in copy:
                    rows.setdefault(name, []).append(row)
            for name, some in rows.items():
                self._rows(name).insert_many(some, ordered=False)
        self.projects.service.ensure_indexes(self.projects.database)

    def _written_by(self, who: str) -> Iterator[tuple[str, Document]]:
        """What posting and cancelling a project adds to the database, with the names of the collections."""
        database = self.projects.database
        before = {name: {row["_id"] for row in rows_of(database, name).find()} for name in collections_of(database)}
        project = self.projects.call(who, "POST", "/api/projects", PROJECT).get_json()["id"]
        reason = {"reason": "Le budget manque."}
        answer = self.projects.call(who, "POST", f"/api/projects/{project}/cancellation", reason)
        assert answer.status_code == 200, answer.text
        for name in collections_of(database):
            for row in rows_of(database, name).find({"_id": {"$nin": list(before.get(name, ()))}}):
                if project in str(row):
                    if name == "outbox":
                        row.pop("pending", None)
                        row |= {"published_at": row["time"], "log": "log"}
                    yield name, row

    def _rows(self, name: str) -> Any:
        return rows_of(self.projects.database, name).with_options(write_concern=WriteConcern(1, j=False))

    def _store_notifications(self) -> None:
        """Invites the mentor once, and copies the notification; all but the newest are read."""
        rows = self.notify.database["notifications"]
        self.invite()
        sample = rows.find_one({"account": self.mentor})
        assert sample is not None
        copies = [
            {
                **sample,
                "_id": new_id(),
                "counter": -number,
                "created_at": sample["created_at"] - number * APART,
                "read_at": sample["created_at"],
            }
            for number in range(self.notifications - 1, 0, -1)
        ]
        for first in range(0, len(copies), BATCH):
            rows.insert_many(copies[first : first + BATCH])


def copied(rows: Sequence[tuple[str, Document]], older: timedelta) -> Iterator[tuple[str, RawBSONDocument]]:
    """Copies of rows that belong together: each id that one of them bears is new, and each time is ``older`` before."""
    ids = {row["_id"].encode(): new_id().encode() for _, row in rows if len(row["_id"]) == len(new_id())}
    for name, row in rows:
        raw = bson.encode(row)
        for old, new in ids.items():
            raw = raw.replace(old, new)
        for moment in _times(row):
            raw = raw.replace(_encoded(moment), _encoded(moment - older))
        yield name, RawBSONDocument(raw)


def _times(value: Any) -> set[datetime]:
    if isinstance(value, datetime):
        return {value}
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return set[datetime]().union(*map(_times, inner))


def _encoded(moment: datetime) -> bytes:
    return struct.pack("<q", round(moment.timestamp() * 1000))


def measured(mongod: psutil.Process, call: Call, times: int) -> Cost:
    """The cost of one call: the median of its times, and the mean of its processor times."""
    answers, service, engine = [], time.process_time(), _spent(mongod)
    for _ in range(times):
        began = time.perf_counter()
        call()
        answers.append(time.perf_counter() - began)
    service, engine = time.process_time() - service, _spent(mongod) - engine
    return Cost(1000 * statistics.median(answers), 1000 * service / times, 1000 * engine / times)


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


@dataclass(frozen=True)
class Comparison:
    """One kind of request in an old system and in a young one, or far behind and at the beginning."""

    title: str
    old: Call
    young: Call


def comparisons(young: Aged, old: Aged) -> list[Comparison]:
    """What is compared, and with what."""
    return [
        Comparison(f"a post: {old.stored} projects stored, {young.stored}", old.post, young.post),
        Comparison(f"first page of projects: {old.stored}, {young.stored}", old.first_page, young.first_page),
        Comparison(f"page {old.page} of the old system, its first", old.deep_page, old.first_page),
        Comparison(
            f"first page of {old.notifications} notifications, of {young.notifications}",
            old.notifications_page,
            young.notifications_page,
        ),
        Comparison(f"a mentor told: {old.notifications} before, {young.notifications}", old.invite, young.invite),
    ]


def compare(mongod: psutil.Process, every: Sequence[Comparison], turns: int, calls: int) -> dict[str, list[list[Cost]]]:
    """The costs of both sides of each comparison, by turns: which one comes first changes from turn to turn."""
    found: dict[str, list[list[Cost]]] = {one.title: [[], []] for one in every}
    for one in every:  # fills caches and pools
        measured(mongod, one.young, calls)
        measured(mongod, one.old, calls)
    for turn in range(turns):
        say(f"turn {turn + 1} of {turns}")
        for one in every:
            sides = [(0, one.old), (1, one.young)]
            for side, call in sides if turn % 2 else sides[::-1]:
                found[one.title][side].append(measured(mongod, call, calls))
    return found


def table(found: Mapping[str, list[list[Cost]]]) -> str:
    """The ratios of each comparison with their spread, then the milliseconds of both sides."""
    rows = []
    for title, (old, young) in found.items():
        cells = []
        for kind in KINDS:
            both = [(getattr(a, kind), getattr(b, kind)) for a, b in zip(old, young, strict=True)]
            ratios = [a / b for a, b in both if b]  # a processor's clock ticks a hundred times a second
            cells.append(spread(ratios) if ratios else "too short")
        for kind in KINDS:
            medians = [statistics.median(getattr(cost, kind) for cost in side) for side in (old, young)]
            cells.append(f"{medians[0]:.1f} / {medians[1]:.1f}")
        rows.append([title, *cells])
    head = [f"{kind}, ratio" for kind in KINDS]
    return report.table(["old against young", *head, *(f"{kind}, ms" for kind in KINDS)], rows)


@contextmanager
def aged(stored: int, notifications: int) -> Iterator[tuple[psutil.Process, Aged, Aged]]:
    """A mongod in a temporary folder, a young system and one with this much stored."""
    with (
        tempfile.TemporaryDirectory(prefix="releve-age-") as folder,
        Mongo(Path(folder, "mongo"), free_port()) as mongo,
    ):
        began = time.monotonic()
        young = Aged(mongo.uri, "young", min(YOUNG, stored), 20)
        say(f"{stored} projects and {notifications} notifications")
        old = Aged(mongo.uri, "old", stored, notifications)
        say(f"  in {time.monotonic() - began:.0f} s")
        pid = mongo.process.pid
        assert pid is not None
        try:
            yield psutil.Process(pid), young, old
        finally:
            for one in (young, old):
                one.projects.database.client.close()
                one.notify.database.client.close()


def main(arguments: Sequence[str]) -> int:
    """Measures, prints the table and returns the exit status."""
    parser = argparse.ArgumentParser("benchmarks.age", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--stored", type=int, default=OLD, help="projects in the old system")
    parser.add_argument("--notifications", type=int, default=NOTIFICATIONS, help="of one mentor in the old system")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--calls", type=int, default=CALLS, help="of each kind in a turn")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="rewrite the section of this document")
    given = parser.parse_args(arguments)
    where = machine.described(os.getloadavg())
    telemetry.start("age", "http", "error")
    with aged(given.stored, given.notifications) as (mongod, young, old):
        found = compare(mongod, comparisons(young, old), given.turns, given.calls)
    how = f"{given.turns} turns of {given.calls} requests of each kind, one after another."
    text = f"{where}\n\n{how}\n\n{table(found)}"
    print(f"\n{text}")
    if given.write:
        report.rewrite(given.write, text)
        say(f"written to {given.write}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
