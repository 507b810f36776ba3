"""An attack on progress: everything that anybody reads, at any time, put together and solved exactly.

Each thing that a person adds to the figures gets a bit of its own, so that a figure shows whose additions are in it.
The attacker therefore knows, for each figure that any reader saw, whom and what it adds up, and lacks only the values.
They are linear equations. The attack asks, in exact arithmetic, whether some combination depends on few people only.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations, product
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.programmes.model.progress.batches import FEWEST_ANSWERS, KNOWN, guarded
from services.programmes.model.progress.groups import DIMENSIONS, FEWEST, Person
from services.programmes.model.progress.progress import Progress
from services.programmes.model.progress.table import table

NOW = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = timedelta(days=7)
UNGUARDED = 1 << 4000
"""As the greatest change it turns the guard off: a guarded sum shows less than the exact one."""

Event = tuple[str, str]
"""Who added something, and what: a ``session in week 3`` or an ``answer``."""
Answer = frozenset[Event]
"""What one shown figure adds up."""


@dataclass
class Story:
    """Whom a programme has, and in which week each joined, answered, left, and held sessions."""

    people: list[dict[str, str]]
    joined: list[int]
    left: list[int]
    answered: list[int]
    sessions: list[set[int]]
    closed: int
    weeks: int
    bits: dict[int, Event] = field(default_factory=dict)

    def week(self, week: int) -> list[Person]:
        """Everybody as they are in this week; each event is the bit of its own."""
        return [self._person(place, week) for place in range(len(self.people)) if self._is_there(place, week)]

    def _is_there(self, place: int, week: int) -> bool:
        return self.joined[place] <= week < self.left[place]

    def _person(self, place: int, week: int) -> Person:
        name = f"p{place:02}"
        held = [self._bit(place, 1 + past, (name, f"session in week {past}")) for past in self._past(place, week)]
        answer = self._bit(place, 0, (name, "answer")) if self.answered[place] <= week else None
        return Person(
            name,
            self.people[place],
            {"people": 1, "sessions": sum(held)},
            None if answer is None else {"ai": answer},
        )

    def _past(self, place: int, week: int) -> Iterable[int]:
        return [past for past in range(week + 1) if past in self.sessions[place] or past == self.joined[place]]

    def _bit(self, place: int, kind: int, event: Event) -> int:
        bit = place * 20 + kind
        self.bits[bit] = event
        return 1 << bit

    def read(self, amount: int) -> Answer:
        """What a figure adds up."""
        return frozenset(self.bits[bit] for bit in range(amount.bit_length()) if amount >> bit & 1)


WEEKS = 7
T = TypeVar("T")


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Programmes of up to 24 people in up to three companies and challenges, or none, over seven weeks."""
    size = draw(st.integers(5, 24))
    companies, challenges = draw(st.integers(1, 3)), draw(st.sampled_from([0, 0, 2, 3]))
    weights = st.sampled_from([0, 0, 0, 1, 1, 2])
    people = [
        {"side": draw(st.sampled_from(["mentor", "mentee"])), "organisation": f"o{draw(weights) % companies}"}
        | ({"challenge": f"c{draw(weights) % challenges}"} if challenges else {})
        for _ in range(size)
    ]

    def each(choice: st.SearchStrategy[T]) -> list[T]:
        return draw(st.lists(choice, min_size=size, max_size=size))

    return Story(
        people,
        joined=each(st.sampled_from([0, 0, 0, 0, 1, 3])),
        left=each(st.sampled_from([99, 99, 99, 2, 5])),
        answered=each(st.sampled_from([1, 2, 4, 5, 99])),
        sessions=each(st.sets(st.integers(0, WEEKS), max_size=3)),
        closed=draw(st.integers(2, WEEKS)),
        weeks=WEEKS,
    )


# What readers see.


def published(story: Story) -> Iterator[tuple[Answer, Answer]]:
    """Figures and changes of each row, read every week by the owner and each company's organiser."""
    progress = Progress("programme")
    companies = sorted({one["organisation"] for one in story.people})
    for week in range(story.weeks):
        people = story.week(week)
        progress.update(people, NOW + week * WEEK, every=WEEK, widest=UNGUARDED, closed=week >= story.closed)
        for reader in (None, *companies):
            for row in table(progress, reader):
                yield (
                    story.read(row.figures["sessions"]) if row.figures else frozenset(),
                    story.read(row.changes.sums["ai"]) if row.changes else frozenset(),
                )


def naive(story: Story) -> Iterator[tuple[Answer, Answer]]:
    """The same rows as they are at the moment, each withheld if it has few people, as so many dashboards do."""
    for week in range(story.weeks):
        everybody = story.week(week)
        rows = [everybody]
        for name in DIMENSIONS:
            values = {one.traits[name] for one in everybody if name in one.traits}
            rows += [[one for one in everybody if one.traits.get(name) == value] for value in sorted(values)]
        for row in rows:
            answers = [one.changes["ai"] for one in row if one.changes]
            yield (
                story.read(sum(one.facts["sessions"] for one in row)) if len(row) >= FEWEST else frozenset(),
                story.read(sum(answers)) if len(answers) >= FEWEST_ANSWERS else frozenset(),
            )


# The attack.


