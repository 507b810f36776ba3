"""The model of who answers and when: mentors' rates, the market, the chance of five quotes and the size of a wave."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.model import Ended, Market, Record, Round, aim, chance, ended_round, further, learn, phase_of
from services.matching.model.activity import BINS, PRIOR, active_hours, hour_of_week, normalised
from services.matching.model.answers import Sent, own_rates, weight_of
from services.matching.model.market import (
    FITS,
    HALF_LIFE,
    LEVELS,
    PHASES,
    PRIOR_MEAN,
    STEPS,
    market_document,
    market_from,
)
from services.matching.model.newcomers import PLACES, reserve_places

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WINDOW = timedelta(hours=48)
KNOWN = Market(mean=0.3, doubt=0.001, concentration=4.0, spread=0.3, learnt=5_000.0)
HOUR = timedelta(hours=1)


def a_round(invited: int, at: datetime = MONDAY, **changes: Any) -> Round:
    """A round in which so many were invited at its beginning; ``changes`` are those of the first of them."""
    sent = [Sent(at=MONDAY) for _ in range(invited)]
    if changes:
        sent[0] = replace(sent[0], **changes)
    return Round(sent, at, MONDAY + WINDOW, WINDOW)


def record(quoted: float, missed: float, now: datetime = MONDAY) -> Record:
    return Record().plus(Record(quoted, missed), now)


def an_end(**changes: Any) -> Ended:
    plain = {
        "at": MONDAY,
        "quoted": 5,
        "missed": 5.0,
        "lapsed": 0,
        "five": True,
        "hours": [1.0] * STEPS,
        "quotes": [0.1] * STEPS,
        "expected": [1.0] * BINS,
        "found": [1.0] * BINS,
        "fits": [0.0] * FITS,
    }
    return Ended(**{**plain, **changes})


# Hours of the week.


def test_a_week_has_as_many_active_hours_as_hours() -> None:
    weights = normalised(PRIOR)
    starts = np.array([0.0, 33.3, 120.0])
    assert active_hours(weights, starts, np.array([168.0, 336.0, 168.0])) == pytest.approx([168, 336, 168])


def test_weekend_ages_an_invitation_less_than_working_days() -> None:
    weights = normalised(PRIOR)
    friday, monday = (active_hours(weights, np.array([day * 24 + 18.0]), np.array([48.0])) for day in (4, 0))
    assert friday < 0.8 * monday


def test_hours_are_those_of_the_mentor() -> None:
    assert hour_of_week(MONDAY, "Europe/Paris") == 10
    assert hour_of_week(MONDAY, "Asia/Tokyo") == 18


# A mentor's own rate.


def test_mentor_without_answers_has_the_market_rate() -> None:
    assert own_rates(KNOWN, [Record()], MONDAY) == pytest.approx([0.3])


def test_own_rate_is_the_mean_of_the_updated_beta() -> None:
    (found,) = own_rates(KNOWN, [record(3, 2)], MONDAY)
    assert found == pytest.approx((0.3 * 4 + 3) / (4 + 3 + 2))


@given(st.lists(st.booleans(), max_size=12))
def test_answers_one_by_one_give_the_rate_of_all_at_once(answers: list[bool]) -> None:
    one = Record()
    for yes in answers:
        one = one.plus(Record(float(yes), float(not yes)), MONDAY)
    together = record(sum(answers), len(answers) - sum(answers))
    assert own_rates(KNOWN, [one], MONDAY) == pytest.approx(own_rates(KNOWN, [together], MONDAY))


def test_answer_has_half_its_weight_after_the_half_life() -> None:
    old = record(4, 2).at(MONDAY + HALF_LIFE)
    assert (old.quoted, old.missed) == (pytest.approx(2), pytest.approx(1))
    assert weight_of(MONDAY + HALF_LIFE) == pytest.approx(2 * weight_of(MONDAY))


def test_newcomer_has_no_quote_and_hardly_an_ended_invitation() -> None:
    assert Record().is_new(MONDAY)
    assert record(0, 1.5).is_new(MONDAY)
    assert not record(0, 2.5).is_new(MONDAY)
    assert not record(1, 0).is_new(MONDAY + 10 * HALF_LIFE)


# The market.


def test_market_without_rounds_is_the_prior() -> None:
    assert learn([], MONDAY) == Market()
    assert (Market().mean, Market().learnt) == (PRIOR_MEAN, 0)


def test_market_rate_moves_from_the_prior_to_what_happened() -> None:
    few, many = learn([an_end(quoted=1, missed=9.0)], MONDAY), learn([an_end(quoted=1, missed=9.0)] * 200, MONDAY)
    assert 0.1 < few.mean < PRIOR_MEAN
    assert many.mean == pytest.approx(0.1, abs=0.002)
    assert many.doubt < few.doubt < Market().doubt


def test_older_rounds_weigh_less_in_the_market() -> None:
    rounds = [an_end(quoted=50, missed=0.0, at=MONDAY - 4 * HALF_LIFE), an_end(quoted=0, missed=50.0)]
    assert learn(rounds, MONDAY).mean < 0.2
    assert learn(rounds[:1], MONDAY).learnt == pytest.approx(50 / 16)


def test_hours_with_more_quotes_than_expected_become_more_active() -> None:
    market = learn([an_end(expected=[100.0] * BINS, found=[300.0, *[100.0] * (BINS - 1)])], MONDAY)
    assert market.activity[0] > 2 * market.activity[1]


def test_spread_and_concentration_follow_the_likelihood() -> None:
    logs = [0.0] * FITS
    logs[0] = 100.0
    market = learn([an_end(fits=logs)], MONDAY)
    assert (market.concentration, market.spread) == (pytest.approx(1.0), pytest.approx(0.1))


def test_share_of_quotes_arrived_rises_from_none_to_all() -> None:
    arrived = Market().arrived(np.linspace(0, 60, 200))
    assert (arrived[0], arrived[-1]) == (0, pytest.approx(1))
    assert (np.diff(arrived) >= -1e-12).all()


def test_market_is_read_as_it_was_stored() -> None:
    market = learn([an_end(stated=[[0, 0.4], [1, 0.9]])], MONDAY)
    assert market_from(market_document(market)) == market


def test_chance_is_told_as_it_came_true_before() -> None:
    rounds = [an_end(stated=[[0, 0.45]], five=number % 10 != 0) for number in range(400)]
    market = learn(rounds, MONDAY)
    assert market.calibrated(0, 0.45) == pytest.approx(0.9, abs=0.04)
    assert market.calibrated(1, 0.45) == pytest.approx(0.45, abs=0.02)


@given(st.lists(st.tuples(st.integers(0, PHASES - 1), st.floats(0, 1), st.booleans()), max_size=40))
def test_told_chance_never_falls_as_the_computed_rises(said: list[tuple[int, float, bool]]) -> None:
    market = learn([an_end(stated=[[phase, told]], five=five) for phase, told, five in said], MONDAY)
    for phase in range(PHASES):
        told = [market.calibrated(phase, level / (3 * LEVELS)) for level in range(3 * LEVELS + 1)]
        assert all(0 <= low <= high + 1e-9 <= 1 + 2e-9 for low, high in pairwise(told))


# The chance of five.


def test_chance_is_the_binomial_where_all_are_alike_and_nothing_is_unknown() -> None:
    market = replace(KNOWN, doubt=0.0, spread=1e-6)
    every = chance(market, replace(a_round(20), closes_at=MONDAY + timedelta(days=7)))
    assert every == pytest.approx(0.7625, abs=0.002)  # 1 - sum of C(20, k) 0.3^k 0.7^(20-k) for k below five


@given(st.integers(0, 60), st.integers(1, 30), st.floats(0, 47))
def test_more_invitations_never_lower_the_chance(invited: int, more: int, hours: float) -> None:
    at = MONDAY + hours * HOUR
    fewer = a_round(invited, at)
    new = [Sent(at=at) for _ in range(more)]
    assert chance(KNOWN, replace(fewer, sent=[*fewer.sent, *new])) >= chance(KNOWN, fewer) - 1e-9


@given(st.integers(6, 40), st.floats(0, 47))
def test_decline_never_raises_the_chance(invited: int, hours: float) -> None:
    at = MONDAY + hours * HOUR
    assert chance(KNOWN, a_round(invited, at, gone=True)) <= chance(KNOWN, a_round(invited, at)) + 1e-9


def test_decline_tells_that_the_project_appeals_less() -> None:
    market, declined = replace(KNOWN, spread=0.75), a_round(21, gone=True)
    assert chance(market, declined) < chance(market, a_round(20)) - 0.01


def test_claim_and_quote_raise_the_chance_and_five_make_it_certain() -> None:
    at = MONDAY + 6 * HOUR
    silent, claimed, quoted = (a_round(15, at, **{name: True}) for name in ("gone", "claimed", "quoted"))
    assert chance(KNOWN, silent) < chance(KNOWN, claimed) < chance(KNOWN, quoted) < 1
    five = replace(quoted, sent=[replace(one, quoted=True) for one in quoted.sent[:5]])
    assert chance(KNOWN, five) == 1


def test_silence_lowers_the_chance_as_time_passes() -> None:
    found = [chance(KNOWN, a_round(25, MONDAY + hours * HOUR)) for hours in (0, 12, 24, 36, 47)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.05


def test_doubt_about_the_market_draws_the_chance_toward_the_middle() -> None:
    sure, unsure = KNOWN, replace(KNOWN, doubt=0.5)
    assert chance(sure, a_round(40)) > chance(unsure, a_round(40)) > 0.5
    assert chance(sure, a_round(9)) < chance(unsure, a_round(9)) < 0.5


def test_chance_in_a_short_window_is_that_of_a_long_one() -> None:
    minute = timedelta(minutes=1)
    short = Round([Sent(at=MONDAY) for _ in range(25)], MONDAY, MONDAY + minute, minute)
    assert chance(KNOWN, short) == pytest.approx(chance(KNOWN, a_round(25)), abs=0.2)


# The size of a wave.


def test_wave_is_the_smallest_with_which_the_chance_is_reached() -> None:
    number, reached = further(KNOWN, a_round(0), [], 0.9, 100)
    assert reached >= 0.9 > chance(KNOWN, a_round(number - 1))
    assert chance(KNOWN, a_round(number)) == pytest.approx(reached)


def test_wave_is_larger_where_mentors_answer_less() -> None:
    sizes = [further(replace(KNOWN, mean=mean), a_round(0), [], 0.9, 200)[0] for mean in (0.5, 0.3, 0.1)]
    assert sizes == sorted(sizes)
    assert sizes[2] > 3 * sizes[0]


def test_wave_counts_on_the_answers_of_those_next_on_the_list() -> None:
    keen, silent = [record(20, 1)] * 50, [record(0, 20)] * 50
    assert further(KNOWN, a_round(0), keen, 0.9, 200)[0] < 10 < further(KNOWN, a_round(0), silent, 0.9, 200)[0]


def test_wave_is_empty_where_the_chance_is_reached_and_never_above_its_limit() -> None:
    assert further(KNOWN, a_round(60), [], 0.9, 100)[0] == 0
    assert further(replace(KNOWN, mean=0.01), a_round(0), [], 0.9, 30)[0] == 30
    assert further(KNOWN, a_round(0), [], 0.9, 0)[0] == 0


def test_early_waves_ask_for_less_and_late_ones_for_the_whole_target() -> None:
    asked = [aim(0.98, share) for share in (0, 0.25, 0.5, 0.75, 1)]
    assert asked == sorted(asked)
    assert (asked[0], asked[-2:]) == (pytest.approx(0.49), [0.98, 0.98])


def test_phases_cover_the_window() -> None:
    assert [phase_of(share) for share in (0, 0.24, 0.25, 0.99, 1)] == [0, 0, 1, PHASES - 1, PHASES - 1]


# What an ended round tells.


def test_ended_round_counts_quotes_whole_and_silence_by_its_time() -> None:
    end = MONDAY + 4 * HOUR
    ended, records = ended_round(KNOWN, a_round(10, end, quoted=True, quoted_at=MONDAY + HOUR), [[0, 0.5]])
    assert (ended.quoted, ended.five, list(ended.stated)) == (1, False, [[0, 0.5]])
    assert records[0] == Record(1.0, 0.0)
    assert all(0 < one.missed < 1 for one in records[1:])
    later, _ = ended_round(KNOWN, a_round(10, MONDAY + WINDOW, quoted=True, quoted_at=MONDAY + HOUR), [])
    assert later.missed > ended.missed


def test_decline_and_lapsed_claim_count_as_a_whole_answer() -> None:
    for state in ({"gone": True}, {"gone": True, "lapsed": True}, {"claimed": True}):
        _, records = ended_round(KNOWN, a_round(3, MONDAY + HOUR, **state), [])
        assert records[0] == Record(0.0, 1.0)


def test_silence_counts_only_while_a_slot_was_free() -> None:
    end = MONDAY + 30 * HOUR
    soon = replace(a_round(8, end), full_since=MONDAY + HOUR)
    assert ended_round(KNOWN, soon, [])[0].missed < ended_round(KNOWN, a_round(8, end), [])[0].missed


# Newcomers.


def test_one_place_in_eight_is_a_newcomers() -> None:
    ranked = [f"known-{number}" for number in range(70)] + [f"new-{number}" for number in range(30)]
    found = reserve_places(ranked, lambda one: one.startswith("new"), lambda one: False, "seed")
    assert sorted(found) == sorted(ranked)
    for block in range(10):
        assert sum(one.startswith("new") for one in found[block * PLACES : (block + 1) * PLACES]) == 1
    assert [one for one in found if one.startswith("known")] == ranked[:70]
    assert [one for one in found if one.startswith("new")] == ranked[70:]


def test_places_of_newcomers_depend_on_the_seed_alone() -> None:
    def places(seed: str) -> list[int]:
        return reserve_places(list(range(80)), lambda one: one >= 40, lambda one: False, seed)

    assert places("a") == places("a") != places("b")


def test_busy_mentors_take_no_place_of_the_eight() -> None:
    found = reserve_places(list(range(40)), lambda one: one >= 30, lambda one: one < 7, "seed")
    assert [one >= 30 for one in found[: PLACES + 7]].count(True) == 1


@pytest.mark.parametrize("everybody_new", [True, False])
def test_list_of_one_group_keeps_its_order(everybody_new: bool) -> None:
    assert reserve_places([3, 1, 2], lambda one: everybody_new, lambda one: False, "seed") == [3, 1, 2]
