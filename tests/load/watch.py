"""Samples internals under load: consumer lag, the outbox, dead letters, collections, memory, open files.

Unobservable sources (processes of another machine, engines without an address) are left out and reported.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import psutil
from kafka import TopicPartition
from kafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from contracts.topics import EVENT_TOPICS, SERVICES, dead_letters_of
from tests.load.target import Target

LOOK_S, LONG_LOOK_S = 1.0, 5.0
MIB = 2**20


class Watch:
    """Samples in a thread within `with`; ``since`` of a sample is in seconds since entering."""

    def __init__(self, target: Target, generator: Callable[[], int | None], long_look_s: float = LONG_LOOK_S) -> None:
        self._target, self._generator, self._long_look_s = target, generator, long_look_s
        self._lags = Lags(target) if target.kafka else None
        self._mongo: MongoClient[dict[str, Any]] | None = (
            MongoClient(target.mongo_uri, serverSelectionTimeoutMS=3_000, appname="load") if target.mongo_uri else None
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch")
        self.began = time.monotonic()
        self.lags: list[dict[str, Any]] = []
        """Samples of: since, lag by service, dead letters, pending outbox rows."""
        self.held: list[dict[str, Any]] = []
        """Samples of: since, RSS and PSS in MiB and open files by process, documents and MiB by collection."""
        self.blind: list[str] = []
        """The unobservable sources, as sentences."""
        if not self._lags:
            self.blind.append("Consumer lag and dead letters are not measured: no RELEVE_KAFKA is known.")
        if self._mongo is None:
            self.blind.append("Outbox, collections and stored rounds are not looked at: no RELEVE_MONGO_URI is known.")
        if not target.processes():
            self.blind.append("Memory and open files are not measured: the processes run elsewhere.")

    def __enter__(self) -> "Watch":
        self.began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._lags:
            self._lags.close()
        if self._mongo is not None:
            self._mongo.close()

    @property
    def since(self) -> float:
        """Seconds since entering."""
        return time.monotonic() - self.began

    @property
    def now(self) -> dict[str, Any] | None:
        """The latest sample of lag and outbox."""
        return self.lags[-1] if self.lags else None

    def _run(self) -> None:
        long_look = 0.0
        while not self._stop.wait(LOOK_S):
            look = {"since": round(self.since, 1), "load": os.getloadavg()[0]}
            with suppress(KafkaError, PyMongoError, OSError):  # a single missing sample is no failure
                if self._lags:
                    look |= self._lags.look()
                if self._mongo is not None:
                    look["outbox"] = sum(
                        self._mongo[self._target.prefix + service]["outbox"].count_documents({"pending": True})
                        for service in SERVICES
                    )
                self.lags.append(look)
            if time.monotonic() >= long_look:
                long_look = time.monotonic() + self._long_look_s
                self.held.append(self._long_look())

    def _long_look(self) -> dict[str, Any]:
        processes = dict(self._target.processes())
        if (pid := self._generator()) is not None:
            processes["(generator)"] = pid
        look = {"since": round(self.since, 1), "processes": held(processes), "collections": {}}
        if self._mongo is not None:
            with suppress(PyMongoError):
                look["collections"] = counted(self._mongo, (self._target.prefix + service for service in SERVICES))
                look["operations"] = operations(self._mongo, self._target.prefix)
        return look


class Lags:
    """The consumer lag of each service in events, from the broker's offsets."""

    def __init__(self, target: Target) -> None:
        assert target.kafka
        self._admin = target.kafka.admin()
        self._reader = target.kafka.consumer(group_id=None)
        self._places = self._partitions(EVENT_TOPICS)
        self._dead = self._partitions([dead_letters_of(service) for service in SERVICES])

    def _partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        return [TopicPartition(t, n) for t in topics for n in sorted(self._reader.partitions_for_topic(t) or ())]

    def look(self) -> dict[str, Any]:
        """Lag by service (for subscribed topics with a committed offset), and the number of dead letters."""
        ends = self._reader.end_offsets([*self._places, *self._dead])
        committed = self._admin.list_group_offsets(dict.fromkeys(SERVICES))
        lag = {}
        for service in SERVICES:
            places = {place: found.offset for place, found in committed.get(service, {}).items()}
            topics = {place.topic for place in places}
            lag[service] = sum(
                max(0, ends[place] - max(0, places.get(place, 0))) for place in self._places if place.topic in topics
            )
        return {"lag": lag, "dead_letters": sum(ends[place] for place in self._dead)}

    def close(self) -> None:
        """Closes the connections to the brokers."""
        self._reader.close(autocommit=False, timeout_ms=1_000)
        self._admin.close()


def held(processes: Mapping[str, int]) -> dict[str, dict[str, float]]:
    """By name, including child processes: RSS and PSS in MiB, open files, CPU seconds so far."""
    found = {}
    for name, pid in processes.items():
        with suppress(psutil.Error):
            tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
            facts = [process.memory_full_info() for process in tree]
            times = [process.cpu_times() for process in tree]
            found[name] = {
                "rss": round(sum(fact.rss for fact in facts) / MIB, 1),
                "pss": round(sum(fact.pss for fact in facts) / MIB, 1),
                "files": sum(process.num_fds() for process in tree),
                "cpu": round(sum(spent.user + spent.system for spent in times), 2),
            }
    return found


def operations(mongo: MongoClient[dict[str, Any]], prefix: str) -> dict[str, list[int]]:
    """Microseconds that mongod spent in operations so far, and their number, by collection, such as `quotes.rounds`."""
    totals = mongo.admin.command("top")["totals"]
    return {
        name.removeprefix(prefix): [facts["total"]["time"], facts["total"]["count"]]
        for name, facts in totals.items()
        if name.startswith(prefix)
    }


def counted(mongo: MongoClient[dict[str, Any]], databases: Iterable[str]) -> dict[str, int]:
    """Number of documents by collection, such as `quotes.rounds`."""
    found = {}
    for database in databases:
        service = database.rpartition("_")[2]
        for name in mongo[database].list_collection_names():
            found[f"{service}.{name}"] = mongo[database][name].estimated_document_count()
    return found
