"""Whether the time of an answer tells "not yours" from "not there": a statistical test on a running system.

A caller who may not read a thing asks for it and for ids that lead nowhere, in random order. The measure is the
probability that a random "not yours" took longer than a random "not there" (the Mann-Whitney statistic): 0.5 tells
nothing. The interval is that of Hanley and McNeil (Radiology 143, 1982).
"""

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx
from scipy.stats import mannwhitneyu

from chassis.ids import new_id

TELLS = 0.1
"""How far from 0.5 the whole interval must lie for the time to count as a sign."""
Z = 1.96
WARM_UP = 50


@dataclass(frozen=True)
class Told:
    """How much the time tells on one route: the statistic with its 95 % interval, and both medians in milliseconds."""

    route: str
    statistic: float
    low: float
    high: float
    yours_ms: float
    there_ms: float
    calls: int

    @property
    def tells(self) -> bool:
        """Whether the two can be told apart by asking often."""
        return self.low > 0.5 + TELLS or self.high < 0.5 - TELLS


def compare(yours: Sequence[float], there: Sequence[float], route: str) -> Told:
    """Compares two samples of seconds."""
    statistic = float(mannwhitneyu(yours, there).statistic) / (len(yours) * len(there))
    q1, q2, square = statistic / (2 - statistic), 2 * statistic**2 / (1 + statistic), statistic**2
    spread = statistic - square + (len(yours) - 1) * (q1 - square) + (len(there) - 1) * (q2 - square)
    half = Z * math.sqrt(max(spread, 0) / (len(yours) * len(there)))
    low, high = statistic - half, statistic + half
    return Told(route, statistic, low, high, _median_ms(yours), _median_ms(there), len(yours) + len(there))


def measure(url: str, route: str, id: str, token: str, calls: int, seed: int = 1) -> Told:
    """Sends ``calls`` requests for ``route`` (with `{}` for the id), half for this id, half for unknown ones."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as http:
        return measure_calls(route, lambda mine: http.get(route.format(id if mine else new_id())), 404, calls, seed)


def measure_calls(route: str, send: Callable[[bool], httpx.Response], status: int, calls: int, seed: int = 1) -> Told:
    """Sends ``calls`` requests in random order, half with True, half with False; each must get this status."""
    draw = random.Random(seed)
    which = [number % 2 == 0 for number in range(calls)]
    draw.shuffle(which)
    taken: Mapping[bool, list[float]] = {True: [], False: []}
    for number, mine in enumerate([True, False] * (WARM_UP // 2) + which):
        began = time.perf_counter()
        answer = send(mine)
        took = time.perf_counter() - began
        if answer.status_code != status:
            raise AssertionError(f"{route}: {answer.status_code}")
        if number >= WARM_UP:
            taken[mine].append(took)
    return compare(taken[True], taken[False], route)


def _median_ms(seconds: Sequence[float]) -> float:
    return sorted(seconds)[len(seconds) // 2] * 1_000
