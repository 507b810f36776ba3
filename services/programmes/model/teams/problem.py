"""Sharing out people over bins of fixed sizes, and the value of a solution: integers, the most important first.

Bins are challenges first, then the teams of one challenge. Each aim is a sum of convex costs of counts: how many people
with a trait (of a company, on a side, with a skill) are in a bin. Aims are compared in their order, as a tuple.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = NDArray[Any]
Places = Sequence[int] | Table
EVEN, COVERED = "even", "covered"


@dataclass(frozen=True)
class Target:
    """One aim. ``even`` costs the square of each count, ``covered`` the square of what a count lacks of ``need``.

    The squares' sum and the sum of squared deviations from the even share differ by a constant. ``traits`` are columns
    of `Sharing.has`; ``need`` has a row for each bin and a column for each of them.
    """

    name: str
    kind: str
    traits: tuple[int, ...]
    need: tuple[tuple[int, ...], ...] = ()

    def cost(self, place: int, column: int, count: int) -> int:
        """The cost of ``count`` people with the trait at ``column`` in this bin; convex in ``count``."""
        return count**2 if self.kind == EVEN else max(0, self.need[place][column] - count) ** 2

    @property
    def step(self) -> int:
        """The smallest difference of two values: the parity of a sum of squares is that of the sum of its counts."""
        return 2 if self.kind == EVEN else 1


@dataclass(frozen=True)
class Sharing:
    """``has[p, f]`` is 1 if a person has a trait; ``speaks`` the same for languages, without columns if all share one.

    ``apart[p, q]`` is 1 if two people must not be together; ``held[p]`` is the bin of somebody who chose, or -1.
    """

    sizes: tuple[int, ...]
    has: Table
    targets: tuple[Target, ...]
    speaks: Table
    apart: Table
    held: tuple[int, ...]
    alike: tuple[int, ...] = ()
    """If given, only people with the same number here may change places."""

    @property
    def people(self) -> int:
        return int(self.has.shape[0])

    @property
    def bins(self) -> int:
        return len(self.sizes)

    @cached_property
    def bounds(self) -> tuple[int, ...]:
        """A lower bound of each aim: every trait shared out at its best, as if there were no other."""
        return tuple(sum(self._least(t, column) for column in range(len(t.traits))) for t in self.targets)

    def _least(self, target: Target, column: int) -> int:
        """The least cost of one trait, exactly: to give the next person where it costs least is optimal, as costs are
        convex."""
        having = self.has[:, target.traits[column]]
        counts = [int(sum(having[p] for p in range(self.people) if self.held[p] == b)) for b in range(self.bins)]

        def price(place: int) -> int:
            return target.cost(place, column, counts[place] + 1) - target.cost(place, column, counts[place])

        for _ in range(int(having.sum()) - sum(counts)):
            counts[min((b for b in range(self.bins) if counts[b] < self.sizes[b]), key=lambda b: (price(b), b))] += 1
        return sum(target.cost(b, column, counts[b]) for b in range(self.bins))

    def counts(self, places: Places) -> Table:
        """How many people with each trait are in each bin."""
        return self.membership(places).T @ self.has

    def membership(self, places: Places) -> Table:
        """A row for each person, with 1 in the column of their bin."""
        return np.eye(self.bins, dtype=np.int64)[np.asarray(places, dtype=np.int64)]

    def values(self, places: Places) -> tuple[int, ...]:
        """The value of each aim."""
        counts = self.counts(places)
        return tuple(
            sum(t.cost(b, c, int(counts[b, f])) for b in range(self.bins) for c, f in enumerate(t.traits))
            for t in self.targets
        )

    def breaches(self, places: Places) -> int:
        """Pairs that must not be together but are, and people without a language that is common to their bin."""
        member = self.membership(places)
        together = int((self.apart * (member @ member.T)).sum()) // 2
        return together + (int((member.sum(0) - (member.T @ self.speaks).max(1)).sum()) if self.speaks.size else 0)
