"""An open loop: what is to be done at which moment is fixed in advance, whatever the answers take."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

SENDERS = 16
LATE_S = 0.010


@dataclass(frozen=True)
class Shot:
    """One thing done: when it was to begin, when it began and when it was over (seconds of the machine's clock)."""

    due: float
    began: float
    over: float
    result: str

    @property
    def late(self) -> bool:
        """Whether it began more than 10 ms after its moment; its times count from that moment all the same."""
        return self.began - self.due > LATE_S


def fire(act: Callable[[int], str], rate: float, number: int) -> list[Shot]:
    """Calls ``act(0)`` … ``act(number - 1)``, one every 1/rate s, from threads enough that none waits for another.

    What ``act`` gives becomes the shot's result; what it raises comes through.
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
