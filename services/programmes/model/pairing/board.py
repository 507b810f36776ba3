"""The problem as arrays: mentors are rows, mentees are columns, both in the order of a hash of their ids."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from services.programmes.model.pairing.fitting import Fits, fits
from services.programmes.model.pairing.obstacles import Bits, obstacles, places
from services.programmes.model.pairing.problem import Couple, Person, Problem
from services.programmes.model.participants import MENTEE, MENTOR

Cell = tuple[int, int]
"""A row (mentor) and a column (mentee)."""
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Board:
    """Everything that a solution is computed from. ``places`` and ``needs`` are the capacities of rows and columns."""

    problem: Problem
    mentors: tuple[Person, ...]
    mentees: tuple[Person, ...]
    obstacles: Bits
    fits: Fits
    places: NDArray[np.int64]
    needs: NDArray[np.int64]

    @property
    def allowed(self) -> NDArray[np.bool_]:
        """Where no rule forbids the pair."""
        return self.obstacles == 0

    def cells(self, couples: Iterable[Couple]) -> list[Cell]:
        """The cells of these couples, sorted, without couples of people who are not there."""
        return places(couples, self.mentors, self.mentees)

    def left(self, cells: Iterable[Cell]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The places of each mentor and mentee that these pairs leave."""
        taken = np.array([*cells], np.int64).reshape(-1, 2)
        rows, columns = (np.bincount(taken[:, axis], minlength=len(people)) for axis, people in enumerate(self.people))
        return self.places - rows, self.needs - columns

    @property
    def people(self) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
        """Mentors and mentees."""
        return self.mentors, self.mentees

    def couple(self, cell: Cell) -> Couple:
        """The ids of a cell's mentor and mentee."""
        return self.mentors[cell[0]].id, self.mentees[cell[1]].id


def board_of(problem: Problem) -> Board:
    """Prepares a problem. The hash decides between equal solutions, so the order of the input decides nothing."""
    mentors, mentees = (
        tuple(sorted((one for one in problem.people if one.side == side), key=lambda one: _order(one.id)))
        for side in (MENTOR, MENTEE)
    )
    return Board(
        problem,
        mentors,
        mentees,
        obstacles(problem, mentors, mentees),
        fits(mentors, mentees, problem.seen),
        np.array([problem.capacity(one) for one in mentors], np.int64),
        np.array([problem.capacity(one) for one in mentees], np.int64),
    )


def _order(id: str) -> bytes:
    return sha256(id.encode()).digest()
