"""An entry of a ranked list with what put it there, and what a wave decides about it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from services.matching.model.listed import Listed

INVITED: Final = "invited"
WAITS, LESS_INVITED, NEWCOMERS = "waits", "less-invited-first", "newcomers-places"
"""On the list, and not reached by this wave: by score alone, or because mentors came first who fit nearly as well and
had been invited less (`fair`), or because of the places that are kept for newcomers."""
CAP, PAUSED, AWAY, CONFLICT, LEFT_OUT, BY_OPERATOR = "cap", "paused", "away", "conflict", "left-out", "by-operator"
"""Why a mentor is passed over: the weekly cap is reached, invitations are paused, the account is suspended or has no
profile any more, either side excludes the other, an operator left the mentor out, or has invited them already."""
OUTCOMES: Final = (INVITED, WAITS, LESS_INVITED, NEWCOMERS, CAP, PAUSED, AWAY, CONFLICT, LEFT_OUT, BY_OPERATOR)


@dataclass(frozen=True)
class Considered(Listed):
    """A place in the list. ``rank`` is the place by ``score`` alone, from 1, 0 for whoever is not on the list;
    ``parts`` are the numbers behind the score, by name; ``newcomer``: whether a reserved place may be the mentor's."""

    score: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)
    rank: int = 0
    newcomer: bool = False


@dataclass(frozen=True)
class Judged:
    """What a wave decided about one entry: one of `OUTCOMES`."""

    one: Considered
    outcome: str

    @property
    def invited(self) -> bool:
        """Whether the mentor is invited."""
        return self.outcome == INVITED
