"""Changes of a problem: what the solver proposes to change, applied."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.programmes.model.pairing.obstacles import COMPANY, LINE, TEAM
from services.programmes.model.pairing.problem import Couple, Person, Problem
from services.programmes.model.pairing.proposal import Change
from services.programmes.model.participants import MENTOR

CAPACITY, SPOKEN, RULE, ALLOW, UNLOCK = "capacity", "language", "rule", "allow", "unlock"
LIFTED: Mapping[str, Mapping[str, Any]] = {
    TEAM: {"same_team": True},
    COMPANY: {"cross_company": False},
    LINE: {"same_chain": True},
}
"""What giving up a rule sets in the programme's rules."""


def applied(problem: Problem, change: Change) -> Problem:
    """The problem after the change."""
    if change.code == RULE:
        return replace(problem, rules=replace(problem.rules, **LIFTED[change.value]))
    if change.code in (CAPACITY, SPOKEN):
        return replace(problem, people=tuple(_changed(one, change) for one in problem.people))
    couples = frozenset({_couple(problem, change)})
    if change.code == ALLOW:
        return replace(problem, forbidden=problem.forbidden - couples)
    return replace(problem, locked=problem.locked - couples)


def _changed(person: Person, change: Change) -> Person:
    if person.id != change.person:
        return person
    if change.code == CAPACITY:
        return replace(person, capacity=change.number)
    return replace(person, languages=(*person.languages, change.value))


def _couple(problem: Problem, change: Change) -> Couple:
    mentors = {one.id for one in problem.people if one.side == MENTOR}
    return (change.person, change.partner) if change.person in mentors else (change.partner, change.person)
