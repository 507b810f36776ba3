"""Compares the two libraries that the services can use for Kafka: `make bench-clients`.

python -m benchmarks.clients [--turns 3] [--events 2000] [--write docs/measurements/clients.md]

Both take turns (A B A B) on the same engines. In each turn a library first works alone, in a process without handlers
or database, then a worker of quotes uses it: idle, with a backlog, at a steady rate, and when the broker was killed and
is back. The table gives the median of the turns, and the ratio of the libraries turn by turn with its spread.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
from kafka import KafkaProducer

from benchmarks import machine, report
from benchmarks.behind import publish
from benchmarks.openloop import fire
from benchmarks.report import say
from benchmarks.usage import held
from benchmarks.windows import Windows
from chassis.broker import CLIENTS, CONFLUENT_KAFKA, KAFKA_PYTHON, Broker
from chassis.broker.clients import Partition, Record
from chassis.events import Envelope, encode, source_of
from chassis.ids import new_id
from contracts.events import CONTRACT
from contracts.topics import Topic
from deploy.kafka.provision import provision
from deploy.local.engines import Kafka, Mongo
from deploy.local.ports import free_port
from deploy.local.process import Process
from tests.kit.examples import live_example

TOPIC = "benchmark.clients"
STEP = 50
"""Messages sent before their acknowledgements are awaited, in the alone measurement; the relay works like this."""
RATE, RATE_S = 20.0, 10
IDLE_S = 10.0
DOWN_S = 5.0
PATIENCE_S = 120.0
ROWS: Mapping[str, tuple[str, str]] = {
    "sent": ("processor time of a message sent and acknowledged, library alone", "µs"),
    "received": ("processor time of a message received, library alone", "µs"),
    "handled": ("processor time of an event handled by the worker, backlog", "µs"),
    "median": ("from the send to the round stored, median", "ms"),
    "p99": ("from the send to the round stored, p99", "ms"),
    "idle": ("processor time of the idle worker", "ms/s"),
    "memory": ("memory of the idle worker, PSS", "MiB"),
    "back": ("from the broker's return to the first effect", "s"),
}
"""What is measured: its title and unit."""
Figures = Mapping[str, float]


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit status: 1 if an event had no effect in time."""
    parser = argparse.ArgumentParser("benchmarks.clients", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--events", type=int, default=2_000, help="of each backlog")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="rewrite the section of this document")
    given = parser.parse_args(arguments)
    where = machine.described(os.getloadavg())
    with tempfile.TemporaryDirectory(prefix="releve-clients-") as folder:
        try:
            found = measure(Path(folder), given.turns, given.events)
        except TimeoutError as error:
            say(f"✗ {error}")
            return 1
    text = f"{where}\n\n{described(given.turns, given.events)}\n\n{compared(found)}"
    print(f"\n{text}")
    if given.write:
        report.rewrite(given.write, text)
    return 0


def described(turns: int, events: int) -> str:
    """The conditions in one sentence."""
    return (
        f"{turns} turns of each library; backlogs of {events} events; latency at {RATE:.0f} events a second; "
        f"the broker was away for {DOWN_S:.0f} s."
    )


def compared(found: Mapping[str, Sequence[Figures]]) -> str:
    """The table: for each figure the median of both libraries, and their ratio with its spread."""
    rows = []
    for name, (title, unit) in ROWS.items():
        first, second = ([turn[name] for turn in found[client]] for client in (KAFKA_PYTHON, CONFLUENT_KAFKA))
        ratios = [b / a for a, b in zip(first, second, strict=True)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        rows.append([f"{title} ({unit})", *(f"{statistics.median(turns):.1f}" for turns in (first, second)), spread])
    return report.table(["", KAFKA_PYTHON, CONFLUENT_KAFKA, "ratio, with its spread"], rows)


def measure(folder: Path, turns: int, events: int) -> dict[str, list[Figures]]:
    """The figures of every turn, by library. Raises `TimeoutError`."""
    found: dict[str, list[Figures]] = {client: [] for client in CLIENTS}
    port = free_port()
    with (
        Mongo(folder / "mongo", free_port()) as mongo,
        Kafka(folder / "kafka", port, free_port([port])) as kafka,
    ):
        there = Windows(mongo.uri, kafka.bootstrap, folder, "clients_")
        try:
            for turn in range(turns):
                for client in CLIENTS:
                    alone = _alone(Broker(kafka.bootstrap, client=client), events, live_event(there))
                    with _worker(there, client) as worker:
                        found[client].append({**alone, **_with_worker(there, kafka, worker, events)})
                    figures = ", ".join(f"{name} {value:.1f}" for name, value in found[client][-1].items())
                    say(f"turn {turn + 1} of {turns}, {client}: {figures}")
        finally:
            there.close()
    return found


def live_event(there: Windows) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Key, value and headers of a `project.posted` of a project of its own."""
    data = live_example("project.posted", there.now)
    return encode(Envelope(new_id(), source_of("projects"), "project.posted", 1, new_id(), 1, there.now, data))


def _alone(broker: Broker, count: int, event: tuple[bytes, bytes, list[tuple[str, bytes]]]) -> Figures:
    """The library in a process of its own."""
    topic = f"{TOPIC}.{new_id()}"
    provision(broker.servers, [Topic(topic, 3)], 1)
    own = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=own, max_tasks_per_child=1) as pool:
        sent = pool.submit(send, broker, topic, count, event).result(PATIENCE_S)
        received = pool.submit(receive, broker, topic, count).result(PATIENCE_S)
    return {"sent": sent * 1e6, "received": received * 1e6}


def send(broker: Broker, topic: str, count: int, event: tuple[bytes, bytes, list[tuple[str, bytes]]]) -> float:
    """Sends messages in steps; returns the processor seconds of one, all threads included."""
    _key, value, headers = event
    producer = broker.clients().producer()
    producer.send(topic, value=value, key=b"first", headers=headers).get(timeout=10)
    began = time.process_time()
    for start in range(0, count, STEP):
        step = range(start, min(start + STEP, count))
        sent = [producer.send(topic, value=value, key=b"%d" % number, headers=headers) for number in step]
        for one in sent:
            one.get(timeout=10)
    spent = time.process_time() - began
    producer.close(timeout=2)
    return spent / count


def receive(broker: Broker, topic: str, count: int) -> float:
    """Reads as many messages; returns the processor seconds of one, all threads included."""
    reader = broker.clients().reader(new_id())
    numbers = reader.partitions(topic)
    began, until = time.process_time(), time.monotonic() + PATIENCE_S
    reader.start({Partition(topic, number): None for number in numbers})
    read: list[Record] = []
    while len(read) < count:
        if time.monotonic() > until:
            raise TimeoutError(f"{len(read)} of {count} messages read")
        read += reader.poll(500)
    spent = time.process_time() - began
    reader.close(timeout_ms=1_000)
    return spent / len(read)


@contextmanager
def _worker(there: Windows, client: str) -> Iterator[Process]:
    there.settings["RELEVE_KAFKA_CLIENT"] = client
    worker = there.work(1)[-1]
    url = f"http://127.0.0.1:{(worker.env or {})['RELEVE_HTTP_PORT']}/readyz"

    def ready() -> bool:
        try:
            return httpx.get(url, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    try:
        worker.wait_until(ready, PATIENCE_S)
        yield worker
    finally:
        worker.stop()


def _with_worker(there: Windows, kafka: Kafka, worker: Process, events: int) -> Figures:
    assert worker.pid
    process = psutil.Process(worker.pid)

    def spent() -> float:
        times = process.cpu_times()
        return times.user + times.system

    before = spent()
    time.sleep(IDLE_S)
    figures = {"idle": (spent() - before) / IDLE_S * 1e3, "memory": held({"worker": worker.pid})["worker"].proportional}
    before, rounds = spent(), there.database.rounds.estimated_document_count()
    publish(there, events)
    _until(lambda: there.database.rounds.estimated_document_count() >= rounds + events, "the backlog was not handled")
    figures["handled"] = (spent() - before) / events * 1e6
    with _effects(there) as effects:
        latencies = _at_a_rate(there, effects)
        figures |= {"median": report.points(latencies)[0], "p99": report.points(latencies)[2]}
        kafka.kill()
        time.sleep(DOWN_S)
        kafka.start()
        back = time.time()
        (subject,) = _send(there, 1)
        _until(lambda: subject in effects, "no effect after the broker was back")
        figures["back"] = effects[subject] - back
    return figures


def _at_a_rate(there: Windows, effects: Mapping[str, float]) -> list[float]:
    """Seconds from when each event was due to its round."""
    topic = CONTRACT.topic("projects", "project.posted")
    data, source = live_example("project.posted", there.now), source_of("projects")
    producer = KafkaProducer(bootstrap_servers=there.kafka, acks="all", linger_ms=0)

    def act(_index: int) -> str:
        key, value, headers = encode(Envelope(new_id(), source, "project.posted", 1, new_id(), 1, there.now, data))
        producer.send(topic, key=key, value=value, headers=headers)
        return key.decode()

    shots = fire(act, RATE, int(RATE * RATE_S))
    _until(lambda: all(shot.result in effects for shot in shots), "an event had no effect")
    producer.close(timeout=5)
    return [effects[shot.result] - shot.due for shot in shots]


def _send(there: Windows, count: int) -> list[str]:
    """Sends events and returns their subjects, once they are acknowledged."""
    topic, subjects = CONTRACT.topic("projects", "project.posted"), []
    producer = KafkaProducer(bootstrap_servers=there.kafka, acks="all")
    for _ in range(count):
        key, value, headers = live_event(there)
        producer.send(topic, key=key, value=value, headers=headers).get(timeout=30)
        subjects.append(key.decode())
    producer.close(timeout=5)
    return subjects


@contextmanager
def _effects(there: Windows) -> Iterator[dict[str, float]]:
    """When each new round was seen, by its id, in seconds of the machine's clock."""
    seen: dict[str, float] = {}
    stop = threading.Event()
    stream = there.database.rounds.watch([{"$match": {"operationType": "insert"}}], max_await_time_ms=200)

    def follow() -> None:
        with stream:
            while not stop.is_set():
                if change := stream.try_next():
                    seen[str(change["documentKey"]["_id"])] = time.time()

    thread = threading.Thread(target=follow, name="effects", daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join(10)


def _until(ask: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not ask():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
