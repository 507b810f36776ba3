"""The teams of one challenge."""

from collections.abc import Sequence

import numpy as np

from services.programmes.model.teams.people import Aim, Call, Candidate, LeftOut, Team, even_sizes, teams_for
from services.programmes.model.teams.problem import COVERED, EVEN, Sharing, Target
from services.programmes.model.teams.proving import largest, optimum
from services.programmes.model.teams.traits import mixed, speaks_of, traits_of


def split(people: Sequence[Candidate], call: Call) -> tuple[list[Team], list[LeftOut], tuple[Aim, ...]]:
    """The teams of one challenge, whoever has none and why, and the aims that were reached."""
    if len(people) < 2:
        return [], [LeftOut(person.ref, call.id, "alone") for person in people], ()
    sharing = _sharing(people, call, even_sizes(len(people), teams_for(len(people), call.team_size)))
    places, aims = optimum(sharing)
    staying, unplaceable = list(people), 0
    if sharing.breaches(places):
        kept, unplaceable = largest(sharing)
        staying = [person for person, place in zip(people, kept, strict=True) if place >= 0]
        sharing = _sharing(staying, call, even_sizes(len(staying), max(kept) + 1))
        places, aims = optimum(sharing, _fitting(sharing, [place for place in kept if place >= 0]))
    groups = [[p for p, at in zip(staying, places, strict=True) if at == b] for b in range(sharing.bins)]
    groups.sort(key=lambda members: members[0].ref)
    made = [
        Team(call.id, number, tuple(person.ref for person in members), _language(members))
        for number, members in enumerate(groups, 1)
    ]
    without = [LeftOut(p.ref, call.id, _why(p, groups)) for p in people if p not in staying]
    return made, without, (Aim("left out", len(without), unplaceable), *aims)


def _fitting(sharing: Sharing, start: Sequence[int]) -> list[int]:
    """The places with bins renumbered so that the larger ones come first, as in ``sizes``."""
    filled = sorted(range(sharing.bins), key=lambda b: (-list(start).count(b), b))
    return [filled.index(place) for place in start]


def _sharing(people: Sequence[Candidate], call: Call, sizes: Sequence[int]) -> Sharing:
    has, columns = traits_of(people, sorted(call.skills))
    need = ((1,) * len(call.skills),) * len(sizes)
    targets = (
        *mixed(columns),
        Target("skills", COVERED, columns[2], need),
        Target("spread", EVEN, columns[2]),
    )
    place = {person.ref: number for number, person in enumerate(people)}
    apart = np.zeros((len(people), len(people)), np.int64)
    for person in people:
        for above in person.line & place.keys():
            apart[place[person.ref], place[above]] = apart[place[above], place[person.ref]] = 1
    return Sharing(tuple(sizes), has, targets, speaks_of(people), apart, (-1,) * len(people))


def _language(members: Sequence[Candidate]) -> str | None:
    spoken = [member.languages for member in members if member.languages]
    return min(frozenset.intersection(*spoken), default=None) if spoken else None


def _why(person: Candidate, teams: Sequence[Sequence[Candidate]]) -> str:
    """The rule that keeps somebody out of every team."""
    understood = [members for members in teams if (_language([*members, person]) or not person.languages)]
    if not understood:
        return "language"
    related = (any(m.ref in person.line or person.ref in m.line for m in members) for members in understood)
    return "line" if all(related) else "sizes"
