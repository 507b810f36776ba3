"""The open event streams of this process, and the one thread that wakes them.

Each stream blocks one of the server's threads, so their number is limited per person and per process.
"""

import threading
import time
from collections import defaultdict, deque

from pymongo.errors import InvalidOperation, PyMongoError

from chassis import telemetry
from chassis.facts import Refusal
from chassis.mongo import Document, Documents

STREAMS_A_PERSON = 3
FAILED_WAIT_S = 1.0


class Listener:
    """One open stream: woken for new notifications, closed when a newer stream replaces it or the process ends."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.closed = self.replaced = False
        self.wake = threading.Event()

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
        self._listeners: dict[str, deque[Listener]] = defaultdict(deque)
        self._watcher: threading.Thread | None = None
        self._closed = False

    def join(self, account: str, *, replaced: bool = False) -> Listener | None:
        """Opens a stream; a person's fourth closes their oldest. ``unavailable`` at the process's limit.

        Returns None if the stream was ``replaced`` before and the person has as many open as allowed.
        """
        with self._lock:
            mine = self._listeners.get(account)
            if mine and len(mine) >= STREAMS_A_PERSON:
                if replaced:
                    return None
                mine.popleft().close(replaced=True)
            elif sum(map(len, self._listeners.values())) >= self._most:
                raise Refusal("unavailable", "Too many open streams just now; the list works.", retry_after=10)
            listener = Listener(account)
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
            mine = self._listeners.get(listener.account)
            if mine and listener in mine:
                mine.remove(listener)
            if not mine:
                self._listeners.pop(listener.account, None)

    def close(self) -> None:
        """Ends every stream, also later ones: the process ends, and clients reconnect to another one."""
        with self._lock:
            self._closed = True
            for listener in [listener for mine in self._listeners.values() for listener in mine]:
                listener.close()

    def _watch(self) -> None:
        inserts: list[Document] = [
            {"$match": {"operationType": "insert"}},
            {"$project": {"fullDocument.account": 1}},
        ]
        while True:
            try:
                with self._database["notifications"].watch(inserts, max_await_time_ms=1_000) as changes:
                    self._wake(None)  # notifications may have been missed before the watch began
                    for change in changes:
                        self._wake(change["fullDocument"]["account"])
            except InvalidOperation:  # the MongoDB client is closed: the process ends
                return
            except PyMongoError as error:
                telemetry.log.warning("watch_waits", error=telemetry.error_name(error))
            time.sleep(FAILED_WAIT_S)

    def _wake(self, account: str | None) -> None:
        with self._lock:
            every = self._listeners.values() if account is None else [self._listeners.get(account, ())]
            for listener in [listener for some in every for listener in some]:
                listener.wake.set()
