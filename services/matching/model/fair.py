"""The order of a list: among nearly equal fits, whoever was invited least for how often they were eligible. Pure.

The score alone would invite the same mentors again and again, by differences that mean little. A mentor therefore gives
up a part of the score, by the share of the rounds they were eligible for to which they were invited: nothing if none,
half of `GIVEN` at the average of the list, and all of it far above. Compared with the average, it is the same for short
lists and long ones. A fit that is better by more than `GIVEN` is never passed by. Inputs are counts of invitations
(`exposure`), and nothing about a person.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from services.matching.model.considered import INVITED, Considered
from services.matching.model.exposure import Counts, earlier, month_of

GIVEN: Final = 0.5
"""The most of a score that is given up; chosen by measurement (docs/measurements/fairness.md)."""
MONTHS_COUNTED: Final = 3
"""The present month and those before it whose counts matter."""
WORTH: Final = 4
"""Rounds that the average is worth in a mentor's own share, so that one round weighs little."""


def fair(
    considered: Sequence[Considered],
    exposure: Mapping[str, Mapping[str, Counts]],
    wanted: int,
    now: datetime,
    given: float = GIVEN,
) -> list[Considered]:
    """The list, with its first ``wanted`` places in fair order; the others follow as they were.

    ``considered`` are ordered by score, ``exposure`` are the counts by account and month. Whoever excludes anybody is
    never counted below the average: an invitation that is more certain tells more where it fails to come (decision 72).
    """
    counted = {one.account: _counted(exposure.get(one.account, {}), now) for one in considered}
    eligible, invited = (sum(counts[place] for counts in counted.values()) for place in (0, 1))
    average = (invited + 1) / (eligible + 2)

    def left(place: int) -> float:
        one = considered[place]
        own = counted[one.account]
        share = (own[1] + WORTH * average) / (own[0] + WORTH)
        counts = max(share, average) if one.excluded else share
        return one.score * (1 - given * counts / (counts + average))

    places = range(len(considered))
    first = sorted(places, key=left, reverse=True)[:wanted]  # stable: equals keep their order
    chosen = set(first)
    return [considered[place] for place in (*first, *(place for place in places if place not in chosen))]


def _counted(months: Mapping[str, Counts], now: datetime) -> tuple[int, int]:
    """How often eligible and invited in the months that matter."""
    since = earlier(month_of(now), MONTHS_COUNTED - 1)
    recent = [counts for month, counts in months.items() if month >= since]
    return sum(sum(counts.values()) for counts in recent), sum(counts.get(INVITED, 0) for counts in recent)
