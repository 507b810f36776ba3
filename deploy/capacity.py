"""What a number of projects a day needs: `make capacity PROJECTS="10000 1000000"`, or `python -m deploy.capacity`.

It computes from measured costs (docs/measurements/costs.json, made by `benchmarks.costs`). What is assumed instead of
measured is in `Assumed`. With `--write` it renews the tables of docs/capacity.md.
"""

import argparse
import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.parts import PARTS
from contracts.topics import TOPICS
from deploy.processes import most_workers

ROOT = Path(__file__).resolve().parent.parent
MEASURED = ROOT / "docs/measurements/costs.json"
DOCUMENT = ROOT / "docs/capacity.md"
SCALES = (100, 10_000, 1_000_000, 10_000_000)
DAY_S = 86_400
ALONE = 100
"""Up to this number of projects a day, one pod of each process will do."""
NOISE_S = 0.002
"""Seconds a project that are a few ticks of the processor's clock: such a process was not played."""
MENTIONED = 100_000_000
"""Limits beyond this number of projects a day are left out."""
BLOCK = re.compile(r"(<!-- make capacity: begin -->\n).*(<!-- make capacity: end -->)", re.DOTALL)
TB, GB = 10**12, 10**9


@dataclass(frozen=True)
class Assumed:
    """What is not measured. Change it where you know better."""

    peak: float = 4.0
    """The busiest hour has as many times the day's mean."""
    utilisation: float = 0.6
    """Share of a core that is used at the peak: latency grows beyond it."""
    years: float = 2.0
    """For which documents without a lifetime are counted."""
    stored: float = 1.0
    """Bytes on disk for one of a document: indexes add, compression takes away."""
    secondary: float = 0.5
    """Processor of a secondary member for one of the primary."""
    copies: int = 3
    """Members of a set, and replicas of a partition."""
    set_cores: int = 16
    """Cores of the largest MongoDB member that you run."""
    set_bytes: float = 2 * TB
    """Data of one set beyond which copying a member takes too long."""
    broker_bytes_s: float = 50e6
    """Bytes a second that a broker writes, replicas included."""
    broker_cores: int = 4
    relay_a_second: float = 1_150.0
    """Events that one relay publishes: 10 000 in 8.7 s on two shared cores (docs/measurements/deadlines.md)."""


@dataclass(frozen=True)
class Costs:
    """Measured costs, as in the JSON file: of one project, and of processes at rest."""

    measured: str
    seconds_a_project: Mapping[str, float]
    idle_cores: Mapping[str, float]
    messages_a_project: Mapping[str, float]
    bytes_a_message: Mapping[str, float]
    bytes_a_project: Mapping[str, float]
    kept_days: Mapping[str, float]
    requests_a_project: float
    checks: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def read(cls, text: str) -> "Costs":
        """Parses the file. Raises KeyError if a cost is missing."""
        found = json.loads(text)
        return cls(**{name: found[name] for name in cls.__dataclass_fields__ if name != "checks"},
                   checks=found.get("checks", ()))  # fmt: skip


@dataclass(frozen=True)
class Need:
    """What one scale needs. Cores are those of the peak; sizes are bytes of one copy."""

    projects: int
    requests_a_second: float
    cores: Mapping[str, float]
    pods: Mapping[str, int]
    mongo_cores: float
    mongo_sets: int
    mongo_bytes: float
    messages_a_second: float
    brokers: int
    kafka_bytes: float
    partitions: int


def need(costs: Costs, projects: int, assumed: Assumed = Assumed()) -> Need:
    """What this number of projects a day needs."""
    rate = projects / DAY_S * assumed.peak
    cores = {name: _cores(costs, name, rate, assumed) for name in costs.seconds_a_project}
    ours = {name: cores[name] for part in PARTS for name in part.processes if name in cores}
    pods = {name: max(1 if projects <= ALONE else 2, math.ceil(used)) for name, used in ours.items()}
    size = _mongo_bytes(costs, projects, assumed)
    sent = {name: rate * number for name, number in costs.messages_a_project.items()}
    written = sum(number * costs.bytes_a_message[name] for name, number in sent.items()) * assumed.copies
    brokers = max(assumed.copies, math.ceil(written / assumed.broker_bytes_s),
                  math.ceil(cores.get("kafka", 0.0) * assumed.copies / assumed.broker_cores))  # fmt: skip
    primary = cores.get("mongo", 0.0)
    return Need(
        projects=projects,
        requests_a_second=rate * costs.requests_a_project,
        cores=cores,
        pods=pods,
        mongo_cores=primary * (1 + assumed.secondary * (assumed.copies - 1)),
        mongo_sets=max(1, math.ceil(primary / assumed.set_cores), math.ceil(size / assumed.set_bytes)),
        mongo_bytes=size,
        messages_a_second=sum(sent.values()),
        brokers=brokers,
        kafka_bytes=_kafka_bytes(costs, projects),
        partitions=_partitions(pods),
    )


