"""Waiting for what comes by itself."""

import time
from collections.abc import Callable


def until(true: Callable[[], object], seconds: float = 60) -> object:
    """Polls until something is true, with a deadline; gives it back."""
    deadline = time.monotonic() + seconds
    while not (result := true()):
        assert time.monotonic() < deadline, f"not so after {seconds} s"
        time.sleep(0.02)
    return result
