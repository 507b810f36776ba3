"""Supervises processes: restarts a service that ends, and reports an engine that ends."""

import threading
import time
from collections import deque
from collections.abc import Callable

from deploy.local.process import Process, StartError

DEATHS = 6
WITHIN = 60.0
"""A service that ended DEATHS times within this many seconds is not restarted."""


class Supervisor:
    """Runs as a thread between `start` and `stop`; `say` gets one line per incident."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._services: dict[str, Process] = {}
        self._engines: dict[str, Process] = {}
        self._deaths: dict[str, deque[float]] = {}
        self._again: dict[str, float] = {}
        self.failed = threading.Event()
        """Set once an engine has ended by itself, since the system cannot work without it."""

    def watch_service(self, process: Process) -> None:
        """Restarts the process from now on whenever it ends."""
        with self._lock:
            self._services[process.name] = process
            self._deaths[process.name] = deque(maxlen=DEATHS)

    def watch_engine(self, process: Process) -> None:
        """Sets `failed` if the process ends."""
        with self._lock:
            self._engines[process.name] = process

    def forget(self, name: str) -> None:
        """Ignores the end of the process from now on."""
        with self._lock:
            self._services.pop(name, None)
            self._engines.pop(name, None)
            self._again.pop(name, None)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stops the thread; when this returns, no process will be started any more."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.2):
            with self._lock:  # held during a restart, so that after `forget` none can follow
                for process in list(self._engines.values()):
                    if process.pid is None:
                        del self._engines[process.name]
                        self._say(f"{process.name} ended by itself with status {process.status}: {process.tail()}")
                        self.failed.set()
                for process in list(self._services.values()):
                    if process.pid is None:
                        self._revive(process, self._clock())

    def _revive(self, process: Process, now: float) -> None:
        name = process.name
        if name not in self._again:
            deaths = self._deaths[name]
            deaths.append(now)
            status, tail = process.status, process.tail()
            if len(deaths) == DEATHS and now - deaths[0] < WITHIN:
                self._say(f"{name} ended {DEATHS} times within {WITHIN:.0f} s and is left: {tail}")
                del self._services[name]
                return
            recent = sum(now - death < WITHIN for death in deaths)
            wait = 0.25 * 2 ** (recent - 1)
            self._say(f"{name} ended with status {status}, starts again in {wait:.2g} s: {tail}")
            self._again[name] = now + wait
        elif now >= self._again[name]:
            del self._again[name]
            process.kill()  # children left by the ended process still hold the port
            try:
                process.start()
            except StartError as error:
                self._say(str(error))
