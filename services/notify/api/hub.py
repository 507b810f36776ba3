"""The open event streams of this process, and the one thread that wakes them.

Each stream holds one of the server's blocking threads, so there is a bound for a person and one for the process.
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
    """One open stream: woken for news, closed when a newer one takes its place or the process ends."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.closed = self.replaced = False
        self.news = threading.Event()

    def close(self, *, replaced: bool = False) -> None:
        """Ends the stream at once; ``replaced`` when a newer one took its place."""
        self.replaced = replaced
        self.closed = True
        self.news.set()


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
        """A new stream; a person's fourth closes the oldest. ``unavailable`` when the process carries no more.

        None for one that was ``replaced`` before, while the person's places are taken.
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
        """The stream is over."""
        with self._lock:
            mine = self._listeners.get(listener.account)
            if mine and listener in mine:
                mine.remove(listener)
            if not mine:
                self._listeners.pop(listener.account, None)

    def close(self) -> None:
        """Ends every stream, also one that begins later: the process ends, and people come back to another one."""
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
                    self._wake(None)  # something may have come while nobody watched
                    for change in changes:
                        self._wake(change["fullDocument"]["account"])
            except InvalidOperation:  # the client is closed: the process ends
                return
            except PyMongoError as error:
                telemetry.log.warning("watch_waits", error=telemetry.error_name(error))
            time.sleep(FAILED_WAIT_S)

    def _wake(self, account: str | None) -> None:
        with self._lock:
            every = self._listeners.values() if account is None else [self._listeners.get(account, ())]
            for listener in [listener for some in every for listener in some]:
                listener.news.set()
