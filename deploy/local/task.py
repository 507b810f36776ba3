"""A background task in a daemon thread, which does not keep the program from exiting."""

import threading
from collections.abc import Callable


class Task:
    """Starts `work` immediately."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.name, self._work = name, work
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def done(self) -> bool:
        """Whether the work is finished; raises the work's exception."""
        if self._thread.is_alive():
            return False
        if self._error is not None:
            raise self._error
        return True

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # raised again by `done`
            self._error = error
