"""Changes between two self-assessments, as guarded sums over batches of people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.programmes.model.progress.groups import (
    CHALLENGE,
    FEWEST,
    ORGANISATION,
    SIDE,
    Person,
    by_category,
    common_traits,
    divide,
)

KNOWN = 1
"""Number of people in a batch whose answers a reader may know, their own or a colleague's."""
FEWEST_ANSWERS = FEWEST + KNOWN


@dataclass(frozen=True)
class Batch:
    """The changes of at least `FEWEST_ANSWERS` people who are in no other batch: guarded sums by statement."""

    traits: dict[str, str]
    people: int
    sums: dict[str, int]
    made_at: datetime


def guarded(total: int, people: int, widest: int) -> int:
    """The sum of changes, each from ``-widest`` to ``widest``, moved to where every change remains possible for each.

    With n people of whom k are known, the others' sum is any of ``total - k * widest`` to ``total + k * widest``. A
    person's change can be anything if the rest can always make up for it: if that sum is at least a whole range, two
    times ``widest``, from both of its extremes. So the total stays ``(k + 1) * 2 * widest`` from its own extremes.
    """
    limit = people * widest - (KNOWN + 1) * 2 * widest
    return max(-limit, min(limit, total))


def release(waiting: Sequence[Person], widest: int, now: datetime, *, last: bool) -> list[tuple[Batch, list[str]]]:
    """The batches that can be made of people who are in none, each with its people's ids.

    A batch has people of one side, because each side answers statements of its own. Until ``last``, it has people of
    one challenge too, so that it counts in that row, and the others wait. Whom it takes depends on no answer.
    """
    complete = [one for one in waiting if one.changes is not None]
    challenges = any(one.traits.get(CHALLENGE) for one in complete)
    groups: list[list[Person]] = []
    for side in by_category(complete, SIDE).values():
        if last or not challenges:
            groups += divide(side, (CHALLENGE, ORGANISATION), FEWEST_ANSWERS)
        else:
            for members in by_category(side, CHALLENGE).values():
                groups += divide(members, (ORGANISATION,), FEWEST_ANSWERS)
    return [(_batch(group, widest, now), [one.id for one in group]) for group in groups]


def _batch(group: Sequence[Person], widest: int, now: datetime) -> Batch:
    changes = [one.changes for one in group if one.changes is not None]
    totals = {name: sum(change[name] for change in changes) for name in sorted(changes[0])}
    sums = {name: guarded(total, len(group), widest) for name, total in totals.items()}
    return Batch(common_traits(group), len(group), sums, now)
