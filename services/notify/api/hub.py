"""The open event streams of this process, and the one thread that wakes them.

Each stream blocks one of the server's threads, so their number is limited per person and per process. At the process's
limit, who holds many makes room for who holds few: first by network, so that many accounts at one place cannot keep the
others out, then by person. A stream that was closed for this resumes without a gap once there is room.
"""

import threading
import time
from collections import Counter, defaultdict, deque

from pymongo.errors import InvalidOperation, PyMongoError

from chassis import telemetry
from chassis.facts import Refusal
from chassis.mongo import Document, Documents

STREAMS_A_PERSON = 3
FAILED_WAIT_S = 1.0
MOST_HINTS = 100
READ = "read"
"""The hint that the person has read notifications; no project has this id."""


WATCHED: list[Document] = [
    {
        "$match": {
            "$or": [
                {"ns.coll": "notifications", "operationType": "insert"},
                {"ns.coll": "people", "updateDescription.updatedFields.readings": {"$exists": True}},
                {"ns.coll": "projects", "fullDocument.told.0": {"$exists": True}},
            ]
        }
    },
    {"$project": {"ns": 1, "documentKey": 1, "fullDocument.account": 1, "fullDocument.told": 1}},
]
"""New notifications, readings (the row of their person), and projects that somebody should look at again."""


class Listener:
    """One open stream: woken for new notifications, closed when a newer stream replaces it or the process ends."""

    def __init__(self, account: str, network: str) -> None:
        self.account, self.network = account, network
        self.closed = self.replaced = False
        self.wake = threading.Event()
        self.hints: deque[str | None] = deque(maxlen=MOST_HINTS)
        """Projects that changed for this person, `READ`, or None if anything may have changed."""

    def close(self, *, replaced: bool = False) -> None:
        """Ends the stream immediately; ``replaced`` if a newer one replaces it."""
        self.replaced = replaced
        self.closed = True
        self.wake.set()


class Hub:
    """The open streams of this process and the one thread that watches the notifications for all of them."""

    def __init__(self, database: Documents, most: int) -> None:
        self._database = database
        self._most = most
        self._lock = threading.Lock()
        self._listeners: dict[str, deque[Listener]] = defaultdict(deque)  # by account, oldest first
        self._watcher: threading.Thread | None = None
        self._closed = False

    def join(self, account: str, network: str = "", *, replaced: bool = False) -> Listener | None:
        """Opens a stream; a person's fourth closes their oldest. ``unavailable`` at the process's limit, unless
        another network or person holds more than its share.

        Returns None if the stream was ``replaced`` before and the person has as many open as allowed.
        """
        with self._lock:
            mine = self._listeners.get(account)
            if mine and len(mine) >= STREAMS_A_PERSON:
                if replaced:
                    return None
                mine.popleft().close(replaced=True)
            elif self._open() >= self._most:
                self._make_room(account, network)
            listener = Listener(account, network)
            if self._closed:
                listener.close()
            self._listeners[account].append(listener)
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="watch-notifications", daemon=True)
                self._watcher.start()
        return listener

    def leave(self, listener: Listener) -> None:
        """Removes an ended stream."""
        with self._lock:
            self._remove(listener)

    def close(self) -> None:
        """Ends every stream, also later ones: the process ends, and clients reconnect to another one."""
        with self._lock:
            self._closed = True
            for listener in [listener for mine in self._listeners.values() for listener in mine]:
                listener.close()

    def _open(self) -> int:
        return sum(map(len, self._listeners.values()))

    def _make_room(self, account: str, network: str) -> None:
        """Closes the oldest stream of the network with the most, or else of the person with the most."""
        every = [listener for mine in self._listeners.values() for listener in mine]
        networks = Counter(listener.network for listener in every)
        people = Counter(listener.account for listener in every)
        crowded, most = networks.most_common(1)[0]
        greedy, streams = people.most_common(1)[0]
        if most > networks[network] + 1:
            victim = max((one for one in every if one.network == crowded), key=lambda one: people[one.account])
        elif streams > people[account] + 1:
            victim = self._listeners[greedy][0]
        else:
            raise Refusal("unavailable", "Too many open streams just now; the list works.", retry_after=10)
        self._remove(victim)
        victim.close()

    def _remove(self, listener: Listener) -> None:
        mine = self._listeners.get(listener.account)
        if mine and listener in mine:
            mine.remove(listener)
        if not mine:
            self._listeners.pop(listener.account, None)

    def _watch(self) -> None:
        missed: list[str | None] = []
        while True:
            try:
                with self._database.watch(WATCHED, max_await_time_ms=1_000) as changes:
                    self._wake(None, *missed)  # notifications may have been missed before the watch began
                    missed = [None]
                    for change in changes:
                        self._pass_on(change)
            except InvalidOperation:  # the MongoDB client is closed: the process ends
                return
            except PyMongoError as error:
                telemetry.log.warning("watch_waits", error=telemetry.error_name(error))
            time.sleep(FAILED_WAIT_S)

    def _pass_on(self, change: Document) -> None:
        """Wakes whom a change concerns: see `WATCHED`."""
        row = change.get("fullDocument", {})
        match change["ns"]["coll"]:
            case "notifications":
                self._wake(row["account"])
            case "people":
                self._wake(change["documentKey"]["_id"], READ)
            case _:
                for account in row["told"]:
                    self._wake(account, change["documentKey"]["_id"])

    def _wake(self, account: str | None, *hints: str | None) -> None:
        with self._lock:
            every = self._listeners.values() if account is None else [self._listeners.get(account, ())]
            for listener in [listener for some in every for listener in some]:
                listener.hints.extend(hints)
                listener.wake.set()
