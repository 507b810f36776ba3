"""The one polling loop of the tests."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class NotInTime(AssertionError, TimeoutError):
    """The deadline passed; the message holds the last answer."""


def until(
    ask: Callable[[], T], seconds: float = 60, good: Callable[[T], object] = bool, what: str = "", every_s: float = 0.02
) -> T:
    """Asks every ``every_s`` seconds until the answer is good (by default: true) and returns it.

    Raises `NotInTime` with the last answer after ``seconds``; ``what`` names what was waited for.
    """
    deadline = time.monotonic() + seconds
    while not good(answer := ask()):
        if time.monotonic() >= deadline:
            raise NotInTime(f"not so after {seconds:g} s{what and f': {what}'}; the last answer was {answer!r}")
        time.sleep(every_s)
    return answer
