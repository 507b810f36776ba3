"""Log lines, written by one thread in batches, so that no request waits for the file or for other requests' lines."""

import os
import threading
import time
from collections import deque
from multiprocessing.util import Finalize
from typing import TextIO

EVERY_S = 0.02
"""Longest time in seconds that a line waits. A process that is killed loses the lines of that time."""
MOST = 10_000
"""Lines that wait at most. Beyond it the caller writes them, and so waits for a file that accepts nothing."""


class Lines:
    """Writes lines to ``file``: in batches, or at once for a failure. Any thread may call it.

    The process's end writes the rest (`flush`); code that ends it by `os._exit` calls that first.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._begin()
        Finalize(self, self.flush, exitpriority=0)
        os.register_at_fork(after_in_child=self._begin)  # its lines are the parent's, and its threads are gone

    def _begin(self) -> None:
        self._waiting: deque[str] = deque()
        self._some = threading.Event()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None

    def msg(self, line: str) -> None:
        """Leaves a line to the thread."""
        self._waiting.append(line)
        if self._thread is None:
            self._start()
        if len(self._waiting) >= MOST:
            self.flush()
        elif not self._some.is_set():
            self._some.set()

    def _start(self) -> None:
        """Starts the thread, at the first line: a process that still forks, or blocks its signals, has none."""
        with self._writing:
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_on, name="log-lines", daemon=True)
                self._thread.start()

    def at_once(self, line: str) -> None:
        """Writes a line, and those before it, now: what follows a failure may be the end."""
        self._waiting.append(line)
        self.flush()

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = at_once

    def write(self, text: str) -> None:
        """As a stream, for handlers of `logging`, which write whole lines."""
        self._waiting.append(text.removesuffix("\n"))

    def flush(self) -> None:
        """Writes all lines that wait."""
        with self._writing:
            batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if batch:
                self._file.write("\n".join(batch) + "\n")
                self._file.flush()

    def _write_on(self) -> None:
        while True:
            self._some.wait()
            time.sleep(EVERY_S)
            self._some.clear()  # before writing: a line that comes meanwhile sets it again
            self.flush()
