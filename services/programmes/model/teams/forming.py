"""Forms mixed teams: people to challenges, then each challenge's people to teams, both by the same target.

The target, the most important aim first. Assignment to challenges: a wish is kept; sizes as even as wishes allow; each
company, then each side, as even as can be; each challenge gets the skills that it asks for. Teams of a challenge: sizes
differ by at most one, nobody is with their own superior, a team has a common language; as many as possible have a team;
each company, then each side, as even as can be; as few skills as possible are missing in a team; skills as even as can
be.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from services.programmes.model.teams.exact import Verdict, better, largest_part
from services.programmes.model.teams.people import (
    Aim,
    Call,
    Candidate,
    Formation,
    LeftOut,
    Team,
    by_ref,
    even_sizes,
    shared_out,
    teams_for,
)
from services.programmes.model.teams.problem import COVERED, EVEN, Sharing, Table, Target
from services.programmes.model.teams.search import dealt, improved, thinned

MOST_EXACT = 800
"""Maximum number of people times bins for a proof by integer programming; beyond it the bound is the simple one."""


def form(candidates: Iterable[Candidate], calls: Sequence[Call]) -> Formation:
    """Teams for all challenges; deterministic, and independent of the order of ``candidates``."""
    people, ordered = by_ref(candidates), list(calls)
    if not people or not ordered:
        return Formation(())
    places, aims = assign(people, ordered)
    formation: dict[str, tuple[Aim, ...]] = {"": aims}
    teams: list[Team] = []
    left_out: list[LeftOut] = []
    for number, call in enumerate(ordered):
        mine = [person for person, place in zip(people, places, strict=True) if place == number]
        made, without, formation[call.id] = split(mine, call)
        teams += made
        left_out += without
    return Formation(tuple(teams), tuple(left_out), formation)


def assign(people: Sequence[Candidate], calls: Sequence[Call]) -> tuple[list[int], tuple[Aim, ...]]:
    """The position in ``calls`` of everybody's challenge. People without a wish go where they are needed."""
    position = {call.id: number for number, call in enumerate(calls)}
    held = tuple(position.get(person.wish or "", -1) for person in people)
    wished = [held.count(number) for number in range(len(calls))]
    open_ones = _opened(wished, len(people))
    sizes = dict(zip(open_ones, shared_out(len(people), [wished[number] for number in open_ones]), strict=True))
    skills = sorted({skill for number in open_ones for skill in calls[number].skills})
    has, columns = _traits(people, skills)
    need = tuple(
        tuple(teams_for(sizes[n], calls[n].team_size) if skill in calls[n].skills else 0 for skill in skills)
        for n in open_ones
    )
    targets = (*_mixed(columns), Target("skills", COVERED, columns[2], need))
    none = np.zeros((len(people), 0), np.int64)
    apart = np.zeros((len(people), len(people)), np.int64)
    bins = tuple(open_ones.index(place) if place >= 0 else -1 for place in held)
    sharing = Sharing(tuple(sizes[n] for n in open_ones), has, targets, none, apart, bins)
    places, aims = optimum(sharing)
    return [open_ones[place] for place in places], aims


def _opened(wished: Sequence[int], people: int) -> list[int]:
    """The challenges that get people: those asked for, and of the others as many as leave two people for each."""
    chosen = {number for number, count in enumerate(wished) if count}
    free = people - sum(max(2, wished[number]) for number in chosen)
    for number in range(len(wished)):
        if number not in chosen and (not chosen or free >= 2):
            chosen.add(number)
            free -= 2
    return sorted(chosen)


