"""Figures of a programme: what its lists say by name, as sums over blocks of people."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.programmes.model.progress.groups import FEWEST, Person, common_traits, divide, order_of

FACTS = ("people", "agreed", "paired", "parted", "pairs", "ended", "sessions")
"""Counts for one person: takes part, has agreed, is in a pair, was in a pair that ended early (0 or 1 each); pairs,
pairs that ended early, and sessions held, of which each has two people."""

Counts = dict[str, int]


@dataclass
class Block:
    """A group of at least `FEWEST` people, made once. ``figures`` are the published sums.

    ``counted`` holds, for each of its people, the facts that are in the sums. ``traits`` are the rows it counts in.
    """

    traits: dict[str, str]
    counted: dict[str, Counts]
    figures: Counts = field(default_factory=lambda: dict.fromkeys(FACTS, 0))
    updated_at: datetime | None = None

    def update(self, people: Sequence[Person], now: datetime) -> bool:
        """Adds what changed since the last update if at least `FEWEST` people changed; returns whether it did.

        A person whose data were deleted stays in the sums.
        """
        changed = [one for one in people if one.id in self.counted and _facts(one) != self.counted[one.id]]
        if len(changed) < FEWEST:
            return False
        for one in changed:
            facts, before = _facts(one), self.counted[one.id]
            self.figures = {name: self.figures[name] + facts[name] - before[name] for name in FACTS}
            self.counted[one.id] = facts
        self.updated_at = now
        return True


def blocks_of(people: Sequence[Person]) -> list[Block]:
    """Divides these people into blocks; none if there are fewer than `FEWEST`."""
    groups = divide(people, order_of(people), FEWEST)
    return [Block(common_traits(group), {one.id: _nothing() for one in group}) for group in groups]


def admit(blocks: Sequence[Block], people: Sequence[Person]) -> None:
    """Adds people who are in no block yet to the most specific block whose traits are all theirs, if there is one."""
    known = {id for block in blocks for id in block.counted}
    specific = sorted(blocks, key=lambda block: (-len(block.traits), sorted(block.traits.items())))
    for one in people:
        if one.id not in known:
            fitting = (block for block in specific if block.traits.items() <= one.traits.items())
            if block := next(fitting, None):
                block.counted[one.id] = _nothing()


def _facts(person: Person) -> Counts:
    return {name: person.facts.get(name, 0) for name in FACTS}


def _nothing() -> Counts:
    return dict.fromkeys(FACTS, 0)
