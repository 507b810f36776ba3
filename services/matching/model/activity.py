"""When mentors answer: the hours of their week, counted by how active they are. Pure.

An *active hour* is an hour of average activity. A working morning has more of them than a night, so that an invitation
on a Friday evening has aged little by Monday.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

HOURS_A_WEEK = 168
PARTS = 4
"""Parts of a day: night, morning, afternoon, evening."""
BINS = 2 * PARTS
"""The parts of a working day, then those of a Saturday or Sunday."""
PRIOR = (0.15, 1.7, 1.7, 1.0, 0.15, 0.8, 0.9, 0.8)
"""The relative activity of the bins before anything is known."""
FIRST_HOURS = (0, 8, 12, 18)
"""The hour at which each part of a day begins."""


def _bins() -> NDArray[np.int64]:
    hours = np.arange(HOURS_A_WEEK)
    part = np.searchsorted(FIRST_HOURS, hours % 24, side="right") - 1
    return part + np.where(hours >= 5 * 24, PARTS, 0)


BIN_OF_HOUR = _bins()
"""The bin of each hour of a week that begins on Monday at midnight."""


def normalised(weights: Sequence[float]) -> tuple[float, ...]:
    """The weights of the bins, scaled so that an hour of a week has 1 on average."""
    mean = float(np.asarray(weights)[BIN_OF_HOUR].mean())
    return tuple(weight / mean for weight in weights)


@lru_cache(maxsize=10_000)
def hour_of_week(at: datetime, zone: str) -> float:
    """The local hours since Monday at midnight."""
    local = at.astimezone(_zone(zone))
    return local.weekday() * 24 + local.hour + local.minute / 60 + local.second / 3600


def active_hours(weights: Sequence[float], start: Numbers, hours: Numbers) -> Numbers:
    """The active hours within so many ``hours`` from each ``start``, an hour of the week."""
    return _until(weights, start + hours) - _until(weights, start)


def _until(weights: Sequence[float], hour: Numbers) -> Numbers:
    """The active hours from a Monday at midnight until this hour, which may lie weeks later."""
    weeks, rest = np.divmod(hour, HOURS_A_WEEK)
    found: Numbers = weeks * HOURS_A_WEEK + np.interp(rest, np.arange(HOURS_A_WEEK + 1), _running(tuple(weights)))
    return found


@lru_cache(maxsize=64)
def _running(weights: tuple[float, ...]) -> Numbers:
    return np.concatenate(([0.0], np.cumsum(np.asarray(weights)[BIN_OF_HOUR])))


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
