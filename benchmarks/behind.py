"""Consumer lag: a backlog of a hundred thousand projects is in the topic before the quotes worker starts.

`make bench-behind`, with ARGS="--events N" for another number. For comparison it prints the rate of single inserts with
majority and journal in the same run. It also prints the memory that the worker used.
"""

import argparse
import sys
import time
from collections.abc import Sequence

import psutil
from kafka import KafkaProducer

from benchmarks.report import say
from benchmarks.windows import Windows, windows
from chassis.events import Envelope, encode, source_of
from chassis.ids import new_id
from contracts.events import CONTRACT
from tests.kit.examples import live_example

BARE = 500
EARLY_SHARE = 10
PATIENCE_S = 1_800


def main(arguments: Sequence[str]) -> int:
    """Prints the figures. Returns 1 if the worker did not open every round."""
    parser = argparse.ArgumentParser("benchmarks.behind", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    events: int = parser.parse_args(arguments).events
    with windows("behind") as there:
        say(f"{events} projects into the topic")
        publish(there, events)
        return _catch_up(there, events)


def publish(windows: Windows, count: int) -> None:
    """Sends ``count`` events `project.posted`, each of a project of its own, as the relay of projects would."""
    data = live_example("project.posted", windows.now)
    topic = CONTRACT.topic("projects", "project.posted")
    producer = KafkaProducer(bootstrap_servers=windows.kafka, acks="all", linger_ms=20)
    now, source = windows.now, source_of("projects")
    for _ in range(count):
        key, value, headers = encode(Envelope(new_id(), source, "project.posted", 1, new_id(), 1, now, data))
        producer.send(topic, key=key, value=value, headers=headers)
    producer.flush()
    producer.close(timeout=10)


def _catch_up(windows: Windows, events: int) -> int:
    bare = _bare(windows)
    say("the worker starts")
    (worker,) = windows.work(1)
    began, early, most = time.monotonic(), 0, 0
    while (done := windows.database.rounds.estimated_document_count()) < events:
        if worker.pid is None or time.monotonic() - began > PATIENCE_S:
            print(f"only {done} of {events} rounds: {worker.tail()}")
            return 1
        resident = psutil.Process(worker.pid).memory_info().rss
        early = max(early, resident) if done < events // EARLY_SHARE else early
        most = max(most, resident)
        time.sleep(0.5)
    rate = events / (time.monotonic() - began)
    print(f"{events} events in {events / rate:.0f} s, {rate:.0f} a second", end=", ")
    print(f"{rate / bare:.1f} times as many as single inserts ({bare:.0f} a second)")
    print(f"memory of the worker: {early / 2**20:.0f} MiB in the first tenth, {most / 2**20:.0f} MiB at most")
    return 0


def _bare(windows: Windows) -> float:
    began = time.monotonic()
    for _ in range(BARE):
        windows.database["bare"].insert_one({"_id": new_id()})
    return BARE / (time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
