"""Runs races: concurrently, a hundred times, several in parallel, and so that either side may win."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeVar

from tests.kit.services import Running

T = TypeVar("T")
TIMES = 100
LANES = 4
STEP_S = 0.002
AHEAD = timedelta(milliseconds=30)


class Balance:
    """Gives the loser of the last race a head start, so that over a hundred close races both sides win."""

    def __init__(self, lead: float = 0.0) -> None:
        self.lead = lead
        self.tally: Counter[str] = Counter()
        self._last = ""
        self._step = STEP_S

    def won(self, side: str, *, first: bool) -> None:
        """Records the winner; ``first`` if it is the side that a positive lead delays."""
        self.tally[side] += 1
        self._step = self._step * 1.3 if side == self._last else STEP_S
        self._last = side
        self.lead += self._step if first else -self._step

    def assert_both_won(self) -> None:
        """Fails if one side has won every race: it was no race then."""
        print("tally:", dict(self.tally))
        assert len(self.tally) > 1, self.tally


def at_once(pool: ThreadPoolExecutor, *calls: Callable[[], T], lead: float = 0.0) -> list[T]:
    """Runs all calls from one barrier on; a positive ``lead`` delays the first, a negative one the second (s)."""
    start, never = threading.Barrier(len(calls)), threading.Event()

    def go(call: Callable[[], T], held_back: float) -> T:
        start.wait(30)
        if held_back > 0:
            never.wait(held_back)
        return call()

    running = [pool.submit(go, call, lead if place == 0 else -lead) for place, call in enumerate(calls)]
    return [future.result(60) for future in running]


def together(*calls: Callable[[], T]) -> list[T]:
    """`at_once` with its own threads."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return at_once(pool, *calls)


def side_by_side(
    count: int, one: Callable[[int, ThreadPoolExecutor], None], racers: int = 2, lanes: int = LANES
) -> None:
    """Runs ``count`` races, several in parallel; each gets a pool with room for its racers."""
    with ThreadPoolExecutor(lanes) as lane, ThreadPoolExecutor(lanes * racers) as pool:
        for race in [lane.submit(one, number, pool) for number in range(count)]:
            race.result()


def against_time(
    running: Running, ids: Sequence[str], put: Callable[[dict[str, datetime]], None], act: Callable[[str], bool]
) -> Balance:
    """Races a person who acts at a deadline against a worker that fires it at that moment, for each of the ids.

    ``put`` stores a deadline; ``act`` returns whether the person was in time. The head start is the person's. The
    service's timers run as well and fire the deadlines for which the worker came too early.
    """
    balance = Balance()

    def race(number: int, pool: ThreadPoolExecutor) -> None:
        one, lead, never = ids[number], balance.lead, threading.Event()
        end = running.now + AHEAD + timedelta(milliseconds=round(1000 * max(0.0, lead)))
        put({one: end})

        def at(moment: datetime) -> None:
            never.wait(max(0.0, (moment - running.now).total_seconds()))

        def person() -> bool:
            at(end - timedelta(seconds=lead))
            return act(one)

        def worker() -> bool:
            at(end)
            running.fire(one)
            return True

        in_time, _ = at_once(pool, person, worker)
        balance.won("person" if in_time else "time", first=not in_time)

    with running.timers():
        side_by_side(len(ids), race)
    return balance
