"""Reporting lines: who is above whom, at any depth. A cycle in the data ends the walk."""

from collections.abc import Iterator, Mapping, Sequence

from services.programmes.model.pairing.problem import Person


def above(person: Person, managers: Mapping[str, str]) -> Iterator[str]:
    """The refs of everybody above a person, nearest first; ``managers`` maps each enrolled ref to its manager's."""
    seen = {person.ref, ""}
    ref = person.manager_ref
    while ref not in seen:
        yield ref
        seen.add(ref)
        ref = managers.get(ref, "")


def same_line(mentors: Sequence[Person], mentees: Sequence[Person]) -> Iterator[tuple[int, int]]:
    """The places of each mentor and mentee of whom one is above the other."""
    managers = {one.ref: one.manager_ref for one in (*mentors, *mentees)}
    mentor_places = {one.ref: place for place, one in enumerate(mentors)}
    mentee_places = {one.ref: place for place, one in enumerate(mentees)}
    for place, one in enumerate(mentors):
        yield from ((place, mentee_places[ref]) for ref in above(one, managers) if ref in mentee_places)
    for place, one in enumerate(mentees):
        yield from ((mentor_places[ref], place) for ref in above(one, managers) if ref in mentor_places)
