"""Rounds of the quotes service, inserted directly into its database in large numbers, and its real workers."""

import copy
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chassis.ids import new_id
from chassis.mongo import Document
from chassis.outbox import COLLECTION as OUTBOX
from chassis.outbox import depth
from chassis.places import names_of
from contracts.topics import TOPICS
from deploy.kafka.provision import provision
from deploy.local.engines import Kafka, Mongo
from deploy.local.ports import free_port
from deploy.local.process import Process
from services.quotes import app
from services.quotes.model import Round, Slot
from services.quotes.store import round_document

ROOT = Path(__file__).resolve().parents[1]
BATCH = 5_000
QUOTES = 3


@contextmanager
def windows(name: str) -> Iterator["Windows"]:
    """Starts engines in a temporary folder and prepares the database on them."""
    with tempfile.TemporaryDirectory(prefix=f"releve-{name}-") as folder:
        port = free_port()
        with (
            Mongo(Path(folder, "mongo"), free_port()) as mongo,
            Kafka(Path(folder, "kafka"), port, free_port([port])) as kafka,
        ):
            made = Windows(mongo.uri, kafka.bootstrap, Path(folder), f"{name}_")
            try:
                yield made
            finally:
                made.close()


class Windows:
    """A database of the quotes service, whose name starts with ``prefix``, and workers that use it."""

    def __init__(self, mongo_uri: str, kafka: str, folder: Path, prefix: str) -> None:
        self.kafka = kafka
        provision(kafka, TOPICS, 1)
        self.settings = {
            "RELEVE_MONGO_URI": mongo_uri,
            "RELEVE_KAFKA": kafka,
            "RELEVE_DB_PREFIX": prefix,
            "RELEVE_MASTER_KEY_QUOTES": "0" * 64,
            "RELEVE_SKETCH_SECRET": "1" * 64,
            "RELEVE_LOG_LEVEL": "warning",
        }
        self.service = app.compose(self.settings)
        self.database = self.service.database("windows")
        self.service.prepare(self.database)
        self._folder = folder
        self._workers: list[Process] = []

    @property
    def now(self) -> datetime:
        """The database's time."""
        return self.database.client.admin.command("hello", codec_options=self.database.codec_options)["localTime"]

    def fill(self, ends: Iterator[datetime]) -> list[str]:
        """Inserts a round with three quotes for each time, at which its window ends; returns the rounds' ids."""
        made: list[str] = []
        batch: list[Document] = []
        for end in ends:
            batch.append(self._row(end))
            if len(batch) == BATCH:
                made += self._insert(batch)
                batch = []
        return made + (self._insert(batch) if batch else [])

    def work(self, number: int) -> list[Process]:
        """Starts this number of workers and waits until each has begun to log."""
        for index in range(number):
            environment = {name: value for name, value in os.environ.items() if not name.startswith("RELEVE_")}
            port = {"RELEVE_HTTP_PORT": str(free_port())}
            worker = Process(
                f"quotes-worker-{index + 1}",
                [sys.executable, "-m", "services.quotes.app", "worker"],
                self._folder / f"quotes-worker-{index + 1}.log",
                env=environment | self.settings | port,
                cwd=ROOT,
            )
            worker.start()
            self._workers.append(worker)
        for worker in self._workers:
            worker.wait_until(lambda log=worker.log: log.exists(), 60)  # type: ignore[misc]
        return self._workers

    def due(self, moment: datetime) -> int:
        """The number of windows whose time is past ``moment`` and that have not ended. Cheap, as it is polled often."""
        deadline = self.service.deadlines[0]
        return self.database[deadline.collection].count_documents(deadline.due(moment))

    def waiting(self) -> int:
        """The number of events that wait to be published."""
        return depth(self.database)

    def closed(self, ids: list[str]) -> list[Document]:
        """The outbox rows of these rounds' ``window.closed``."""
        return list(self.database[OUTBOX].find({"name": "window.closed", "subject": {"$in": ids}}, {"payload": 0}))

    def plan(self) -> Mapping[str, Any]:
        """The database's query plan for finding due windows."""
        deadline = self.service.deadlines[0]
        rows = self.database[deadline.collection].find(deadline.due(self.now)).sort(deadline.field).limit(200)
        explained: Mapping[str, Any] = rows.explain()
        return explained

    def close(self) -> None:
        """Stops the workers and drops the database."""
        for worker in self._workers:
            worker.stop()
        for name in names_of(self.database.name):
            self.database.client.drop_database(name)
        self.database.client.close()

    def _row(self, end: datetime) -> Document:
        window = timedelta(hours=48)
        slots = [Slot(f"acc-{n}", f"mentor-{n}", quote_id=new_id(), digest="0" * 64) for n in range(QUOTES)]
        return round_document(Round(new_id(), ["acc"], "EUR", window, end - window, end, slots=slots, version=1))

    def _insert(self, rows: list[Document]) -> list[str]:
        self.database.rounds.insert_many(copy.deepcopy(rows), ordered=False)
        return [row["_id"] for row in rows]
