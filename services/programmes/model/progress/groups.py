"""Divides people into groups of a minimum size, as uniform as that allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

FEWEST = 5
"""Minimum number of people in a published sum."""

SIDE, ORGANISATION, CHALLENGE = "side", "organisation", "challenge"
DIMENSIONS = (CHALLENGE, ORGANISATION, SIDE)
"""What rows are by."""

Traits = Mapping[str, str]


@dataclass(frozen=True)
class Person:
    """A participant, as progress counts them. ``facts`` are counts by name; ``changes`` the difference of both
    self-assessments by statement, None until both are complete; everybody of a side has the same statements."""

    id: str
    traits: Traits
    facts: Mapping[str, int] = field(default_factory=dict)
    changes: Mapping[str, int] | None = None


def order_of(people: Sequence[Person]) -> Sequence[str]:
    """The dimensions in the order in which they divide people; the first one is kept most completely.

    People are in challenges, then companies; without challenges, on two sides, then in companies.
    """
    challenges = any(one.traits.get(CHALLENGE) for one in people)
    return (CHALLENGE, ORGANISATION, SIDE) if challenges else (SIDE, ORGANISATION)


def divide(people: Sequence[Person], dimensions: Sequence[str], fewest: int) -> list[list[Person]]:
    """Divides people by the first dimension, and each part by the next one. Each part has at least ``fewest`` people.

    The people of small categories form a part together; if that is too small it joins the smallest other part. Returns
    no part if there are fewer than ``fewest`` people. Depends on ids and traits only.
    """
    if len(people) < fewest:
        return []
    if not dimensions:
        return [sorted(people, key=lambda one: one.id)]
    parts = _parts(people, dimensions[0], fewest)
    return [group for part in parts for group in divide(part, dimensions[1:], fewest)]


def _parts(people: Sequence[Person], dimension: str, fewest: int) -> list[list[Person]]:
    categories = by_category(people, dimension)
    known = {value: members for value, members in categories.items() if value and len(members) >= fewest}
    large = sorted(known.values(), key=len)
    rest = [one for value, members in categories.items() if value not in known for one in members]
    if rest and len(rest) < fewest and large:
        return [[*large[0], *rest], *large[1:]]
    return [*large, rest] if rest else large


def by_category(people: Sequence[Person], dimension: str) -> dict[str, list[Person]]:
    """People by their value of this dimension, empty for none."""
    found: dict[str, list[Person]] = {}
    for one in sorted(people, key=lambda one: (one.traits.get(dimension, ""), one.id)):
        found.setdefault(one.traits.get(dimension, ""), []).append(one)
    return found


def common_traits(people: Sequence[Person]) -> dict[str, str]:
    """The traits that all of them share; a group counts in these rows."""
    first = people[0].traits
    return {
        name: value for name, value in first.items() if value and all(one.traits.get(name) == value for one in people)
    }