def uncovered(answers: Iterable[Answer], known: Sequence[str] = ()) -> set[str]:
    """Fewer than `FEWEST` people on whom alone a combination of the answers depends; empty if there is none.

    ``known`` are people whose values the attacker knows.
    """
    rows = sorted({frozenset(one for one in answer if one[0] not in known) for answer in answers}, key=sorted)
    columns: dict[tuple[bool, ...], set[str]] = {}  # events that are in the same answers cannot be told apart
    for event in sorted({event for row in rows for event in row}):
        columns.setdefault(tuple(event in row for row in rows), set()).add(event[0])
    everything = rank([list(column) for column in columns])
    few = [column for column, people in columns.items() if len(people) < FEWEST]
    for size in range(1, FEWEST):
        for chosen in combinations(few, size):
            people = set[str]().union(*(columns[column] for column in chosen))
            others = [list(column) for column in columns if column not in chosen]
            if len(people) < FEWEST and rank(others) < everything:
                return people
    return set()


def rank(rows: Sequence[Sequence[bool]]) -> int:
    """The rank of a matrix, in exact arithmetic."""
    left, found = [[Fraction(value) for value in row] for row in rows], 0
    for place in range(len(left[0]) if left else 0):
        pivot = next((row for row in left if row[place]), None)
        if pivot is not None:
            left.remove(pivot)
            found += 1
            left = [_without(row, pivot, place) if row[place] else row for row in left]
    return found


def _without(row: Sequence[Fraction], pivot: Sequence[Fraction], place: int) -> list[Fraction]:
    factor = row[place] / pivot[place]
    return [value - factor * by for value, by in zip(row, pivot, strict=True)]


@settings(max_examples=150)
@given(stories())
def test_no_combination_of_figures_depends_on_few_people(story: Story) -> None:
    assert uncovered(figures for figures, _ in published(story)) == set()


@settings(max_examples=150)
@given(stories())
def test_no_combination_of_changes_depends_on_few_people_besides_an_insider(story: Story) -> None:
    answers = {changes for _, changes in published(story)}
    assert uncovered(answers) == set()
    for insider in sorted({event[0] for answer in answers for event in answer}):
        assert uncovered(answers, [insider]) == set(), "who knows one answer"


@settings(max_examples=100)
@given(stories())
def test_no_difference_of_two_answers_concerns_few_people(story: Story) -> None:
    for shown in zip(*published(story), strict=True):
        for one, other in product(set(shown), repeat=2):
            assert len({person for person, _ in one ^ other}) in {0, *range(FEWEST, 99)}


# The attack finds what it is meant to find.


def uniform(sizes: dict[str, int], *, late: int = 0) -> Story:
    """People of these challenges who all answer at once, the last ``late`` ones two weeks later than the others."""
    people = [{"side": "mentor", "organisation": "o", "challenge": name} for name in sizes for _ in range(sizes[name])]
    size = len(people)
    answered = [1] * (size - late) + [3] * late
    return Story(people, [0] * size, [99] * size, answered, [set() for _ in range(size)], 5, WEEKS)


def test_naive_total_minus_the_shown_rows_is_uncovered() -> None:
    story = uniform({"culture": 8, "tools": 7, "awareness": 2})
    assert uncovered(figures for figures, _ in naive(story)) == {"p15", "p16"}
    assert uncovered(changes for _, changes in naive(story)) == {"p15", "p16"}
    assert uncovered(figures for figures, _ in published(story)) == set()


def test_naive_difference_of_two_dates_is_uncovered() -> None:
    story = uniform({"culture": 12}, late=1)
    assert uncovered(changes for _, changes in naive(story)) == {"p11"}
    assert uncovered(changes for _, changes in published(story)) == set()


def test_insider_uncovers_a_row_of_six_to_five_only() -> None:
    story = uniform({"culture": FEWEST_ANSWERS})
    assert len(set.union(*({who for who, _ in changes} for _, changes in published(story)))) == FEWEST_ANSWERS
    assert uncovered((changes for _, changes in published(story)), ["p00"]) == set()
    assert uncovered((changes for _, changes in published(story)), ["p00", "p01"]) != set()


def test_exact_arithmetic_sees_a_combination_of_three_rows() -> None:
    one, other = (frozenset((f"p{place}", "answer") for place in places) for places in (range(12), range(6)))
    third = frozenset((f"p{place}", "answer") for place in range(6, 11))
    assert uncovered([one, other]) == set()
    assert uncovered([one, other, third]) == {"p11"}


# The guard: who knows every sum and one answer still considers each answer of everybody else possible.


def _possible(people: int, widest: int, guard: Callable[[int, int, int], int]) -> dict[int, set[tuple[int, int]]]:
    """By shown sum, each pair of answers that the first two of these people may have given."""
    scale = range(-widest, widest + 1)
    shown: dict[int, set[tuple[int, int]]] = {}
    for answers in product(scale, repeat=people):
        shown.setdefault(guard(sum(answers), people, widest), set()).add((answers[0], answers[1]))
    return shown


@pytest.mark.parametrize(("people", "widest"), [(6, 1), (6, 2), (7, 2), (9, 1)])
def test_each_answer_stays_possible_for_everybody(people: int, widest: int) -> None:
    everything = set(product(range(-widest, widest + 1), repeat=2))
    assert all(possible == everything for possible in _possible(people, widest, guarded).values())


def test_unguarded_sum_uncovers_everybody_at_its_extreme() -> None:
    assert (1 + KNOWN, _possible(6, 1, lambda total, *_: total)[6]) == (2, {(1, 1)})


@given(st.integers(FEWEST_ANSWERS, 5000), st.integers(1, 20), st.data())
def test_guard_leaves_room_for_everybody_at_any_size(people: int, widest: int, data: st.DataObject) -> None:
    total = data.draw(st.integers(-people * widest, people * widest))
    shown = guarded(total, people, widest)
    for known in (-widest, widest):
        for answer in (-widest, widest):
            assert abs(shown - known - answer) <= (people - 2) * widest, "the others can make up for it"
