"""The best sharing with its proof: swaps first, then HiGHS where they did not reach the simple bound."""

from collections.abc import Sequence
from dataclasses import replace

from services.programmes.model.teams.exact import Verdict, better, largest_part
from services.programmes.model.teams.people import Aim, even_sizes
from services.programmes.model.teams.problem import Sharing
from services.programmes.model.teams.search import dealt, improved, thinned

MOST_EXACT = 800
"""Maximum number of people times bins for a proof by integer programming; beyond it the bound is the simple one."""


def optimum(sharing: Sharing, start: Sequence[int] | None = None) -> tuple[list[int], tuple[Aim, ...]]:
    """The best sharing, with a proven bound of each aim: swaps first, then HiGHS where they did not reach the bound."""
    places = improved(sharing, dealt(sharing) if start is None else list(start))
    bounds = list(sharing.bounds)
    if sharing.breaches(places):
        return places, ()
    aim = 0
    while aim < len(sharing.targets):
        values = sharing.values(places)
        if values[aim] > bounds[aim] and sharing.people * sharing.bins <= MOST_EXACT and not sharing.alike:
            verdict = better(sharing, values, aim)
            bounds[aim] = max(bounds[aim], verdict.bound)
            if verdict.places is not None and sharing.values(verdict.places) < values:
                places = improved(sharing, verdict.places)
                continue
        aim += 1
    named = zip(sharing.targets, sharing.values(places), bounds, strict=True)
    return places, tuple(Aim(target.name, value, bound) for target, value, bound in named)


def largest(sharing: Sharing) -> tuple[list[int], int]:
    """Places for as many people as possible, and how many surely have none; in a large challenge without a proof.

    One team fewer or more is tried where the number that suits the size cannot hold everybody.
    """
    if sharing.people * sharing.bins > MOST_EXACT:
        return thinned(sharing), 0
    verdicts: list[Verdict] = []
    for teams in (sharing.bins, sharing.bins - 1, sharing.bins + 1):
        if 0 < teams <= sharing.people // 2 and not any(-1 not in (found.places or [-1]) for found in verdicts):
            verdicts.append(largest_part(replace(sharing, sizes=tuple(even_sizes(sharing.people, teams)))))
    tried = [found.places for found in verdicts if found.places is not None]
    kept = min(tried, key=lambda places: places.count(-1)) if tried else thinned(sharing)
    return kept, min(found.bound for found in verdicts)
