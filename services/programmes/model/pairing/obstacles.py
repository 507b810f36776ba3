"""Which rules keep a mentor and a mentee apart, for everybody with everybody: one bit for each rule."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.blind import normalise
from contracts.fit import sets
from contracts.vocabulary import fold
from services.programmes.model.pairing.lines import same_line
from services.programmes.model.pairing.problem import Couple, Person, Problem

FORBIDDEN, BEFORE, LINE, TEAM, COMPANY, LANGUAGE = "forbidden", "before", "line", "team", "company", "language"
CODES: Final = (FORBIDDEN, BEFORE, LINE, TEAM, COMPANY, LANGUAGE)
"""The rules, in the order in which a pair that several of them forbid is counted."""
BIT: Final[Mapping[str, int]] = {code: 1 << place for place, code in enumerate(CODES)}
FULL: Final = "full"
"""Not a rule that forbids a pair: nobody else has a place left."""

Bits = NDArray[np.uint8]


def obstacles(problem: Problem, mentors: Sequence[Person], mentees: Sequence[Person]) -> Bits:
    """For each mentor (row) and mentee (column), the rules that forbid this pair; 0 if it is allowed."""
    found = np.zeros((len(mentors), len(mentees)), np.uint8)
    for code, couples in ((FORBIDDEN, problem.forbidden), (BEFORE, problem.before)):
        for row, column in places(couples, mentors, mentees):
            found[row, column] |= BIT[code]
    if not problem.rules.same_chain:
        for row, column in same_line(mentors, mentees):
            found[row, column] |= BIT[LINE]
    if not problem.rules.same_team:
        found[_same_team(mentors, mentees)] |= BIT[TEAM]
    if problem.rules.cross_company:
        found[_equal([company(one) for one in mentors], [company(one) for one in mentees])] |= BIT[COMPANY]
    ours, theirs = ([one.languages for one in side] for side in (mentors, mentees))
    found[sets.stated(ours, theirs) & (sets.common(ours, theirs) == 0)] |= BIT[LANGUAGE]
    return found


def company(person: Person) -> str:
    """The organisation, without differences of spelling and legal form."""
    return normalise(person.organisation) or fold(person.organisation.strip())


def places(couples: Iterable[Couple], mentors: Sequence[Person], mentees: Sequence[Person]) -> list[tuple[int, int]]:
    """The places of these couples, sorted, without those of whom one is not there."""
    rows = {one.id: place for place, one in enumerate(mentors)}
    columns = {one.id: place for place, one in enumerate(mentees)}
    return sorted((rows[a], columns[b]) for a, b in couples if a in rows and b in columns)


def _same_team(mentors: Sequence[Person], mentees: Sequence[Person]) -> NDArray[np.bool_]:
    """Where both name the same team of one company or, if one of them names none, the same manager."""
    teams = [[(company(one), fold(one.team.strip())) for one in side] for side in (mentors, mentees)]
    named = [np.array([bool(team) for _, team in side], bool) for side in teams]
    managed = [np.array([bool(one.manager_ref) for one in side], bool) for side in (mentors, mentees)]
    both = np.logical_and.outer(*named)
    managers = _equal([one.manager_ref for one in mentors], [one.manager_ref for one in mentees])
    return np.where(both, _equal(*teams), managers & np.logical_and.outer(*managed))


def _equal(ours: Sequence[Hashable], theirs: Sequence[Hashable]) -> NDArray[np.bool_]:
    numbers = {value: number for number, value in enumerate(dict.fromkeys((*ours, *theirs)))}
    return np.equal.outer([numbers[value] for value in ours], [numbers[value] for value in theirs])
