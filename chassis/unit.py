"""Unit of work: one MongoDB transaction for an aggregate, its outbox rows and, in a handler, the inbox row."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import pymongo
from pymongo.client_session import ClientSession
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from chassis import outbox, telemetry
from chassis.clock import DATABASE_CLOCK, Clock
from chassis.collection import Collection
from chassis.events import Contract
from chassis.facts import Fact
from chassis.keyring import Keyring, needed
from chassis.mongo import Document, Documents
from chassis.places import rows_of

T = TypeVar("T")
TIMEOUT_S = 10.0
"""Maximum duration of a unit of work in seconds, including retries after conflicts with other transactions."""
REQUEST_TIMEOUT_S = 5.0
"""The same limit for an HTTP request, where a caller waits for the answer."""


class Unit:
    """One open transaction, as a command or a handler uses it.

    ``now`` is the service clock's time at the start of the transaction. Call nothing but MongoDB inside: the driver
    runs the work again when the transaction is interrupted or conflicts with another one.
    """

    def __init__(
        self,
        database: Documents,
        session: ClientSession,
        clock: Clock,
        rows: outbox.Rows,
        keys: Keyring | None = None,
    ) -> None:
        self.now = clock.now(database)
        self._keys = keys
        self._clock = clock
        self._database = database
        self._session = session
        self._rows = rows
        self._after_commit: list[Callable[[], object]] = []

    @property
    def keys(self) -> Keyring:
        """The keys that unwrap what this service stores sealed."""
        return needed(self._keys)

    def collection(self, name: str) -> Collection:
        """A collection of this service whose reads and writes belong to this transaction (names: `chassis.places`)."""
        return self._bound(name)

    def find(self, collection: str, filter: Mapping[str, Any]) -> Document | None:
        """One document as this transaction sees it, or None."""
        return self._bound(collection).find_one(filter)

    def finish(self) -> None:
        """Writes what is still pending; called before the commit. A plain unit writes immediately."""

    def after_commit(self, action: Callable[[], object]) -> None:
        """Registers an action to run once after the commit, such as counting a metric.

        A retry discards the actions of the attempt before it; the work registers them again. An action runs outside the
        transaction and must not fail: the effect is already committed.
        """
        self._after_commit.append(action)

    def committed(self) -> None:
        """Runs the actions registered with `after_commit`. `UnitOfWork` calls it once, after the commit."""
        for action in self._after_commit:
            action()

    def put(
        self,
        collection: str,
        document: Mapping[str, Any],
        facts: Sequence[Fact] = (),
        *,
        subject: str | None = None,
        only_if: Mapping[str, Any] | None = None,
    ) -> bool:
        """Stores an aggregate with its new facts and raises its version.

        ``document["version"]`` is the version that was read, 0 for a new aggregate. Each fact raises the version by one
        and takes the result as its sequence; without facts the version still rises by one. ``subject`` is the key of
        the events and defaults to the document's id. ``only_if`` is a further condition on an existing aggregate that
        the database evaluates, such as a deadline against ``$$NOW`` (`Clock.at_write`). Returns False and stores
        nothing when the stored version is another one or the condition is false.
        """
        read = int(document["version"])
        written = {**document, "version": read + max(1, len(facts))}
        if not self._store(collection, read, written, only_if or {}):
            return False
        self._write_outbox(self._rows(subject or str(document["_id"]), read, facts, self.now))
        return True

    def _store(self, collection: str, read: int, written: Document, only_if: Mapping[str, Any]) -> bool:
        """Writes an aggregate if it still has the version ``read`` and ``only_if`` is true; returns whether it did."""
        rows = self._bound(collection)
        if read == 0:
            rows.insert_one(written)
            return True
        guard = {"_id": written["_id"], "version": read}
        if only_if:
            guard |= self._clock.at_write(only_if)
        return rows.replace_one(guard, written).matched_count > 0

    def _write_outbox(self, rows: Sequence[Document]) -> None:
        """Inserts outbox rows, if there are any."""
        if rows:
            self._bound(outbox.COLLECTION).insert_many(rows)

    def _bound(self, name: str) -> Collection:
        """The collection bound to the session, without what a subclass does in `collection`."""
        return Collection(rows_of(self._database, name), self._session)


U = TypeVar("U", bound=Unit)


class UnitOfWork:
    """Runs work in transactions: its changes and its events are all committed, or none of them is."""

    def __init__(
        self,
        database: Documents,
        service: str,
        contract: Contract,
        within: float = TIMEOUT_S,
        clock: Clock = DATABASE_CLOCK,
        keys: Keyring | None = None,
    ) -> None:
        self.database = database
        self.clock = clock
        self._keys = keys
        self._within = within
        self._rows = outbox.rows_of(service, contract)

    def now(self) -> datetime:
        """The current time of the service's clock, read outside any transaction."""
        return self.clock.now(self.database)

    @property
    def keys(self) -> Keyring:
        """The keys that unwrap what this service stores sealed."""
        return needed(self._keys)

    def run(self, work: Callable[[U], T], kind: type[U] = Unit) -> T:  # type: ignore[assignment]
        """Runs ``work`` in a transaction and returns its result once a majority has committed it.

        An exception from ``work`` aborts the transaction and is raised to the caller. ``work`` may run several times;
        between attempts the driver pauses for a random, growing time. Raises `pymongo.errors.PyMongoError` when the
        database stays unavailable, or conflicts continue, for ``within`` seconds; `chassis.mongo.is_outage` is true of
        that error.
        """

        units: list[U] = []  # one per attempt

        def attempt(session: ClientSession) -> T:
            if units:
                telemetry.TRANSACTION_RETRIES.inc()
            unit = kind(self.database, session, self.clock, self._rows, self._keys)
            units.append(unit)
            result = work(unit)
            unit.finish()
            return result

        # by default the driver retries for two minutes, long after the caller has given up
        with pymongo.timeout(self._within), self.database.client.start_session() as session:
            result = session.with_transaction(
                attempt,
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority"),
            )
        units[-1].committed()
        return result
