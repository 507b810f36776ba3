"""The part of a score that places make: the same place, or time zones that lie near each other. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from contracts.fit import NEUTRAL
from contracts.vocabulary import fold

APART_HOURS = 8.0
"""Time zones that are this many hours apart score 0: their working days do not overlap."""
SAME_ZONE = 0.8
"""The value for two places in one time zone."""
_WINTER, _SUMMER = datetime(2024, 1, 15, 12), datetime(2024, 7, 15, 12)


def nearness_matrix(rows: Sequence[tuple[str, str]], columns: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
    """For each pair of (place, time zone): 1 for the same place, less for zones further apart, neutral if unknown."""
    apart = hours_apart(rows, columns)
    part = (SAME_ZONE * np.clip(1 - apart / APART_HOURS, 0, 1)).astype(np.float32)
    part[np.isnan(part)] = NEUTRAL
    ours, theirs = ([fold(" ".join(place.split())) for place, _ in side] for side in (rows, columns))
    numbers = {place: number for number, place in enumerate(dict.fromkeys((*ours, *theirs)))}
    same = np.equal.outer([numbers[place] for place in ours], [numbers[place] for place in theirs])
    part[same & np.array([bool(place) for place in ours], bool)[:, None]] = 1
    return part


def hours_apart(rows: Sequence[tuple[str, str]], columns: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """Hours between the standard times of each two time zones; NaN where one is unknown."""
    ours, theirs = (np.array([_standard(zone) for _, zone in side], float) for side in (rows, columns))
    apart = np.abs(np.subtract.outer(ours, theirs))
    return np.minimum(apart, 24 - apart)


@lru_cache(maxsize=1024)
def _standard(zone: str) -> float:
    """Hours of the zone's standard time from UTC, so that daylight saving changes no score; NaN if unknown."""
    try:
        known = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return float("nan")
    offsets = [moment.replace(tzinfo=known).utcoffset() or timedelta(0) for moment in (_WINTER, _SUMMER)]
    return min(offsets) / timedelta(hours=1)
