"""Jobs of a worker, run in threads of the test."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def running(*jobs: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    """Runs the jobs until the body ends, then sets ``stop``; fails unless each ends within 20 s."""
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()
