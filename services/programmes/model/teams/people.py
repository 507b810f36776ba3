"""Whom teams are formed of, and for what: candidates and challenges, reduced to what the target function reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True)
class Candidate:
    """One person. ``line`` holds the refs of their superiors at every depth; no ``languages`` means any language."""

    ref: str
    company: str
    side: str
    offers: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    line: frozenset[str] = frozenset()
    wish: str | None = None
    """The id of the challenge that they asked for."""


@dataclass(frozen=True)
class Call:
    """One challenge: the skills that it asks for, and the size that its teams should have."""

    id: str
    skills: tuple[str, ...] = ()
    team_size: int = 5


@dataclass(frozen=True)
class Team:
    """A team of a challenge; ``number`` counts from 1. ``language`` is one that all its members speak, if known."""

    challenge: str
    number: int
    members: tuple[str, ...]
    language: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """Somebody without a team. ``why`` is ``alone``, ``language``, ``line``, ``sizes`` or ``no-challenge``."""

    ref: str
    challenge: str
    why: str


@dataclass(frozen=True)
class Aim:
    """One part of the target: the value that was reached, and a proven lower bound of any solution's value."""

    name: str
    value: int
    bound: int

    @property
    def proven(self) -> bool:
        """Whether no solution can do better, given the aims before it."""
        return self.value == self.bound


@dataclass(frozen=True)
class Formation:
    """All teams, whoever has none, and ``aims`` by challenge, where ``""`` is the assignment to challenges."""

    teams: tuple[Team, ...]
    left_out: tuple[LeftOut, ...] = ()
    aims: Mapping[str, tuple[Aim, ...]] = field(default_factory=dict)

    @property
    def proven(self) -> bool:
        """Whether every aim is at its proven optimum."""
        return all(aim.proven for aims in self.aims.values() for aim in aims)


def superiors(managers: Mapping[str, str | None]) -> dict[str, frozenset[str]]:
    """The refs of everybody's superiors at every depth, from everybody's manager. A circle ends where it closes."""
    lines: dict[str, frozenset[str]] = {}
    for ref in managers:
        line: dict[str, None] = {}
        above = managers[ref]
        while above and above != ref and above not in line:
            line[above] = None
            above = managers.get(above)
        lines[ref] = frozenset(line)
    return lines


def teams_for(people: int, size: int) -> int:
    """The number of teams, of two people at least, whose size comes nearest to ``size``; the smaller of two such."""
    near = range(1, people // 2 + 1)
    return min(near, key=lambda teams: (abs(Fraction(people, teams) - size), teams), default=0)


def even_sizes(people: int, teams: int) -> list[int]:
    """Sizes that differ by at most one, the larger first."""
    return [people // teams + (number < people % teams) for number in range(teams)]


def shared_out(total: int, least: Sequence[int]) -> list[int]:
    """``total`` shared out so that the sum of squares is smallest, with at least ``least`` in each place."""
    shares = list(least)
    for _ in range(total - sum(least)):
        shares[min(range(len(shares)), key=lambda place: (shares[place], place))] += 1
    return shares


def by_ref(people: Iterable[Candidate]) -> list[Candidate]:
    """In the one order that everything else relies on, so that the order of rows in a file changes nothing."""
    return sorted(people, key=lambda person: person.ref)
