"""What a mentor's exposure counts, and in which months it is read."""

from datetime import UTC, datetime

import pytest

from services.matching.model import MONTHS, TOLD, earlier, ended_months, tallied

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
NONE = dict.fromkeys(TOLD, 0)


def test_each_listed_mentor_is_counted_once_with_what_became_of_them() -> None:
    outcomes = [("b", "cap"), ("c", "conflict"), ("d", "waits"), ("e", "left-out"), ("f", "paused"), ("g", "away")]
    found = tallied("p", "abcdefgh", [("a", "invited"), *outcomes], ["a"], NOW)
    assert found.codes == {
        "a": "invited", "b": "cap", "c": "others-first", "d": "others-first", "e": "left-out", "f": "paused",
        "g": "away", "h": "others-first",
    }  # fmt: skip
    assert (found.project_id, found.month) == ("p", "2026-03")


def test_later_wave_and_an_invitation_by_hand_win() -> None:
    found = tallied("p", "ab", [("a", "waits"), ("a", "cap"), ("b", "waits"), ("b", "by-operator")], ["b", "z"], NOW)
    assert found.codes == {"a": "cap", "b": "invited", "z": "invited"}


def test_erased_places_are_not_counted() -> None:
    assert tallied("p", ["", "a"], [("", "invited")], [], NOW).codes == {"a": "others-first"}


@pytest.mark.parametrize(
    ("month", "back", "found"), [("2026-03", 1, "2026-02"), ("2026-01", 1, "2025-12"), ("2026-12", 12, "2025-12")]
)
def test_months_are_counted_back_over_new_year(month: str, back: int, found: str) -> None:
    assert earlier(month, back) == found


def test_only_the_twelve_months_that_are_over_are_read_newest_first() -> None:
    months = {earlier("2026-03", back): NONE for back in range(15)}
    read = [month for month, _ in ended_months(months, NOW)]
    assert (read[0], read[-1], len(read)) == ("2026-02", "2025-03", MONTHS)


def test_month_ends_by_the_clock_of_the_market() -> None:
    assert ended_months({"2026-02": NONE}, datetime(2026, 2, 28, 22, 59, tzinfo=UTC)) == []
    assert ended_months({"2026-02": NONE}, datetime(2026, 2, 28, 23, 1, tzinfo=UTC)) == [("2026-02", NONE)]
