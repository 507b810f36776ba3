"""What the solver is given: people, rules, and pairs that are locked, forbidden, of the past, or current."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from contracts.fit.portraits import Asked, Portrait
from services.programmes.model.participants import MENTEE, MENTOR, Participant
from services.programmes.model.programme import Rules

Couple = tuple[str, str]
"""The participant ids of a mentor and a mentee, in this order."""

Seen = Portrait | Asked
"""What a mentor's, or a mentee's, skills and texts say (`portraits.seen`)."""
NOBODY: Final[Mapping[str, Seen]] = MappingProxyType({})

OTHER: Final[Mapping[str, str]] = {MENTOR: MENTEE, MENTEE: MENTOR}


@dataclass(frozen=True)
class Person:
    """The parts of a participant that the solver uses.

    ``offers`` and ``wants`` are ids of the vocabulary or words of their own; ``manager_ref`` may be the ref of somebody
    who is not enrolled; ``availability`` are half-days such as ``mon-am``; ``capacity`` overrides that of the rules.
    """

    id: str
    ref: str
    side: str
    organisation: str = ""
    team: str = ""
    manager_ref: str = ""
    offers: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    about: str = ""
    place: str = ""
    timezone: str = ""
    availability: tuple[str, ...] = ()
    capacity: int | None = None


@dataclass(frozen=True)
class Problem:
    """What has to be solved. ``before`` are couples who had each other before, or asked not to have each other again.

    ``current`` is the last solution; it is kept as far as possible. Couples with a person who is not in ``people`` are
    ignored. ``seen`` is what people's texts say, by id; somebody who is not in it counts by their listed skills alone.
    """

    people: tuple[Person, ...]
    rules: Rules = field(default_factory=Rules)
    locked: frozenset[Couple] = frozenset()
    forbidden: frozenset[Couple] = frozenset()
    before: frozenset[Couple] = frozenset()
    current: frozenset[Couple] = frozenset()
    seen: Mapping[str, Seen] = field(default_factory=dict, compare=False)

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides that must be covered."""
        return {"mentees": (MENTEE,), "mentors": (MENTOR,), "both": (MENTEE, MENTOR)}[self.rules.cover]

    def capacity(self, person: Person) -> int:
        """The number of pairs that a person may be in."""
        common = self.rules.capacity if person.side == MENTOR else self.rules.mentee_capacity
        return max(0, common if person.capacity is None else person.capacity)


def problem_of(
    participants: Iterable[Participant],
    rules: Rules,
    *,
    locked: Iterable[Couple] = (),
    forbidden: Iterable[Couple] = (),
    before: Iterable[Couple] = (),
    current: Iterable[Couple] = (),
    seen: Mapping[str, Seen] = NOBODY,
) -> Problem:
    """The problem of a programme's active participants. Couples are ids of participants, the mentor's first."""
    people = tuple(person_of(one) for one in participants if one.active)
    locked, forbidden, before, current = (frozenset(some) for some in (locked, forbidden, before, current))
    return Problem(people, rules, locked, forbidden, before, current, dict(seen))


def person_of(participant: Participant) -> Person:
    """The solver's view of a participant."""
    return Person(
        id=participant.id,
        ref=participant.ref,
        side=participant.side,
        organisation=participant.organisation,
        team=participant.team,
        manager_ref=participant.manager_ref,
        offers=tuple(participant.offers),
        wants=tuple(participant.wants),
        languages=tuple(participant.languages),
        about=participant.about,
        place=participant.place,
        timezone=participant.timezone,
        availability=tuple(participant.availability),
        capacity=participant.capacity,
    )
