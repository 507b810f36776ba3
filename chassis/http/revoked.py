"""The revocations that a process knows, read from its database every second, so that a check costs no query."""

import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.clock import DATABASE_CLOCK, LONG_AGO, Clock
from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.mongo import Documents
from chassis.revocations import COLLECTION

EVERY_S = 1.0
OVERLAP = timedelta(seconds=30)
"""How far back each reading begins: longer than a transaction, because a row becomes visible after its time."""


class Revoked(Protocol):
    """What `chassis.http.auth.present_actor` asks about each valid token."""

    def check(self, actor: Actor) -> None:
        """Refuses ``unauthenticated`` if the actor's session has ended."""


class Revocations:
    """The revocations in the service's database. `start` reads them in the background; while the database is away, the
    last ones known count, and the gauge ``releve_revocations_age_seconds`` says how old they are."""

    def __init__(self, database: Documents, clock: Clock = DATABASE_CLOCK) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, dict[str, Mapping[str, Any]]] = {}
        """Rows by account and id. It is replaced, never changed: requests read it without a lock."""
        self._read_to: datetime | None = None
        self._read_at = 0.0
        self._lock = threading.Lock()

    def start(self) -> None:
        """Reads every second from now on, in a daemon thread."""
        telemetry.REVOCATIONS_AGE.set_function(self.age_s)
        threading.Thread(target=self._follow, name="revocations", daemon=True).start()

    def age_s(self) -> float:
        """Seconds since the last successful reading; infinite before the first."""
        return time.monotonic() - self._read_at if self._read_to else float("inf")

    def check(self, actor: Actor) -> None:
        """Refuses ``unauthenticated`` if the actor's session has ended. Before the first reading it reads itself, and
        raises `PyMongoError` if it cannot: a process that knows nothing must not admit everybody."""
        if self._read_to is None:
            self.refresh()
        if any(_covers(row, actor) for row in self._known.get(actor.id, {}).values()):
            raise Refusal("unauthenticated", "This session has ended; please sign in again.")

    def refresh(self) -> None:
        """Reads what was kept since the last reading, and forgets what has expired. Raises `PyMongoError`."""
        with self._lock:
            now = self._clock.now(self._database)  # by which MongoDB deletes the rows, too
            since = {"kept_at": {"$gte": self._read_to - OVERLAP}} if self._read_to else {}
            found = list(self._database[COLLECTION].find(since))
            known: dict[str, dict[str, Mapping[str, Any]]] = {}
            for row in [*(row for rows in self._known.values() for row in rows.values()), *found]:
                if row["until"] > now:
                    known.setdefault(row["account"], {})[row["_id"]] = row
            self._known = known
            self._read_to = max([row["kept_at"] for row in found], default=self._read_to or LONG_AGO)
            self._read_at = time.monotonic()

    def _follow(self) -> None:
        while True:
            try:
                self.refresh()
            except PyMongoError as error:
                telemetry.log.warning("revocations_not_read", error=telemetry.error_name(error))
            time.sleep(EVERY_S)


def _covers(row: Mapping[str, Any], actor: Actor) -> bool:
    if row["ended"] is not None:
        return bool(row["ended"] == actor.session)
    return actor.since <= row["at"].timestamp() and actor.session != row["kept"]
