"""The unit of work: one MongoDB transaction with the aggregate, its outbox rows and, for a handler, the inbox row."""

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
from chassis.mongo import Document, Documents

T = TypeVar("T")
WITHIN_S = 10.0
"""How long a unit of work may take with all its tries, such as against others that want the same documents."""
ASKED_WITHIN_S = 5.0
"""The same where a person waits for the answer."""


class Unit:
    """What a command or a handler works with while its transaction is open.

    ``now`` is the time of the service's clock when the transaction began. Nothing but MongoDB may be called inside:
    the driver runs the work again when the transaction was cut or met another one.
    """

    def __init__(self, database: Documents, session: ClientSession, clock: Clock, rows: outbox.Rows) -> None:
        self.now = clock.now(database)
        self._clock = clock
        self._database = database
        self._session = session
        self._rows = rows
        self._afterwards: list[Callable[[], object]] = []

    def collection(self, name: str) -> Collection:
        """A collection of this service's database, as this transaction sees and changes it."""
        return self._bound(name)

    def find(self, collection: str, filter: Mapping[str, Any]) -> Document | None:
        """One document as this transaction sees it, or None."""
        return self._bound(collection).find_one(filter)

    def finish(self) -> None:
        """The work is done; what remains to be written is written before the transaction is committed."""

    def after_commit(self, action: Callable[[], object]) -> None:
        """What to do once this is committed, such as to count it in a metric. A transaction that is tried again forgets
        it; the next try says it anew. It runs outside the transaction, and must not fail: the effect stands already.
        """
        self._afterwards.append(action)

    def committed(self) -> None:
        """Runs what `after_commit` collected. `UnitOfWork` calls it once, after the commit."""
        for action in self._afterwards:
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
        """Stores an aggregate together with what happened to it, and raises its version.

        ``document["version"]`` is the version that was read, 0 for a new aggregate. The version rises by one
        for each fact (at least by one), and each fact takes one as its sequence. ``subject`` is the key of the
        events, the document's id unless given. ``only_if`` is a further condition that the database decides,
        such as a deadline against ``$$NOW`` (`Clock.at_write`): False and nothing stored when it does not hold.
        """
        read = int(document["version"])
        written = {**document, "version": read + max(1, len(facts))}
        if not self._store(collection, read, written, only_if or {}):
            return False
        self._tell(self._rows(subject or str(document["_id"]), read, facts, self.now))
        return True

    def _store(self, collection: str, read: int, written: Document, only_if: Mapping[str, Any]) -> bool:
        """Writes an aggregate that was read at this version; whether it still was, and ``only_if`` holds."""
        rows = self._bound(collection)
        if read == 0:
            rows.insert_one(written)
            return True
        guard = {"_id": written["_id"], "version": read, **self._clock.at_write(only_if)}
        return rows.replace_one(guard, written).matched_count > 0

    def _tell(self, rows: Sequence[Document]) -> None:
        """Writes outbox rows, if there are any."""
        if rows:
            self._bound(outbox.COLLECTION).insert_many(rows)

    def _bound(self, name: str) -> Collection:
        """The collection as it is, whatever `collection` does before it hands one out."""
        return Collection(self._database[name], self._session)


U = TypeVar("U", bound=Unit)


class UnitOfWork:
    """Runs work in transactions: all of it happens, its events included, or none."""

    def __init__(
        self,
        database: Documents,
        service: str,
        contract: Contract,
        within: float = WITHIN_S,
        clock: Clock = DATABASE_CLOCK,
    ) -> None:
        self.database = database
        self.clock = clock
        self._within = within
        self._rows = outbox.rows_of(service, contract)

    def now(self) -> datetime:
        """The time, outside any transaction."""
        return self.clock.now(self.database)

    def run(self, work: Callable[[U], T], kind: type[U] = Unit) -> T:  # type: ignore[assignment]
        """The result of ``work``, once committed by a majority. What ``work`` raises aborts it and comes through.

        ``work`` may run several times. Raises `pymongo.errors.PyMongoError` when the database stays away, or others
        keep its documents, for ``within`` seconds; `chassis.mongo.is_outage` says so of that error. The driver pauses
        at random, longer each time, before it runs the work again.
        """

        units: list[U] = []  # one a try

        def attempt(session: ClientSession) -> T:
            if units:
                telemetry.TRANSACTION_RETRIES.inc()
            unit = kind(self.database, session, self.clock, self._rows)
            units.append(unit)
            result = work(unit)
            unit.finish()
            return result

        # the driver alone would go on for two minutes, long after whoever asked has gone
        with pymongo.timeout(self._within), self.database.client.start_session() as session:
            result = session.with_transaction(
                attempt,
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority"),
            )
        units[-1].committed()
        return result
