"""An open-loop load generator: the start time of each call is fixed in advance and does not depend on answers."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

SENDERS = 16
LATE_S = 0.010


@dataclass(frozen=True)
class Shot:
    """One call: when it was due, when it began and when it ended, in seconds of the machine's clock."""

    due: float
    began: float
    over: float
    result: str

    @property
    def late(self) -> bool:
        """Whether it began more than 10 ms late. Its durations are still measured from the time it was due."""
        return self.began - self.due > LATE_S


def fire(act: Callable[[int], str], rate: float, number: int) -> list[Shot]:
    """Calls ``act(0)`` … ``act(number - 1)``, one every 1/rate s, from a pool of `SENDERS` threads.

    The return value of ``act`` becomes the shot's result. Its first exception is raised to the caller.
    """
    shots: list[Shot] = []
    failures: list[BaseException] = []
    turn, start = count(), time.time() + 0.2

    def send() -> None:
        try:
            while not failures and (index := next(turn)) < number:
                due = start + index / rate
                time.sleep(max(0.0, due - time.time()))
                began = time.time()
                result = act(index)
                shots.append(Shot(due, began, time.time(), result))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=send, name=f"sender-{n}") for n in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sorted(shots, key=lambda shot: shot.due)
