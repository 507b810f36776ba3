"""Progress as its readers see it: which rows are shown, when they change, and what they say."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.programmes.model.progress.batches import FEWEST_ANSWERS, guarded, release
from services.programmes.model.progress.groups import FEWEST, Person, divide
from services.programmes.model.progress.progress import MOST_HISTORY, Progress
from services.programmes.model.progress.table import Row, table

NOW = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = timedelta(days=7)
WIDEST = 4


def people(
    number: int, prefix: str = "p", *, sessions: int = 0, change: int | None = None, **traits: str
) -> list[Person]:
    facts = {"people": 1, "agreed": 1, "sessions": sessions}
    changes = None if change is None else {"ai": change}
    return [Person(f"{prefix}{place:03}", traits, facts, changes) for place in range(number)]


def update(progress: Progress, everybody: Sequence[Person], week: int = 0, *, closed: bool = False) -> None:
    progress.update(everybody, NOW + week * WEEK, every=WEEK, widest=WIDEST, closed=closed)


def after(everybody: Sequence[Person], *, closed: bool = False, updates: int = 1) -> Progress:
    progress = Progress("programme")
    for week in range(updates):
        update(progress, everybody, week, closed=closed)
    return progress


def row(progress: Progress, by: str | None = None, value: str | None = None, organisation: str | None = None) -> Row:
    return next(one for one in table(progress, organisation) if (one.by, one.value) == (by, value))


def counted(progress: Progress, by: str | None = None, value: str | None = None) -> int | None:
    figures = row(progress, by, value).figures
    return figures["people"] if figures else None


# Figures.


def test_five_people_are_shown_and_four_withheld() -> None:
    assert counted(after(people(FEWEST))) == 5
    assert counted(after(people(FEWEST - 1))) is None


def test_both_sides_are_rows() -> None:
    progress = after([*people(20, "m", side="mentor"), *people(20, "e", side="mentee")])
    assert counted(progress) == 40
    assert counted(progress, "side", "mentor") == counted(progress, "side", "mentee") == 20


def test_row_that_would_uncover_four_is_withheld_with_another() -> None:
    everybody = [
        person
        for challenge, number in {"culture": 40, "advocacy": 30, "tools": 6, "awareness": 4}.items()
        for person in people(number, challenge, challenge=challenge)
    ]
    progress = after(everybody)
    shown = {value: counted(progress, "challenge", value) for value in ("culture", "advocacy", "tools", "awareness")}
    assert shown == {"culture": 40, "advocacy": 30, "tools": None, "awareness": None}
    assert counted(progress) == 80


def test_companies_are_rows_within_their_challenge() -> None:
    sizes = {("culture", "AXA"): 6, ("culture", "Engie"): 6, ("tools", "AXA"): 6, ("tools", "Engie"): 3}
    everybody = [
        person
        for (challenge, company), number in sizes.items()
        for person in people(number, challenge + company, challenge=challenge, organisation=company)
    ]
    progress = after(everybody)
    assert counted(progress, "organisation", "AXA") == 6, "nine of the tools are only shown together"
    assert counted(progress, "organisation", "Engie") == 6
    assert counted(progress, "challenge", "tools") == 9


def test_organiser_sees_own_people_only() -> None:
    ours = people(8, "a", organisation="AXA", side="mentor")
    everybody = [*ours, *people(7, "b", organisation="Engie", side="mentee")]
    progress = after(everybody)
    assert [one.by for one in table(progress, "AXA")].count("organisation") == 0
    assert row(progress, organisation="AXA").figures == row(progress, "organisation", "AXA").figures
    assert row(progress, "side", "mentee", organisation="AXA").figures is None
    assert row(progress, organisation="Colas").figures is None


def test_figures_stay_until_five_people_changed() -> None:
    before = people(10)
    progress = after(before)
    for changed in range(1, FEWEST):
        update(progress, [*people(changed, sessions=1), *before[changed:]], changed)
        assert row(progress).figures == {**_figures(10), "sessions": 0}
    update(progress, [*people(FEWEST, sessions=1), *before[FEWEST:]], FEWEST)
    assert row(progress).figures == {**_figures(10), "sessions": FEWEST}
    assert row(progress).updated_at == NOW + FEWEST * WEEK


def _figures(number: int) -> dict[str, int]:
    names = ("people", "agreed", "paired", "parted", "pairs", "ended", "sessions")
    return {**dict.fromkeys(names, 0), "people": number, "agreed": number}


def test_late_person_is_counted_once_five_have_changed() -> None:
    progress = after(people(10, side="mentor"))
    late = people(1, "z", side="mentor")
    update(progress, [*people(10, side="mentor"), *late], 1)
    assert counted(progress) == 10
    update(progress, [*people(4, side="mentor", sessions=1), *people(10, side="mentor")[4:], *late], 2)
    assert counted(progress) == 11


def test_late_person_of_another_row_is_not_counted_in_a_foreign_one() -> None:
    progress = after(people(10, side="mentor"))
    late = people(10, "z", side="mentee")
    update(progress, [*people(10, side="mentor"), *late], 1)
    assert counted(progress) == 10


def test_erased_person_stays_in_the_sums_under_no_id() -> None:
    everybody = people(10, change=1)
    progress = after(everybody, closed=True, updates=2)
    shown = table(progress)
    progress.forget(["p003"])
    update(progress, [one for one in everybody if one.id != "p003"], 3)
    assert [(one.figures, one.changes) for one in table(progress)] == [(one.figures, one.changes) for one in shown]
    assert "p003" not in str(progress)


def test_frozen_progress_keeps_the_table_and_no_id() -> None:
    progress = after(people(10, change=1), closed=True, updates=2)
    shown = table(progress)
    progress.freeze()
    assert table(progress) == shown
    assert "p00" not in str(progress)
    assert progress.due_at is None


def test_history_grows_with_updates_only_and_is_bounded() -> None:
    progress = Progress("programme")
    for week in range(MOST_HISTORY + 5):
        update(progress, people(8, sessions=week // 2 * 2), week)
    assert len(progress.history) == (MOST_HISTORY + 5) // 2 + 1
    for week in range(MOST_HISTORY * 2):
        update(progress, people(8, sessions=1000 + week), week)
    assert len(progress.history) == MOST_HISTORY


# Self-assessments.


def test_changes_of_five_are_withheld_and_of_six_shown() -> None:
    assert row(after(people(FEWEST_ANSWERS - 1, change=1), closed=True, updates=3)).changes is None
    changes = row(after(people(FEWEST_ANSWERS, change=1), closed=True, updates=3)).changes
    assert changes is not None
    assert (changes.people, changes.means) == (6, {"ai": 1.0})


def test_both_assessments_are_needed() -> None:
    everybody = [*people(8, change=1), *people(8, "without")]
    changes = row(after(everybody, closed=True, updates=2)).changes
    assert changes is not None
    assert changes.people == 8


def test_small_row_waits_for_others_until_the_end() -> None:
    everybody = [*people(9, "m", side="mentor", change=1), *people(3, "e", side="mentee", change=2)]
    progress = after(everybody)
    assert row(progress, "side", "mentor").changes == row(progress).changes
    assert progress.assessed == [one.id for one in everybody[:9]]
    more = [*everybody, *people(4, "f", side="mentee", change=0)]
    update(progress, more, 1)
    assert row(progress, "side", "mentee").changes is not None


def test_people_of_small_challenges_are_put_together_at_the_end() -> None:
    everybody = [*people(4, "m", challenge="tools", change=1), *people(4, "e", challenge="culture", change=1)]
    progress = after(everybody, closed=True)
    assert row(progress).changes is None, "somebody may still be answering"
    update(progress, everybody, 1, closed=True)
    assert row(progress).changes is not None
    assert row(progress, "challenge", "tools").changes is None


def test_sides_with_statements_of_their_own_share_no_batch() -> None:
    mentors = [Person(f"m{place}", {"side": "mentor"}, {}, {"explaining": 1, "both": 1}) for place in range(6)]
    mentees = [Person(f"e{place}", {"side": "mentee"}, {}, {"finding": 0, "both": 0}) for place in range(18)]
    changes = row(after([*mentors, *mentees])).changes
    assert changes is not None
    assert (changes.people, changes.mean) == (24, 0.2)
    assert changes.means == {"explaining": 1.0, "finding": 0.0, "both": 0.2}
    few = row(after([*mentors[:3], *mentees[:3]], closed=True, updates=3)).changes
    assert few is None, "six together, but three of each statement"


def test_changed_answer_after_its_batch_changes_nothing() -> None:
    progress = after(people(8, side="mentor", change=1))
    shown = table(progress)
    update(progress, people(8, side="mentor", change=-3), 1)
    assert [one.changes for one in table(progress)] == [one.changes for one in shown]


@pytest.mark.parametrize("values", [[4] * 8, [-4] * 8])
def test_extreme_mean_is_shown_at_its_guard(values: list[int]) -> None:
    ((batch, _),) = release(people(8, side="mentor", change=values[0]), WIDEST, NOW, last=True)
    assert abs(batch.sums["ai"]) == 8 * 4 - 16


def test_ordinary_mean_is_exact() -> None:
    assert guarded(9, 12, WIDEST) == 9


# Groups.


def test_no_group_is_too_small_and_everybody_is_in_one() -> None:
    everybody = [
        Person(f"{place}", {"side": "mentor" if place % 3 else "mentee", "organisation": f"o{place % 7}"})
        for place in range(60)
    ]
    groups = divide(everybody, ("side", "organisation"), FEWEST)
    assert min(map(len, groups)) >= FEWEST
    assert sorted(one.id for group in groups for one in group) == sorted(one.id for one in everybody)


def test_many_small_companies_are_one_row_together() -> None:
    everybody = [Person(f"{place:02}", {"organisation": f"o{place}"}) for place in range(40)]
    assert [len(group) for group in divide(everybody, ("organisation",), FEWEST)] == [40]
