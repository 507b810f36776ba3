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

from services.programmes.model.teams.languages import seated
from services.programmes.model.teams.people import (
    Aim,
    Call,
    Candidate,
    Formation,
    LeftOut,
    Team,
    by_ref,
    shared_out,
    teams_for,
)
from services.programmes.model.teams.problem import COVERED, Sharing, Target
from services.programmes.model.teams.proving import optimum
from services.programmes.model.teams.splitting import split
from services.programmes.model.teams.traits import mixed, traits_of


def form(candidates: Iterable[Candidate], calls: Sequence[Call]) -> Formation:
    """Teams for all challenges; deterministic, and independent of the order of ``candidates``.

    If languages leave somebody out, people are shared out over challenges once more, by languages first.
    """
    people, ordered = by_ref(candidates), list(calls)
    if not people or not ordered:
        return Formation((), tuple(LeftOut(person.ref, "", "no-challenge") for person in people))
    found = _split_all(people, ordered, *assign(people, ordered))
    if len(ordered) > 1 and any(one.why == "language" for one in found.left_out):
        other = _split_all(people, ordered, *assign(people, ordered, by_language=True))
        return min(found, other, key=lambda formation: len(formation.left_out))
    return found


def _split_all(
    people: Sequence[Candidate], calls: Sequence[Call], places: Sequence[int], aims: tuple[Aim, ...]
) -> Formation:
    """The teams of all challenges, given everybody's challenge."""
    reached: dict[str, tuple[Aim, ...]] = {"": aims}
    teams: list[Team] = []
    left_out: list[LeftOut] = []
    for number, call in enumerate(calls):
        mine = [person for person, place in zip(people, places, strict=True) if place == number]
        made, without, reached[call.id] = split(mine, call)
        teams += made
        left_out += without
    return Formation(tuple(teams), tuple(left_out), reached)


def assign(
    people: Sequence[Candidate], calls: Sequence[Call], *, by_language: bool = False
) -> tuple[list[int], tuple[Aim, ...]]:
    """The position in ``calls`` of everybody's challenge. People without a wish go where they are needed.

    ``by_language`` first looks for challenges in which everybody finds a team with their language.
    """
    position = {call.id: number for number, call in enumerate(calls)}
    held = tuple(position.get(person.wish or "", -1) for person in people)
    wished = [held.count(number) for number in range(len(calls))]
    open_ones = _opened(wished, len(people))
    sizes = dict(zip(open_ones, shared_out(len(people), [wished[number] for number in open_ones]), strict=True))
    skills = sorted({skill for number in open_ones for skill in calls[number].skills})
    has, columns = traits_of(people, skills)
    need = tuple(
        tuple(teams_for(sizes[n], calls[n].team_size) if skill in calls[n].skills else 0 for skill in skills)
        for n in open_ones
    )
    targets = (*mixed(columns), Target("skills", COVERED, columns[2], need))
    none = np.zeros((len(people), 0), np.int64)
    apart = np.zeros((len(people), len(people)), np.int64)
    bins = tuple(open_ones.index(place) if place >= 0 else -1 for place in held)
    sharing = Sharing(tuple(sizes[n] for n in open_ones), has, targets, none, apart, bins)
    start = None
    if by_language:
        counts = [teams_for(size, calls[n].team_size) for n, size in sizes.items()]
        start = seated(people, bins, sharing.sizes, counts)
    if start is not None:
        sharing = replace(sharing, alike=_alike(people))
    places, aims = optimum(sharing, start)
    return [open_ones[place] for place in places], aims


def _alike(people: Sequence[Candidate]) -> tuple[int, ...]:
    """A number for each person; people with the same languages have the same."""
    numbers: dict[frozenset[str], int] = {}
    return tuple(numbers.setdefault(person.languages, len(numbers)) for person in people)


def _opened(wished: Sequence[int], people: int) -> list[int]:
    """The challenges that get people: those asked for, and of the others as many as leave two people for each."""
    chosen = {number for number, count in enumerate(wished) if count}
    free = people - sum(max(2, wished[number]) for number in chosen)
    for number in range(len(wished)):
        if number not in chosen and (not chosen or free >= 2):
            chosen.add(number)
            free -= 2
    return sorted(chosen)
