"""The proof: whether a sharing can be better, as an integer programme that HiGHS solves (Huangfu and Hall 2018)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from services.programmes.model.teams.integers import INFEASIBLE, OPTIMAL, IntegerProgramme
from services.programmes.model.teams.problem import Sharing, Target

NODES = 400
"""Maximum number of nodes of one search tree; a count and not a time, so that the result is the same anywhere."""
ROUNDING = 1e-6


@dataclass(frozen=True)
class Verdict:
    """``places`` is a better sharing, or None if none was found; ``bound`` is what no sharing can go below."""

    places: list[int] | None
    bound: int


def better(sharing: Sharing, values: Sequence[int], aim: int, nodes: int = NODES) -> Verdict:
    """Looks for a sharing that is better in this aim and no worse in the aims before it."""
    programme, target = IntegerProgramme(), sharing.targets[aim]
    x = _assignment(programme, sharing)
    for number, earlier in enumerate(sharing.targets[:aim]):
        programme.constrain(_costed(programme, sharing, x, earlier), 0, values[number])
    terms = _costed(programme, sharing, x, target)
    programme.constrain(terms, sharing.bounds[aim], values[aim] - target.step)
    for variable, cost in terms.items():
        programme.costs[variable] = cost
    status, solution, bound = programme.solve(nodes)
    if solution is not None:
        places = [max(range(sharing.bins), key=lambda b: solution[x[p][b]]) for p in range(sharing.people)]
        reached = sharing.values(places)[aim]
        return Verdict(places, reached if status == OPTIMAL else _rounded(sharing, aim, bound, reached))
    if status == INFEASIBLE:
        return Verdict(None, values[aim])
    return Verdict(None, _rounded(sharing, aim, bound, values[aim]))


def _rounded(sharing: Sharing, aim: int, bound: float | None, value: int) -> int:
    """The bound raised to the next value that the aim can take, which is ``value`` less a number of steps."""
    step = sharing.targets[aim].step
    if bound is None or not np.isfinite(bound):
        return sharing.bounds[aim]
    steps = (value - ceil(bound - ROUNDING)) // step
    return max(sharing.bounds[aim], value - max(0, steps) * step)


def _assignment(programme: IntegerProgramme, sharing: Sharing) -> list[list[int]]:
    """Everybody in one bin, bins full, and the hard rules; alike bins are put in the order of their first member."""
    people, bins = range(sharing.people), range(sharing.bins)
    x = [[programme.variable() for _ in bins] for _ in people]
    for person in people:
        programme.constrain({x[person][b]: 1 for b in bins}, 1, 1)
        if sharing.held[person] >= 0:
            programme.constrain({x[person][sharing.held[person]]: 1}, 1, 1)
    for b in bins:
        programme.constrain({x[person][b]: 1 for person in people}, sharing.sizes[b], sharing.sizes[b])
    _keep_apart(programme, sharing, x)
    _share_language(programme, sharing, x)
    if all(place < 0 for place in sharing.held) and not any(t.need for t in sharing.targets if not _same(t)):
        _order(programme, sharing, x)
    return x


def _same(target: Target) -> bool:
    return len(set(target.need)) < 2


def _keep_apart(programme: IntegerProgramme, sharing: Sharing, x: list[list[int]]) -> None:
    for one, other in zip(*np.nonzero(np.triu(sharing.apart)), strict=True):
        for b in range(sharing.bins):
            programme.constrain({x[one][b]: 1, x[other][b]: 1}, 0, 1)


def _share_language(programme: IntegerProgramme, sharing: Sharing, x: list[list[int]]) -> None:
    spoken = range(sharing.speaks.shape[1])
    if not spoken:
        return
    for b in range(sharing.bins):
        y = [programme.variable() for _ in spoken]
        programme.constrain(dict.fromkeys(y, 1), 1, 1)
        for person in range(sharing.people):
            terms = {y[language]: -1.0 for language in spoken if sharing.speaks[person, language]}
            programme.constrain({x[person][b]: 1, **terms}, -1, 0)


def _order(programme: IntegerProgramme, sharing: Sharing, x: list[list[int]]) -> None:
    """Of two bins of a size, the earlier one holds the earlier of their first members: breaks the symmetry."""
    for b in range(1, sharing.bins):
        if sharing.sizes[b] == sharing.sizes[b - 1]:
            for person in range(sharing.people):
                earlier = {x[other][b - 1]: -1.0 for other in range(person)}
                programme.constrain({x[person][b]: 1, **earlier}, -sharing.people, 0)


def _costed(programme: IntegerProgramme, sharing: Sharing, x: list[list[int]], target: Target) -> dict[int, float]:
    """The aim as a linear sum: each count in steps of one, whose costs rise because the aim is convex."""
    terms: dict[int, float] = {}
    for b in range(sharing.bins):
        for column, trait in enumerate(target.traits):
            having = [person for person in range(sharing.people) if sharing.has[person, trait]]
            units: dict[int, float] = {}
            base = target.cost(b, column, 0)
            for count in range(1, min(len(having), sharing.sizes[b]) + 1):
                unit = programme.variable(whole=False)
                units[unit] = -1
                terms[unit] = target.cost(b, column, count) - target.cost(b, column, count - 1)
            programme.constrain({**{x[person][b]: 1 for person in having}, **units}, 0, 0)
            if base:
                fixed = programme.variable(lower=1, whole=False)
                terms[fixed] = base
    return terms


def largest_part(sharing: Sharing, nodes: int = NODES) -> Verdict:
    """Places for as many people as the hard rules allow, -1 for the others; sizes differ by at most one.

    The number of bins stays, and each has two people at least. ``bound`` counts the people whom no sharing can place.
    """
    people, bins, programme = sharing.people, sharing.bins, IntegerProgramme()
    x = [[programme.variable(cost=-1) for _ in range(bins)] for _ in range(people)]
    smallest = programme.variable(lower=2, upper=max(sharing.sizes))
    for person in range(people):
        programme.constrain({x[person][b]: 1 for b in range(bins)}, 0, 1)
    for b in range(bins):
        programme.constrain({**{x[person][b]: 1 for person in range(people)}, smallest: -1}, 0, 1)
    _keep_apart(programme, sharing, x)
    _share_language(programme, sharing, x)
    status, solution, bound = programme.solve(nodes)
    if status == INFEASIBLE:
        return Verdict([-1] * people, people)
    unplaced = 0 if bound is None or not np.isfinite(bound) else max(0, people + ceil(bound - ROUNDING))
    if solution is None:
        return Verdict(None, unplaced)
    places = [next((b for b in range(bins) if solution[x[person][b]] > 0.5), -1) for person in range(people)]
    return Verdict(places, unplaced)
