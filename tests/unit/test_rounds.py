"""The rules of a round of quotes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.facts import Fact, Refusal
from contracts.market import SLOTS
from services.quotes.model import Round, Seat, Terms, check_terms, open_round

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WINDOW = timedelta(hours=48)
LATER = "2026-06-30"


def a_round(**changes: Any) -> Round:
    posted = {"client": "c", "window": WINDOW, "posted_at": START, "close_early": True, "auto_extend": False}
    return open_round("p", posted | changes)


def quote(round: Round, mentor: str, at: datetime = START) -> list[str]:
    return [fact.name for fact in round.submit(Seat(mentor, f"card-{mentor}"), f"q-{mentor}", "d" + mentor, LATER, at)]


def terms(starts_on: str, valid_until: str, currency: str = "EUR") -> Terms:
    return Terms({"amount": 1, "currency": currency}, 3, starts_on, "Une idée.", valid_until)


def refused(action: Any, *args: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        action(*args)
    return refusal.value.name


def test_fifth_quote_ends_the_window_and_sixth_is_refused() -> None:
    round = a_round()
    for mentor in "abcd":
        assert quote(round, mentor) == ["quote.submitted"]
    assert quote(round, "e") == ["quote.submitted", "window.closed"]
    assert round.reason == "full"
    assert refused(quote, round, "f") == "window-ended"
    assert len(round.quotes) == SLOTS


def test_full_round_without_close_early_stays_open_but_refuses() -> None:
    round = a_round(close_early=False)
    for mentor in "abcde":
        quote(round, mentor)
    assert round.open
    assert refused(quote, round, "f") == "round-full"
    assert round.revise("a", "new", LATER, START + timedelta(hours=1)) == []
    assert [fact.name for fact in round.withdraw("b", START + timedelta(hours=2))] == ["quote.withdrawn"]
    assert quote(round, "f", START + timedelta(hours=3)) == ["quote.submitted"]


def test_checks_of_a_quote_run_in_the_documented_order() -> None:
    round = a_round(close_early=False)
    for mentor in "abcde":
        quote(round, mentor)
    assert refused(quote, round, "a") == "already-quoted"
    assert refused(quote, round, "z") == "round-full"
    assert refused(quote, round, "a", START + WINDOW) == "window-ended"


@pytest.mark.parametrize(("late", "name"), [(timedelta(0), "window-ended"), (timedelta(days=9), "window-ended")])
def test_quote_at_or_after_the_deadline_is_refused(late: timedelta, name: str) -> None:
    assert refused(quote, a_round(), "a", START + WINDOW + late) == name


def test_quote_one_millisecond_before_the_deadline_is_accepted() -> None:
    assert quote(a_round(), "a", START + WINDOW - timedelta(milliseconds=1)) == ["quote.submitted"]


def test_claim_lasts_a_sixth_of_the_window_capped_at_eight_hours() -> None:
    short, long = a_round(window=timedelta(hours=6)), a_round(window=timedelta(days=30))
    assert short.claim(Seat("a", "card"), START)[0].data["expires_at"] == START + timedelta(hours=1)
    assert long.claim(Seat("a", "card"), START)[0].data["expires_at"] == START + timedelta(hours=8)


def test_claims_fill_slots_and_expiry_frees_one_once() -> None:
    round = a_round()
    for mentor in "abcde":
        round.claim(Seat(mentor, "card-" + mentor), START)
    assert refused(quote, round, "f") == "round-full"
    later = START + timedelta(hours=8)
    assert [fact.name for fact in round.pass_time(later)] == ["slot.released"] * 5
    assert refused(round.claim, Seat("a", "card-a"), later) == "claim-spent"
    assert quote(round, "a", later) == ["quote.submitted"]
    assert quote(round, "f", later) == ["quote.submitted"]


def test_valid_claim_is_returned_again_until_a_quote_replaces_it() -> None:
    round = a_round()
    round.claim(Seat("a", "card-a"), START)
    assert round.claim(Seat("a", "card-a"), START + timedelta(hours=1)) == []
    assert quote(round, "a", START + timedelta(hours=2)) == ["quote.submitted"]
    assert len(round.slots) == 1
    assert refused(round.claim, Seat("a", "card-a"), START) == "already-quoted"


def test_window_with_four_quotes_is_extended_by_half_once() -> None:
    round = a_round(auto_extend=True)
    for mentor in "abcd":
        quote(round, mentor)
    after = START + WINDOW + timedelta(seconds=1)
    assert quote(round, "e", after) == ["window.extended", "quote.submitted", "window.closed"]
    assert round.closes_at == START + WINDOW * 1.5


def test_window_is_extended_once() -> None:
    round = a_round(auto_extend=True)
    assert [fact.name for fact in round.pass_time(START + WINDOW)] == ["window.extended"]
    assert round.pass_time(START + WINDOW * 1.4) == []
    [closed] = round.pass_time(START + WINDOW * 1.5)
    assert (closed.name, closed.data["reason"], closed.data["closed_at"]) == (
        "window.closed",
        "deadline",
        START + WINDOW * 1.5,
    )


def test_client_extends_an_open_window_by_half_once() -> None:
    round = a_round()
    quote(round, "a")
    at = START + timedelta(hours=40)
    assert round.extends_to == START + timedelta(hours=72)
    assert [(fact.name, fact.data) for fact in round.extend(at)] == [
        ("window.extended", {"closes_at": START + timedelta(hours=72)})
    ]
    assert (round.closes_at, round.accepts_until, round.due_at) == (START + timedelta(hours=72),) * 3
    assert quote(round, "b", START + timedelta(hours=71)) == ["quote.submitted"]
    assert refused(round.extend, at) == "not-extendable"
    assert round.extends_to is None


@pytest.mark.parametrize(
    ("changes", "quotes", "at", "name"),
    [
        ({"auto_extend": True}, "a", 1, "not-extendable"),
        ({"close_early": False}, "abcde", 1, "not-extendable"),
        ({}, "abcde", 1, "window-ended"),
        ({}, "a", 48, "window-ended"),
    ],
)
def test_window_that_extends_itself_or_is_full_or_over_is_not_extended(
    changes: dict[str, Any], quotes: str, at: int, name: str
) -> None:
    round = a_round(**changes)
    for mentor in quotes:
        quote(round, mentor)
    before = round.closes_at
    assert refused(round.extend, START + timedelta(hours=at)) == name
    assert round.closes_at == before


@pytest.mark.parametrize(("last_day", "allowed"), [("2026-03-04", False), ("2026-03-05", True)])
def test_window_is_not_extended_beyond_a_quote_that_would_lapse(last_day: str, allowed: bool) -> None:
    round = a_round()
    round.submit(Seat("a", "card-a"), "q-a", "da", last_day, START)
    assert (round.extends_to is not None) == allowed


def test_window_ends_once_with_sorted_digests_and_no_price() -> None:
    round = a_round()
    for mentor in "cab":
        quote(round, mentor)
    [closed] = round.pass_time(START + WINDOW + timedelta(hours=1))
    assert closed.data["digests"] == ["da", "db", "dc"]
    assert closed.data["closed_at"] == START + WINDOW
    told = {"quote_id", "account", "mentor_id", "valid_until"}
    assert {key for sent in closed.data["quotes"] for key in sent} == told
    assert round.pass_time(START + WINDOW * 2) == []
    assert round.due_at is None


def test_window_lasts_48_elapsed_hours_across_clock_changes() -> None:
    for posted in (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)):
        assert a_round(posted_at=posted).closes_at - posted == timedelta(hours=48)


def test_cancelled_round_deletes_quotes_and_publishes_one_event_each() -> None:
    round = a_round()
    quote(round, "a")
    round.claim(Seat("b", "card-b"), START)
    [settled] = round.cancel(START)
    assert settled.data["quotes"] == [{"quote_id": "q-a", "account": "a", "outcome": "destroyed"}]
    assert (round.reason, round.digests, round.cancel(START)) == ("cancelled", [], [])


def test_an_award_settles_every_quote() -> None:
    round = a_round()
    for mentor in "abcde":
        quote(round, mentor)
    [settled] = round.award("q-c")
    outcomes = {quote["account"]: quote["outcome"] for quote in settled.data["quotes"]}
    assert outcomes == {"a": "not_chosen", "b": "not_chosen", "c": "accepted", "d": "not_chosen", "e": "not_chosen"}
    assert round.award("q-a") == []


@pytest.mark.parametrize("outcome", ["refused", "lapsed"])
def test_round_without_a_choice_settles_every_quote_once(outcome: str) -> None:
    round = a_round()
    quote(round, "a")
    quote(round, "b")
    round.pass_time(START + WINDOW)
    [settled] = round.end_unchosen(outcome)
    assert [quote["outcome"] for quote in settled.data["quotes"]] == [outcome] * 2
    assert round.end_unchosen(outcome) == round.award("q-a") == []


def test_past_dates_and_wrong_currency_are_reported_by_field() -> None:
    with pytest.raises(Refusal) as refusal:
        check_terms(terms("2026-03-01", LATER, "USD"), a_round(), START)
    assert [error["field"] for error in refusal.value.errors] == ["starts_on", "price.currency"]


def test_today_is_the_day_in_paris() -> None:
    late_evening = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)  # the 2nd of July in Paris
    with pytest.raises(Refusal) as refusal:
        check_terms(terms("2026-07-01", "2026-07-02"), a_round(posted_at=late_evening - WINDOW), late_evening)
    assert [error["field"] for error in refusal.value.errors] == ["starts_on"]


@pytest.mark.parametrize(
    ("changes", "last_day", "wrong"),
    [
        ({}, "2026-03-03", ["valid_until"]),
        ({}, "2026-03-04", []),
        ({"auto_extend": True}, "2026-03-04", ["valid_until"]),
        ({"auto_extend": True}, "2026-03-05", []),
    ],
)
def test_quote_must_be_valid_until_the_window_ends(changes: Any, last_day: str, wrong: list[str]) -> None:
    errors = []
    try:
        check_terms(terms(LATER, last_day), a_round(**changes), START)
    except Refusal as refusal:
        errors = [error["field"] for error in refusal.errors]
    assert errors == wrong


def test_declining_releases_the_claim_and_bars_the_mentor() -> None:
    round = a_round()
    for mentor in "abcde":
        round.claim(Seat(mentor, "card-" + mentor), START)
    for mentor in "abcde":
        assert [fact.name for fact in round.decline(mentor)] == ["slot.released"]
        assert round.decline(mentor) == []
    assert (round.slots, round.slot_free(START)) == ([], True)
    seat = Seat("a", "card-a", declined=True)
    assert refused(round.claim, seat, START) == "declined"
    assert refused(round.submit, seat, "q", "d", LATER, START) == "declined"
    assert refused(round.claim, seat, START + WINDOW) == "window-ended"


def test_submitted_quote_stands_despite_a_later_decline() -> None:
    round = a_round()
    quote(round, "a")
    assert round.decline("a") == []
    assert [slot.account for slot in round.quotes] == ["a"]
    assert refused(round.claim, Seat("a", "card-a", declined=True), START) == "already-quoted"


def test_end_event_states_each_quotes_validity() -> None:
    round = a_round()
    quote(round, "a")
    round.revise("a", "new", "2026-07-31", START)
    closed = round.pass_time(START + WINDOW)[-1]
    assert [one["valid_until"] for one in closed.data["quotes"]] == ["2026-07-31"]


ACTIONS = st.tuples(st.sampled_from(["claim", "submit", "withdraw", "revise", "pass"]), st.sampled_from("abcdefgh"))


@given(
    st.lists(st.tuples(ACTIONS, st.integers(0, 6)), max_size=60),
    st.booleans(),
    st.booleans(),
)
def test_round_never_exceeds_five_quotes_and_closes_once(
    history: list[Any], close_early: bool, auto_extend: bool
) -> None:
    round, now, closed = a_round(close_early=close_early, auto_extend=auto_extend), START, 0
    for (action, mentor), hours in history:
        now += timedelta(hours=hours)
        try:
            effects: dict[str, Callable[[], list[Fact]]] = {
                "claim": partial(round.claim, Seat(mentor, mentor), now),
                "submit": partial(round.submit, Seat(mentor, mentor), "q-" + mentor, "d", LATER, now),
                "withdraw": partial(round.withdraw, mentor, now),
                "revise": partial(round.revise, mentor, "d2", LATER, now),
                "pass": partial(round.pass_time, now),
            }
            facts = effects[action]()
        except Refusal:
            facts = []
        closed += sum(fact.name == "window.closed" for fact in facts)
        assert len(round.slots) <= SLOTS
        assert len({slot.account for slot in round.slots}) == len(round.slots)
        assert closed == (0 if round.open else 1)
    round.pass_time(START + WINDOW * 2)
    assert not round.open
