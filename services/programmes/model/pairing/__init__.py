"""Pairs mentors and mentees, to the optimum of a stated order of goals, with reasons. Pure.

`problem_of` makes the problem of a programme's participants, `solve` its proposal, and `words` the texts for people.
"""

from services.programmes.model.pairing.changes import applied
from services.programmes.model.pairing.problem import Couple, Person, Problem, person_of, problem_of
from services.programmes.model.pairing.proposal import (
    Change,
    Conflict,
    Demand,
    Obstacle,
    Paired,
    Proposal,
    SecondBest,
    Unpaired,
)
from services.programmes.model.pairing.solve import solve

__all__ = [
    "Change",
    "Conflict",
    "Couple",
    "Demand",
    "Obstacle",
    "Paired",
    "Person",
    "Problem",
    "Proposal",
    "SecondBest",
    "Unpaired",
    "applied",
    "person_of",
    "problem_of",
    "solve",
]
