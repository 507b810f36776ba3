"""Contention: compares the posting rate of one busy client with that of 200 clients, each over 32 connections.

`make bench-contention`, with ARGS="--root ../other" for the services of another working tree, and "--direct" to bypass
the gateway. The two sides take turns. Each connection sends its next post once the last is answered, so the rates
differ only by the number of clients. Between turns the benchmark waits until the services have no backlog.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from pymongo import MongoClient

from benchmarks import machine, report
from benchmarks.posting import MENTORS, PROJECT
from benchmarks.report import say
from deploy.local.process import StartError
from deploy.local.system import ROOT, System
from stories.nestle_waters import ORGANISATION, TOPICS
from stories.people import Person, client, mentor

MANY = "200 clients"
ONE = "one client"
CLIENTS = 200
CONNECTIONS = 32
TURNS = 10
TURN_S = 5
WARM_UP_S = 4
WITHIN = 0.8
"""The goal: the rate of one client is at least this share of the rate of many clients."""
PATIENCE_S = 180.0
SETTINGS = {"RELEVE_RATE_PERSON": "10000/20000", "RELEVE_RATE_ADDRESS": "10000/20000"}
RETRIES = "releve_transaction_retries_total"


@dataclass(frozen=True)
class Turn:
    """The result of one side's turn: posts per second, seconds until each answer, and the number of each status.

    ``own`` is the number of cores that the load generator used.
    """

    rate: float
    seconds: list[float]
    statuses: Counter[int]
    own: float


def main(arguments: Sequence[str]) -> int:
    """Prints the figures. Returns 1 if one client misses the goal, or if any answer is not 201."""
    parser = argparse.ArgumentParser("benchmarks.contention", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="the working tree whose services are measured")
    parser.add_argument("--direct", action="store_true", help="send to the service itself, without the gateway")
    given = parser.parse_args(arguments)
    print(machine.described(os.getloadavg()), end="\n\n")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="releve-contention-") as folder,
            System(Path(folder, "data"), settings=SETTINGS, root=given.root.resolve()) as system,
        ):
            return _measure(system, system.port_of("projects-http") if given.direct else system.port)
    except (StartError, TimeoutError) as error:
        say(f"✗ {error}")
        return 1


def _measure(system: System, port: int) -> int:
    mentors = [mentor(system.url, f"Mentor {number}", TOPICS) for number in range(MENTORS)]
    clients = signed_up(system, CLIENTS)
    for person in (*mentors, *clients):
        person.http.close()
    sides = {MANY: clients, ONE: clients[:1]}
    turns: dict[str, list[Turn]] = {name: [] for name in sides}
    spent: dict[str, Counter[str]] = {name: Counter() for name in sides}
    for people in sides.values():
        _post(port, people, WARM_UP_S)
        drain(system)
    for number in range(TURNS):
        say(f"turn {number + 1} of {TURNS}")
        for name in list(sides) if number % 2 == 0 else reversed(list(sides)):
            before = _retries(system)
            turns[name].append(_post(port, sides[name], TURN_S))
            drain(system)
            spent[name] += _retries(system) - before
    return _print(turns, spent, "the service itself" if port != system.port else "Envoy")


def signed_up(system: System, number: int) -> list[Person]:
    """New clients, each with an organisation of a name of its own, as each text is scanned for its client's names."""
    say(f"{number} clients sign up")
    with ThreadPoolExecutor(4) as pool:
        own = [{**ORGANISATION, "name": f"{ORGANISATION['name']} {n}"} for n in range(number)]
        return list(pool.map(partial(client, system.url), own))


def _post(port: int, people: Sequence[Person], seconds: float) -> Turn:
    """Posts over all connections for this number of seconds."""
    body, lock = json.dumps(PROJECT).encode(), threading.Lock()
    tokens = cycle([person.http.headers["Authorization"] for person in people])
    took, statuses = list[float](), Counter[int]()
    began, busy = time.monotonic(), time.process_time()

    def send() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < began + seconds:
            with lock:
                headers = {"Content-Type": "application/json", "Authorization": next(tokens)}
            sent = time.monotonic()
            connection.request("POST", "/api/projects", body, headers)
            answer = connection.getresponse()
            answer.read()
            with lock:
                took.append(time.monotonic() - sent)
                statuses[answer.status] += 1
        connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for sender in [pool.submit(send) for _ in range(CONNECTIONS)]:
            sender.result()
    lasted = time.monotonic() - began
    return Turn(statuses[201] / lasted, took, statuses, (time.process_time() - busy) / lasted)


def drain(system: System) -> None:
    """Waits until every service has handled every posted project. Raises `TimeoutError`."""
    deadline = time.monotonic() + PATIENCE_S
    with _mongo(system.mongo_uri) as database:
        while True:
            posted = database["releve_projects"]["projects"].count_documents({})
            known = [
                database[f"releve_{service}"][collection].count_documents({})
                for service, collection in (("quotes", "rounds"), ("matching", "shortlists"), ("notify", "projects"))
            ]
            if min(known) >= posted:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"of {posted} projects, quotes, matching and notify have handled only {known}")
            time.sleep(0.2)


def _mongo(uri: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(uri)


def _retries(system: System) -> Counter[str]:
    """The number of retried transactions since the start, by process."""
    found = Counter[str]()
    for name in system.processes:
        if name.endswith(("-http", "-worker")):
            with urllib.request.urlopen(f"http://127.0.0.1:{system.port_of(name)}/metrics", timeout=30) as answer:
                families = text_string_to_metric_families(answer.read().decode())
            found[name] = sum(int(one.value) for family in families for one in family.samples if one.name == RETRIES)
    with _mongo(system.mongo_uri) as database:
        found["aborted in MongoDB"] = database["admin"].command("serverStatus")["transactions"]["totalAborted"]
    return found


def _print(turns: Mapping[str, Sequence[Turn]], spent: Mapping[str, Counter[str]], way: str) -> int:
    rows = []
    for name, some in turns.items():
        rates, statuses = [turn.rate for turn in some], sum((turn.statuses for turn in some), Counter[int]())
        median, _, p99, most = report.points([second for turn in some for second in turn.seconds])
        failed = sum(count for status, count in statuses.items() if status >= 500)
        figures = [f"{value:.0f}" for value in (statistics.median(rates), min(rates), max(rates), median, p99, most)]
        rows.append([name, *figures, str(statuses[201]), str(failed)])
    head = ["side", "posts a second", "least", "most", "median ms", "p99 ms", "max ms", "201", "5xx"]
    ratios = [one.rate / many.rate for one, many in zip(turns[ONE], turns[MANY], strict=True)]
    ratio = statistics.median(ratios)
    print(f"Through {way}, {CONNECTIONS} connections, {TURNS} turns of {TURN_S} s each.\n")
    print(report.table(head, rows))
    print(f"\none client / {MANY}: {ratio:.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    own = max(turn.own for some in turns.values() for turn in some)
    print(f"the generator took {own:.2f} of a core at most")
    names = sorted({name for counted in spent.values() for name in counted})
    again = [[name, *(str(spent[side][name]) for side in turns)] for name in names]
    print("\n" + (report.table(["transactions begun again", *turns], again) if again else "no transaction began again"))
    clean = not any(status != 201 for some in turns.values() for turn in some for status in turn.statuses)
    return 0 if ratio >= WITHIN and clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
