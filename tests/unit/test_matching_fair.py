"""The fair order of a list: nearly equal fits take turns, better fits stay in front."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.model import GIVEN, Considered, fair

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
THIS = "2026-03"


def listed(*scores: float, **changes: Any) -> list[Considered]:
    return [Considered(f"m{place}", f"card-{place}", score=score, **changes) for place, score in enumerate(scores)]


def counts(invited: int, others: int = 0, month: str = THIS) -> dict[str, dict[str, int]]:
    return {month: {"invited": invited, "others-first": others}}


def order(places: list[Considered], exposure: dict[str, Any], wanted: int = 99, **more: Any) -> str:
    return "".join(one.account.removeprefix("m") for one in fair(places, exposure, wanted, NOW, **more))


def test_without_counts_the_order_is_that_of_the_score() -> None:
    assert order(listed(0.9, 0.89, 0.88, 0.5), {}) == "0123"


def test_least_invited_of_nearly_equal_fits_goes_first() -> None:
    places = listed(0.9, 0.89, 0.88)
    assert order(places, {"m0": counts(10, 10), "m1": counts(5, 15), "m2": counts(1, 19)}) == "210"


def test_better_fit_by_more_than_is_given_up_is_never_passed_by() -> None:
    """Among many who are hardly ever invited, one who always is gives up nearly all of `GIVEN`."""
    seldom = {f"m{place}": counts(1, 9_999) for place in range(2, 50)}
    exposure = {"m0": counts(10_000), "m1": counts(0, 10_000), **seldom}
    most = 0.9 * (1 - GIVEN)
    assert order(listed(0.9, most - 0.01, *[0.01] * 48), exposure)[:2] == "01"
    assert order(listed(0.9, most + 0.05, *[0.01] * 48), exposure)[:2] == "10"


def test_difference_in_score_weighs_against_that_in_exposure() -> None:
    often, seldom = counts(60, 40), counts(50, 50)
    assert order(listed(0.9, 0.89), {"m0": often, "m1": seldom}) == "10"
    assert order(listed(0.9, 0.8), {"m0": often, "m1": seldom}) == "01"


@pytest.mark.parametrize("length", [1, 10, 100])
def test_what_is_given_up_does_not_depend_on_how_often_the_others_are_eligible(length: int) -> None:
    exposure = {"m0": counts(60, 60 * length), "m1": counts(30, 30 + 60 * length)}
    assert order(listed(0.9, 0.87), exposure) == "10"
    assert order(listed(0.9, 0.6), exposure) == "01"


def test_one_round_weighs_little_against_many() -> None:
    """One of one against 18 of 20: the average counts as some rounds in each share."""
    more = {f"m{place}": counts(10, 10) for place in (2, 3, 4)}
    assert order(listed(0.9, 0.9, 0.1, 0.1, 0.1), {"m0": counts(18, 2), "m1": counts(1), **more})[:2] == "10"


def test_only_recent_months_count() -> None:
    places, long_ago = listed(0.9, 0.89), counts(50, 0, "2025-12")
    assert order(places, {"m0": long_ago, "m1": counts(3, 3)}) == "01"
    assert order(places, {"m0": counts(50, 0, "2026-01"), "m1": counts(3, 3)}) == "10"


def test_who_excludes_somebody_is_not_lifted_above_the_average() -> None:
    rare = {"m0": counts(5, 5), "m1": counts(0, 10), "m2": counts(10, 0)}
    assert order(listed(0.9, 0.89, 0.88), rare)[0] == "1"
    assert order(listed(0.9, 0.89, 0.88, excluded=("Danone",)), rare)[0] == "0"


def test_places_beyond_those_wanted_keep_the_order_of_the_score() -> None:
    rare = {f"m{place}": counts(9 - 2 * place, 10) for place in range(4)}
    assert order(listed(0.9, 0.89, 0.88, 0.87), rare) == "3210"
    assert order(listed(0.9, 0.89, 0.88, 0.87), rare, wanted=1) == "3012"


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), st.integers(0, 20)), max_size=30),
    st.integers(0, 40),
    st.floats(0, 1),
)
def test_every_mentor_keeps_one_place_and_nobody_passes_a_clearly_better_fit(
    drawn: list[tuple[float, int, int]], wanted: int, given_up: float
) -> None:
    drawn.sort(key=lambda one: -one[0])
    places = listed(*(score for score, _, _ in drawn))
    exposure = {one.account: counts(*row[1:]) for one, row in zip(places, drawn, strict=True)}
    found = fair(places, exposure, wanted, NOW, given_up)
    assert sorted(found, key=lambda one: one.account) == sorted(places, key=lambda one: one.account)
    for place, one in enumerate(found):
        assert one.score >= max(later.score for later in found[place:]) * (1 - given_up) - 1e-9


def test_mentors_of_equal_fit_share_the_invitations_evenly() -> None:
    """Twelve equal mentors, three invitations a round: by score the first three would have them all."""
    places, invited = listed(*(0.9 - place / 10_000 for place in range(12))), dict.fromkeys(range(12), 0)
    for number in range(40):
        exposure = {f"m{place}": counts(done, number - done) for place, done in invited.items()}
        for one in fair(places, exposure, 3, NOW)[:3]:
            invited[int(one.account.removeprefix("m"))] += 1
    assert set(invited.values()) <= {9, 10, 11}


@pytest.mark.parametrize("wanted", [0, 5])
def test_empty_list_stays_empty(wanted: int) -> None:
    assert fair([], {}, wanted, NOW) == []
