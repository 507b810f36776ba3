"""Server-Sent Events: a person's notifications as they are made, without a gap after a broken connection.

Source: HTML Living Standard, section 9.2. Each open stream holds one of the server's blocking threads, so there
is a bound for a person and one for the process. One change stream a process wakes all that wait; a look every
few seconds is the net under it.

A stream begins with an id, so that a reader that is cut off before its first notification resumes from there. A stream
that gave its place to a newer one ends with an id that says so. A browser sends that id when it reconnects, and gets
204 while the places are taken: it stays away, and does not close another stream in its turn.
"""

import json
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pymongo.errors import InvalidOperation, PyMongoError

from chassis import telemetry
from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from services.notify import store

STREAMS_A_PERSON = 3
BEAT_S = 15.0
LOOK_S = 5.0
RECONNECT_MS = 2_000
FAILED_WAIT_S = 1.0
AT, REPLACED_AT = "at-", "replaced-at-"
"""How the ids of a stream's beginning and of a replaced stream's end start; the position follows."""
_PLACE = re.compile(rf"({AT}|{REPLACED_AT})([0-9]{{1,15}})")


@dataclass(frozen=True)
class Start:
    """Where a reader goes on, and whether its last stream was closed in favour of a newer one."""

    position: int
    replaced: bool = False


def start(database: Documents, actor: Actor, last_event_id: str | None) -> Start:
    """Reads ``Last-Event-ID``: a notification's id or one of ours. An unknown one starts before all that is kept."""
    if found := _PLACE.fullmatch(last_event_id or ""):
        return Start(int(found[2]), found[1] == REPLACED_AT)
    return Start(store.position(database, actor, last_event_id))


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


def follow(
    hub: Hub,
    listener: Listener,
    database: Documents,
    actor: Actor,
    position: int,
    expires_at: float,
    view: Callable[[Document], dict[str, Any]],
) -> Iterator[bytes]:
    """The stream from ``position`` on until the token expires (a Unix time) or a newer stream takes its place."""
    try:
        yield f"retry: {RECONNECT_MS}\nid: {AT}{position}\n\n".encode()
        beat = time.monotonic() + BEAT_S
        while time.time() < expires_at:
            listener.news.clear()
            if listener.closed:  # looked at after the clearing, which may just have taken the news of it
                if listener.replaced:
                    yield f"id: {REPLACED_AT}{position}\n\n".encode()
                break
            rows = store.read_after(database, actor, position)
            for row in rows:
                position = row["counter"]
                if row["in_app"]:
                    yield _event(row["_id"], view(row))
            if rows:
                beat = time.monotonic() + BEAT_S
                continue
            if time.monotonic() >= beat:
                yield b": still here\n\n"
                beat = time.monotonic() + BEAT_S
            listener.news.wait(max(0.0, min(LOOK_S, beat - time.monotonic(), expires_at - time.time())))
    except PyMongoError as error:  # the client comes back with its Last-Event-ID
        telemetry.log.warning("stream_ends", error=telemetry.error_name(error))
    finally:
        hub.leave(listener)


def _event(notification_id: str, item: dict[str, Any]) -> bytes:
    data = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    return f"id: {notification_id}\nevent: notification\ndata: {data}\n\n".encode()
