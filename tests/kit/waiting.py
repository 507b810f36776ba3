"""The one polling loop of the tests."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
MOST_S = 0.25
"""The longest pause between two questions, unless a longer one is asked for."""


class NotInTime(AssertionError, TimeoutError):
    """The deadline passed; the message holds the last answer."""


def until(
    ask: Callable[[], T], seconds: float = 60, good: Callable[[T], object] = bool, what: str = "", every_s: float = 0.02
) -> T:
    """Asks until the answer is good (by default: true) and returns it.

    It asks every ``every_s`` seconds, and less often the longer it has waited: the processor is needed by what it waits
    for. Raises `NotInTime` with the last answer after ``seconds``; ``what`` names what was waited for.
    """
    began = time.monotonic()
    deadline = began + seconds
    while not good(answer := ask()):
        if time.monotonic() >= deadline:
            raise NotInTime(f"not so after {seconds:g} s{what and f': {what}'}; the last answer was {answer!r}")
        time.sleep(max(every_s, min(MOST_S, (time.monotonic() - began) / 20)))
    return answer
