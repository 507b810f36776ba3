"""What a kind of request needs: what its solver reads, the solver, and how its result is stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.unit import Unit
from services.programmes.config import Config
from services.programmes.model.pairing import Person
from services.programmes.model.pairing.problem import Seen
from services.programmes.model.programme import Programme
from services.programmes.model.solves import Solve

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Gathered:
    """A problem to be solved, the digest of what it was made of, and the people in it."""

    problem: Any
    inputs: str
    people: Sequence[Person]


@dataclass(frozen=True)
class Run:
    """A solver's result to be stored. ``seen`` is the number of wishes that its problem took into account."""

    programme: Programme
    solve: Solve
    result: Any
    seen: int


@dataclass(frozen=True)
class Work:
    """How one kind of request is carried out.

    ``states`` are the programme's states in which it may run. ``gather`` reads the problem, ``inform`` adds what
    people's texts say. ``solve`` is a module's function, because large problems are solved in a process of their own.
    ``store`` stores a result in the transaction that ends the request.
    """

    states: tuple[str, ...]
    gather: Callable[[Unit, Programme, Config], Gathered]
    inform: Callable[[Any, Mapping[str, Seen]], Any]
    solve: Callable[[Any, Progress], Any]
    store: Callable[[Unit, Run, Config], None]
