"""Measures what a project costs: processor time by process, messages by topic, bytes by message and by collection.

python -m benchmarks.costs [--a-day 40000] [--seconds 60] [--write docs/measurements/costs.json]

It starts a system of its own in a temporary folder and plays whole projects, as `make load` does, from posting to the
last notification. What the system uses at rest is measured before, and subtracted. deploy/capacity.py reads the file.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kafka import TopicPartition
from pymongo import MongoClient

from benchmarks import machine
from benchmarks.report import say
from chassis.broker import Broker
from contracts.topics import SERVICES, TOPICS
from deploy.local.process import StartError
from tests.kit.waiting import until
from tests.load.measures import figures
from tests.load.plan import level
from tests.load.players import GeneratorFailed, Players
from tests.load.run import LEAST_CIRCLES
from tests.load.target import Target, own
from tests.load.watch import Lags, held

REST_S = 15.0
DRAINED_WITHIN_S = 120.0
DAY_S = 86_400


@dataclass(frozen=True)
class Look:
    """What had been used and stored at one moment."""

    at: float
    processor_s: Mapping[str, float]
    messages: Mapping[str, int]
    log_bytes: Mapping[str, int]
    stored_bytes: Mapping[str, int]


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks.costs", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--a-day", type=int, default=40_000, help="projects a day while they are played (40 000)")
    parser.add_argument("--seconds", type=float, default=60, help="for which projects arrive (60)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the figures to this file")
    asked = parser.parse_args(arguments)
    where = machine.described(os.getloadavg())
    try:
        with tempfile.TemporaryDirectory(prefix="releve-costs-", ignore_cleanup_errors=True) as folder:
            found = measure(Path(folder) / "data", asked.a_day, asked.seconds)
    except (StartError, GeneratorFailed, TimeoutError, AssertionError) as error:
        say(f"✗ {error}")
        return 1
    before = json.loads(asked.write.read_text()) if asked.write and asked.write.exists() else {}
    kept = {"checks": before["checks"]} if "checks" in before else {}  # measured by other commands
    text = json.dumps({"measured": where, **found, **kept}, indent=1, ensure_ascii=False) + "\n"
    print(text)
    if asked.write:
        asked.write.write_text(text)
        say(f"written to {asked.write}")
    return 0


def measure(data: Path, a_day: int, seconds: float) -> dict[str, Any]:
    """Plays projects on a system of its own; returns the costs. Raises AssertionError if one did not end."""
    with own(data, say, {}) as target:
        one = level(a_day, seconds, seed=1, required=True)
        told = {
            "url": target.url, "ca": "", "seed": 1, "mentors_a_wave": 20, "bystanders": 200, "clients": 30,
            "patience": 60.0, "forgiving": True, "circles": LEAST_CIRCLES, "warm_up": True, "rest": False,
            "projects": len(one.starts),
        }  # fmt: skip
        with Players(told, say) as players:
            say("people sign up")
            players.prepare()
            _drained(target)
            began = look(target, data)
            time.sleep(REST_S)
            before = look(target, data)
            say(f"{len(one.starts)} projects")
            played = figures(*players.play(one))
            _drained(target)
            after = look(target, data)
        unfinished = played["unfinished"]
        assert not unfinished, f"{unfinished} projects did not end: {played['why_unfinished']}"
        kept = kept_days(target)
    return {"requests_a_project": round(played["requests"] / len(one.starts), 1), "kept_days": kept} | costs(
        began, before, after, len(one.starts)
    )


def costs(began: Look, before: Look, after: Look, projects: int) -> dict[str, Any]:
    """The costs from three moments: the beginning and end of a rest, and the end of the projects. Pure."""
    idle = {
        name: (spent - began.processor_s[name]) / (before.at - began.at) for name, spent in before.processor_s.items()
    }
    working = {
        name: max(0.0, spent - before.processor_s[name] - idle[name] * (after.at - before.at))
        for name, spent in after.processor_s.items()
    }
    messages = {name: after.messages[name] - before.messages[name] for name in after.messages}
    grown = {name: after.log_bytes[name] - before.log_bytes[name] for name in after.log_bytes}
    stored = {name: held - before.stored_bytes.get(name, 0) for name, held in after.stored_bytes.items()}
    return {
        "projects": projects,
        "seconds_a_project": {name: round(spent / projects, 4) for name, spent in sorted(working.items())},
        "idle_cores": {name: round(share, 4) for name, share in sorted(idle.items())},
        "messages_a_project": {name: round(sent / projects, 2) for name, sent in messages.items() if sent},
        "bytes_a_message": {name: round(grown[name] / sent) for name, sent in messages.items() if sent},
        "bytes_a_project": {name: round(held / projects) for name, held in sorted(stored.items()) if held > 0},
    }


def look(target: Target, data: Path) -> Look:
    """What has been used and stored so far."""
    used = {name: facts["cpu"] for name, facts in held(target.processes()).items()}
    assert target.kafka
    return Look(time.monotonic(), used, sent(target.kafka), logs(data), stored(target))


def sent(broker: Broker) -> dict[str, int]:
    """Messages in each topic so far."""
    reader = broker.consumer(group_id=None)
    try:
        found = {}
        for topic in TOPICS:
            places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
            found[topic.name] = sum(reader.end_offsets(places).values())
        return found
    finally:
        reader.close(autocommit=False)


def logs(data: Path) -> dict[str, int]:
    """Bytes of each topic's segments on the broker's disk."""
    return {
        topic.name: sum(path.stat().st_size for path in data.rglob(f"{topic.name}-[0-9]*/*.log")) for topic in TOPICS
    }


def stored(target: Target) -> dict[str, int]:
    """Bytes of documents by collection, such as `quotes.rounds`, before compression and without indexes."""
    with MongoClient[dict[str, Any]](target.mongo_uri) as client:
        databases = {f"{service}{beside}": client[f"{target.prefix}{service}{beside}"]
                     for service in SERVICES for beside in ("", "_vault", "_audit")}  # fmt: skip
        return {
            f"{short}.{name}": int(database.command("collStats", name)["size"])
            for short, database in databases.items()
            for name in database.list_collection_names()
        }


def kept_days(target: Target) -> dict[str, float]:
    """After how many days MongoDB deletes a collection's documents; without those that it keeps or that are empty.

    Where a document names its own end, the latest end among them counts from now.
    """
    found: dict[str, float] = {}
    with MongoClient[dict[str, Any]](target.mongo_uri, tz_aware=True) as client:
        now = datetime.now(UTC)
        for service in SERVICES:
            database = client[f"{target.prefix}{service}"]
            for name in database.list_collection_names():
                for index in database[name].index_information().values():
                    if (seconds := index.get("expireAfterSeconds")) is None:
                        continue
                    field = index["key"][0][0]
                    dated = {field: {"$type": "date"}}
                    if not seconds and (last := database[name].find_one(dated, sort=[(field, -1)])):
                        seconds = (last[field] - now).total_seconds()
                    if seconds > 0:
                        found[f"{service}.{name}"] = round(seconds / DAY_S, 2)
    return dict(sorted(found.items()))


def _drained(target: Target) -> None:
    """Returns once every event is published and handled, and a moment later, when mails are sent, too."""
    lags = Lags(target)

    def empty() -> bool:
        with MongoClient[dict[str, Any]](target.mongo_uri) as client:
            outboxes = [client[target.prefix + name]["outbox"] for name in SERVICES]
            waiting = sum(outbox.count_documents({"pending": True}) for outbox in outboxes)
        return not waiting and not sum(lags.look()["lag"].values())

    try:
        until(empty, DRAINED_WITHIN_S, every_s=0.5)
        time.sleep(5)
    finally:
        lags.close()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
