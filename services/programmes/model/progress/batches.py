"""Changes between two self-assessments, as guarded sums over batches of people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.programmes.model.progress.groups import FEWEST, Person, by_category, common_traits, divide, order_of

KNOWN = 1
"""Number of people in a batch whose answers a reader may know, their own or a colleague's."""
FEWEST_ANSWERS = FEWEST + KNOWN


@dataclass(frozen=True)
class Batch:
    """The changes of at least `FEWEST_ANSWERS` people who are in no other batch: guarded sums by question."""

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

    Until ``last``, people wait until a batch has only people of their challenge, or side where there are no challenges,
    so that it counts in that row; then mixed batches are made too. Whom a batch takes does not depend on any answer.
    """
    complete = [one for one in waiting if one.changes is not None]
    order = order_of(waiting)
    groups = divide(complete, order, FEWEST_ANSWERS) if last else _uniform(complete, order)
    return [(_batch(group, widest, now), [one.id for one in group]) for group in groups]


def _uniform(people: Sequence[Person], order: Sequence[str]) -> list[list[Person]]:
    """Groups of people who all have the same value of the first dimension."""
    categories = by_category(people, order[0])
    return [
        group
        for value, members in categories.items()
        if value
        for group in divide(members, order[1:], FEWEST_ANSWERS)
    ]


def _batch(group: Sequence[Person], widest: int, now: datetime) -> Batch:
    questions = sorted({name for one in group for name in one.changes or {}})
    totals = {name: sum((one.changes or {}).get(name, 0) for one in group) for name in questions}
    sums = {name: guarded(total, len(group), widest) for name, total in totals.items()}
    return Batch(common_traits(group), len(group), sums, now)