def limits(costs: Costs, assumed: Assumed = Assumed()) -> list[tuple[str, float]]:
    """What ends first: each limit with the projects a day at which it is reached, lowest first."""
    found = []
    for part in PARTS:
        for name in part.processes:
            if (seconds := costs.seconds_a_project.get(name, 0.0)) > NOISE_S:
                one = assumed.utilisation / seconds / assumed.peak * DAY_S
                found.append((f"one process of {name}", one))
                if name.endswith("-worker"):
                    most = most_workers(part)
                    found.append((f"{most} of {name}: as many as its partitions", one * most))
        if events := sum(costs.messages_a_project.get(topic, 0.0) for topic in part.topics):
            found.append((f"the relay of {part.name}", assumed.relay_a_second / events / assumed.peak * DAY_S))
    if (seconds := costs.seconds_a_project.get("mongo", 0.0)) > 0:
        one = assumed.utilisation / seconds / assumed.peak * DAY_S
        found.append((f"{assumed.set_cores} cores of MongoDB's primary", assumed.set_cores * one))
    if size := _mongo_bytes(costs, 1, assumed):
        found.append((f"{assumed.set_bytes / TB:g} TB in one replica set", assumed.set_bytes / size))
    return sorted(found, key=lambda pair: pair[1])


def busy(costs: Costs, projects: int) -> float:
    """The cores that one process of each kind and one member of each engine use at a constant rate, without a peak."""
    return sum(costs.idle_cores.values()) + projects / DAY_S * sum(costs.seconds_a_project.values())


def tables(costs: Costs, scales: Sequence[int] = SCALES, assumed: Assumed = Assumed()) -> str:
    """The document's tables."""
    needs = [need(costs, scale, assumed) for scale in scales]
    names = [name for part in PARTS for name in part.processes if name in costs.seconds_a_project]
    rows = [
        ["requests a second", *(_number(one.requests_a_second) for one in needs)],
        *([f"{name}: cores (pods)", *(f"{_number(one.cores[name])} ({one.pods[name]})" for one in needs)]
          for name in names),
        ["Envoy: cores", *(_number(one.cores.get("envoy", 0.0)) for one in needs)],
        ["MongoDB: cores of all members", *(_number(one.mongo_cores) for one in needs)],
        ["MongoDB: replica sets or shards", *(str(one.mongo_sets) for one in needs)],
        [f"MongoDB: disk of one copy after {assumed.years:g} years", *(_size(one.mongo_bytes) for one in needs)],
        ["Kafka: messages a second", *(_number(one.messages_a_second) for one in needs)],
        ["Kafka: brokers", *(str(one.brokers) for one in needs)],
        ["Kafka: disk of one copy", *(_size(one.kafka_bytes) for one in needs)],
        ["Kafka: partitions of a topic", *(str(one.partitions) for one in needs)],
    ]  # fmt: skip
    checks = [
        [f"{check['projects_a_day']:,}".replace(",", " "), f"{busy(costs, check['projects_a_day']):.1f}",
         f"{check['busy_cores']:.1f}", check["source"]]
        for check in costs.checks
    ]  # fmt: skip
    parts = [
        f"Costs measured {costs.measured}",
        _table(["at the peak", *(f"{scale:,} a day".replace(",", " ") for scale in scales)], rows),
        _table(
            ["what ends", "at projects a day"],
            [[name, _number(float(f"{at:.2g}"))] for name, at in limits(costs, assumed) if at < MENTIONED],
        ),
    ]  # fmt: skip
    if checks:
        parts.append(_table(["projects a day, at a constant rate", "cores computed", "cores measured", "by"], checks))
    return "\n\n".join(parts)


def _cores(costs: Costs, name: str, rate: float, assumed: Assumed) -> float:
    return rate * costs.seconds_a_project[name] / assumed.utilisation + costs.idle_cores.get(name, 0.0)


def _mongo_bytes(costs: Costs, projects: int, assumed: Assumed) -> float:
    forever = assumed.years * 365
    return assumed.stored * projects * sum(
        size * costs.kept_days.get(name, forever) for name, size in costs.bytes_a_project.items()
    )  # fmt: skip


def _kafka_bytes(costs: Costs, projects: int) -> float:
    days = {topic.name: topic.retention.total_seconds() / DAY_S if topic.retention else 7.0 for topic in TOPICS}
    return projects * sum(
        number * costs.bytes_a_message[name] * days[name] for name, number in costs.messages_a_project.items()
    )


def _partitions(pods: Mapping[str, int]) -> int:
    """A multiple of today's number that gives every worker one."""
    today = max(topic.partitions for topic in TOPICS)
    most = max((number for name, number in pods.items() if name.endswith("-worker")), default=1)
    return today * math.ceil(most / today)


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _size(size: float) -> str:
    return f"{_number(size / TB)} TB" if size >= TB else f"{_number(size / GB)} GB"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["|".join(["", *(f" {cell} " for cell in row), ""]) for row in (head, *rows)]
    lines.insert(1, "|---|" + "---:|" * (len(head) - 1))
    return "\n".join(lines)


def filled(document: str, text: str) -> str:
    """The document with its tables replaced. Raises ValueError if it has no place for them."""
    if not BLOCK.search(document):
        raise ValueError("the document has no lines `make capacity: begin` and `make capacity: end`")
    return BLOCK.sub(lambda match: f"{match[1]}\n{text}\n\n{match[2]}", document)


def main(arguments: Sequence[str]) -> int:
    """Runs the command; returns 0."""
    parser = argparse.ArgumentParser("deploy.capacity", description="What a number of projects a day needs.")
    parser.add_argument("projects", type=int, nargs="*", help="projects a day (100 to 10 000 000)")
    parser.add_argument("--costs", type=Path, default=MEASURED)
    parser.add_argument("--write", action="store_true", help="renew the tables of docs/capacity.md")
    asked = parser.parse_args(arguments)
    costs = Costs.read(asked.costs.read_text())
    if asked.write:
        DOCUMENT.write_text(filled(DOCUMENT.read_text(), tables(costs)))
    else:
        print(tables(costs, asked.projects or SCALES))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