def split(people: Sequence[Candidate], call: Call) -> tuple[list[Team], list[LeftOut], tuple[Aim, ...]]:
    """The teams of one challenge, whoever has none and why, and the aims that were reached."""
    if len(people) < 2:
        return [], [LeftOut(person.ref, call.id, "alone") for person in people], ()
    sharing = _sharing(people, call, even_sizes(len(people), teams_for(len(people), call.team_size)))
    places, aims = optimum(sharing)
    staying, unplaceable = list(people), 0
    if sharing.breaches(places):
        kept, unplaceable = _kept(sharing)
        staying = [person for person, place in zip(people, kept, strict=True) if place >= 0]
        sharing = _sharing(staying, call, even_sizes(len(staying), max(kept) + 1))
        places, aims = optimum(sharing, [place for place in kept if place >= 0])
    groups = [[p for p, at in zip(staying, places, strict=True) if at == b] for b in range(sharing.bins)]
    groups.sort(key=lambda members: members[0].ref)
    made = [
        Team(call.id, number, tuple(person.ref for person in members), _language(members))
        for number, members in enumerate(groups, 1)
    ]
    without = [LeftOut(p.ref, call.id, _why(p, groups)) for p in people if p not in staying]
    return made, without, (Aim("left out", len(without), unplaceable), *aims)


def _kept(sharing: Sharing) -> tuple[list[int], int]:
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


def optimum(sharing: Sharing, start: Sequence[int] | None = None) -> tuple[list[int], tuple[Aim, ...]]:
    """The best sharing, with a proven bound of each aim: swaps first, then HiGHS where they did not reach the bound."""
    places = improved(sharing, dealt(sharing) if start is None else _fitting(sharing, start))
    bounds = list(sharing.bounds)
    if sharing.breaches(places):
        return places, ()
    aim = 0
    while aim < len(sharing.targets):
        values = sharing.values(places)
        if values[aim] > bounds[aim] and sharing.people * sharing.bins <= MOST_EXACT:
            verdict = better(sharing, values, aim)
            bounds[aim] = max(bounds[aim], verdict.bound)
            if verdict.places is not None and sharing.values(verdict.places) < values:
                places = improved(sharing, verdict.places)
                continue
        aim += 1
    named = zip(sharing.targets, sharing.values(places), bounds, strict=True)
    return places, tuple(Aim(target.name, value, bound) for target, value, bound in named)


def _fitting(sharing: Sharing, start: Sequence[int]) -> list[int]:
    """The places with bins renumbered so that the larger ones come first, as in ``sizes``."""
    filled = sorted(range(sharing.bins), key=lambda b: (-list(start).count(b), b))
    return [filled.index(place) for place in start]


def _sharing(people: Sequence[Candidate], call: Call, sizes: Sequence[int]) -> Sharing:
    has, columns = _traits(people, sorted(call.skills))
    need = ((1,) * len(call.skills),) * len(sizes)
    targets = (
        *_mixed(columns),
        Target("skills", COVERED, columns[2], need),
        Target("spread", EVEN, columns[2]),
    )
    place = {person.ref: number for number, person in enumerate(people)}
    apart = np.zeros((len(people), len(people)), np.int64)
    for person in people:
        for above in person.line & place.keys():
            apart[place[person.ref], place[above]] = apart[place[above], place[person.ref]] = 1
    return Sharing(tuple(sizes), has, targets, _speaks(people), apart, (-1,) * len(people))


def _mixed(columns: Sequence[tuple[int, ...]]) -> tuple[Target, Target]:
    return Target("companies", EVEN, columns[0]), Target("sides", EVEN, columns[1])


def _traits(people: Sequence[Candidate], skills: Sequence[str]) -> tuple[Table, list[tuple[int, ...]]]:
    """Who has which trait, and the columns of companies, sides and skills."""
    companies = sorted({person.company for person in people})
    sides = sorted({person.side for person in people})
    rows = [
        [*(p.company == c for c in companies), *(p.side == s for s in sides), *(skill in p.offers for skill in skills)]
        for p in people
    ]
    starts = np.cumsum([0, len(companies), len(sides), len(skills)])
    columns = [tuple(range(starts[i], starts[i + 1])) for i in range(3)]
    return np.asarray(rows, np.int64).reshape(len(people), int(starts[3])), columns


def _speaks(people: Sequence[Candidate]) -> Table:
    """Who speaks which language; no column if everybody shares one."""
    languages = sorted({language for person in people for language in person.languages})
    rows = [[not person.languages or language in person.languages for language in languages] for person in people]
    known = np.asarray(rows, np.int64).reshape(len(people), len(languages))
    return known[:, :0] if not languages or known.all(0).any() else known


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
