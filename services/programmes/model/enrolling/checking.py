"""Checks a whole file: which of its people can be enrolled, and what is wrong with the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.programmes.model.enrolling.candidates import Candidate
from services.programmes.model.enrolling.fields import Expected, check_row
from services.programmes.model.enrolling.problems import Problem
from services.programmes.model.enrolling.relations import Enrolled, relate
from services.programmes.model.enrolling.rows import Rows


@dataclass(frozen=True)
class Read:
    """A file whose cells have been checked, each alone. This takes a second for 5 000 people and needs no database."""

    candidates: tuple[Candidate, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    whole: bool


@dataclass(frozen=True)
class Checked:
    """The people to enrol, and what was wrong. ``managers``: see `relations.Related`."""

    accepted: tuple[Candidate, ...]
    rejected: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    managers: tuple[tuple[str, str], ...]


def read_fields(file: Rows, expected: Expected) -> Read:
    """Checks each cell alone."""
    candidates, problems, warnings = list[Candidate](), list(file.problems), list(file.warnings)
    for row in file.rows:
        candidate, wrong, ignored = check_row(row, expected)
        problems += wrong
        warnings += ignored
        candidates += [candidate] if candidate else []
    return Read(tuple(candidates), tuple(problems), tuple(warnings), file.whole)


def check(
    read: Read, enrolled: Sequence[Enrolled], barred: Callable[[str], str], *, partial: bool = False
) -> Checked:
    """The people to enrol: everybody, or nobody if one was rejected; with ``partial`` all who were not.

    ``barred``: see `relations.relate`.
    """
    related = relate(read.candidates, enrolled, barred)
    rejected = tuple(sorted((*read.problems, *related.problems), key=lambda one: one.line))
    accepted = related.candidates if read.whole and (partial or not rejected) else ()
    return Checked(accepted, rejected, read.warnings, tuple(related.managers.items()) if accepted else ())
