"""Publication, the answers to a pair, their time, and new partners afterwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.facts import Refusal
from services.programmes.model import answers
from services.programmes.model.ending import stop
from services.programmes.model.notices import Notice
from services.programmes.model.pairing import Paired
from services.programmes.model.pairs import ACTIVE, ENDED_EARLY, PROPOSED, Pair, pair_id
from services.programmes.model.participants import Participant
from services.programmes.model.programme import PROPOSED as REVIEWED
from services.programmes.model.programme import PUBLISHED, Programme, Rules
from services.programmes.model.proposal import Proposal
from services.programmes.model.publication import announcements, check_covered, publish_programme
from services.programmes.model.rematching import free_people, new_pairs, outcome, problem_for, resting_people, room

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
PEOPLE = [Participant(ref, "prog", ref, ref, f"{ref}@x.example", side, NOW)
          for ref, side in (("a", "mentor"), ("b", "mentor"), ("x", "mentee"), ("y", "mentee"))]  # fmt: skip


def programme() -> Programme:
    return Programme("prog", "owner", "Twenty", "pairing", NOW, state=REVIEWED)


def pair(two: str = "ax", at: datetime = NOW) -> Pair:
    one = Pair(pair_id("prog", two[0], two[1]), "prog", two[0], two[1], at)
    answers.publish(one, at, WEEK)
    return one


def say(one: Pair, side: str, accepted: bool, at: datetime = NOW) -> list[Notice]:
    return answers.answer(one, side, accepted, at)


def refusal(one: Pair, side: str, accepted: bool) -> str:
    with pytest.raises(Refusal) as refused:
        say(one, side, accepted)
    return refused.value.name


def told(notices: list[Notice]) -> list[tuple[str, str | None]]:
    return [(one.kind, one.participant) for one in notices]


def lapsed(two: str, *accepted: str) -> Pair:
    one = pair(two)
    for side in accepted:
        say(one, side, True)
    answers.remind(one, (), NOW + WEEK / 2)
    answers.lapse(one, NOW + WEEK)
    return one


# Publication.


def test_publication_asks_each_pair_within_the_period() -> None:
    made = programme()
    pairs = publish_programme(made, Proposal("s1", "prog", "", NOW, [Paired("a", "x", 0.7, (), None)]), NOW)
    assert (made.state, made.published_at) == (PUBLISHED, NOW)
    assert [(one.id, one.published, one.answer_by, one.due_at) for one in pairs] == [
        ("prog:a:x", True, NOW + WEEK, NOW + WEEK / 2)
    ]
    with pytest.raises(Refusal, match="wrong-state"):
        publish_programme(made, Proposal("s1", "prog", "", NOW, []), NOW)


def test_everybody_is_told_once_even_with_two_pairs() -> None:
    notices = announcements([pair("ax"), pair("ay")], PEOPLE)
    assert told(notices) == [("pair-published", "a"), ("pair-published", "x"), ("pair-published", "y"),
                             ("left-unpaired", "b")]  # fmt: skip


def test_uncovered_people_are_named_by_ref() -> None:
    check_covered([])
    with pytest.raises(Refusal) as refused:
        check_covered(PEOPLE[2:])
    assert (refused.value.name, refused.value.extra) == ("infeasible", {"unpaired": ["x", "y"], "conflicts": []})


# Answers.


def test_pair_is_active_once_both_have_accepted() -> None:
    one = pair()
    assert say(one, "mentee", True) == []
    assert one.state == PROPOSED
    assert told(say(one, "mentor", True)) == [("pair-active", "a"), ("pair-active", "x")]
    assert (one.state, one.active_at, one.due_at) == (ACTIVE, NOW, None)


def test_same_answer_again_changes_nothing() -> None:
    one = pair()
    say(one, "mentee", True)
    say(one, "mentor", True)
    assert say(one, "mentor", True) == []
    other = pair("by")
    say(other, "mentee", False)
    assert say(other, "mentee", False) == []


def test_declining_ends_the_pair_and_both_wait() -> None:
    one = pair()
    say(one, "mentor", True)
    say(one, "mentee", False)
    assert (one.state, one.due_at, one.waiting, one.unsettled) == (ENDED_EARLY, None, ["a", "x"], True)
    assert one.ended == {"at": NOW, "how": "declined"}


def test_answer_may_change_until_the_pair_is_active() -> None:
    one = pair()
    say(one, "mentee", True)
    say(one, "mentee", False)
    assert one.state == ENDED_EARLY
    assert refusal(one, "mentor", True) == refusal(one, "mentee", True) == "pair-ended"
    active = pair("by")
    say(active, "mentor", True)
    say(active, "mentee", True)
    assert refusal(active, "mentee", False) == "pair-active"


def test_reminder_reaches_who_has_not_answered() -> None:
    one = pair()
    say(one, "mentor", True)
    half = NOW + WEEK / 2
    assert answers.remind(one, (), half) == [Notice("answer-reminder", "x", {"pair": one.id, "answer_by": NOW + WEEK})]
    assert (one.reminded_at, one.due_at) == (half, NOW + WEEK)
    assert answers.remind(pair(), ("a", "x"), half) == []


def test_late_reminder_leaves_a_quarter_of_the_time() -> None:
    one = pair()
    answers.remind(one, (), NOW + WEEK)
    assert one.answer_by == one.due_at == NOW + WEEK + WEEK / 4


def test_lapse_ends_the_pair_and_whoever_accepted_waits() -> None:
    one = lapsed("ax", "mentee")
    assert (one.state, one.waiting, one.unsettled, one.due_at) == (ENDED_EARLY, ["x"], True, None)
    assert one.ended == {"at": NOW + WEEK, "how": "no-answer"}


def test_silent_people_and_who_asked_for_nobody_rest() -> None:
    assert resting_people([lapsed("ax", "mentee")]) == {"a"}
    assert resting_people([lapsed("ax")]) == {"a", "x"}
    ended = pair("by")
    stop(ended, ["y"], NOW)
    assert resting_people([ended]) == {"b"}
    declined = pair("bx", NOW + WEEK)
    say(declined, "mentor", False, NOW + WEEK)
    assert resting_people([ended, declined]) == set(), "the last pair counts"


# New partners.


def test_room_is_capacity_less_live_pairs() -> None:
    rules, mentor = Rules(capacity=2), PEOPLE[0]
    assert [room(rules, mentor, taken) for taken in (0, 1, 2, 3)] == [2, 1, 0, 0]
    assert room(rules, replace(mentor, capacity=3), 1) == 2
    assert room(rules, PEOPLE[2], 0) == 1


def test_only_willing_people_with_room_are_free() -> None:
    pairs = [pair("by"), lapsed("ax", "mentee")]
    assert free_people(Rules(), PEOPLE, pairs) == {"x": 1}
    gone = [replace(one, state="left") for one in PEOPLE]
    assert free_people(Rules(), gone, []) == {}


def test_problem_has_free_people_and_those_above_them_only() -> None:
    people = [replace(PEOPLE[0], manager_ref="b"), replace(PEOPLE[1], manager_ref="boss"), *PEOPLE[2:]]
    found = problem_for(Rules(), people, [pair("by")], {("a", "q")})
    assert {one.id: one.capacity for one in found.people} == {"a": 1, "b": 0, "x": 1}
    assert found.before == {("b", "y"), ("a", "q")}


def test_two_who_have_partners_get_no_other_through_a_rematch() -> None:
    rules = Rules(capacity=2, mentee_capacity=2)
    found = problem_for(rules, PEOPLE[:3], [pair("ax")], set())
    assert found.forbidden == {("a", "x")}
    assert {one.id: one.capacity for one in found.people} == {"a": 1, "b": 2, "x": 1}


def test_found_pair_that_became_impossible_is_dropped() -> None:
    found = [Paired("a", "x", 0.5, (), None), Paired("b", "y", 0.5, (), None), Paired("b", "x", 0.5, (), None)]
    before = [lapsed("by", "mentor", "mentee")]
    made = new_pairs(programme(), found, PEOPLE, before, NOW)
    assert [one.id for one in made] == ["prog:a:x"]
    assert made[0].answer_by == NOW + WEEK


def test_rematched_are_told_and_the_owner_learns_a_number() -> None:
    ended = [lapsed("ax", "mentee"), lapsed("by", "mentor", "mentee")]
    made = [pair("bx", NOW + WEEK)]
    found = outcome(made, ended, ended, PEOPLE)
    assert told(list(found.notices)) == [
        ("pair-changed", "b"), ("pair-changed", "x"), ("left-unpaired", "y"), ("needs-attention", None),
    ]  # fmt: skip
    assert found.notices[-1].data == {"count": 2}, "the one who waits and the one who did not answer"


def test_nobody_is_told_if_nobody_is_left_alone() -> None:
    ended = [lapsed("ax", "mentee", "mentor")]
    assert told(list(outcome([pair("bx"), pair("ay")], ended, ended, PEOPLE).notices)) == [
        ("pair-published", "b"), ("pair-changed", "x"), ("pair-changed", "a"), ("pair-published", "y"),
    ]  # fmt: skip
