"""How pairs end: one by one, with somebody who leaves, and with the programme."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.facts import Refusal
from services.programmes.model.ending import CLOSED_AS, ban_key, blind, close, end_pair, leave, scopes_of, without
from services.programmes.model.pairs import ACTIVE, COMPLETED, ENDED_EARLY, PROPOSED, Pair
from services.programmes.model.participants import LEFT, Participant
from services.programmes.model.programme import CLOSED, PUBLISHED, RUNNING, Programme
from services.programmes.model.programme import PROPOSED as BEFORE

NOW = datetime(2031, 6, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECRET = b"a secret of this test"


def programme(state: str = RUNNING) -> Programme:
    return Programme("p", "owner-1", "Vingt avec vingt", "pairing", NOW - 90 * DAY, organisation="org-1", state=state)


def participant(side: str = "mentee") -> Participant:
    return Participant("b", "p", "E01", "Anne", "anne@pwn.example", side, NOW - 80 * DAY, state="agreed")


def pair(mentor: str = "a", mentee: str = "b", state: str = ACTIVE) -> Pair:
    return Pair(f"p:{mentor}:{mentee}", "p", mentor, mentee, NOW - 60 * DAY, state=state, due_at=NOW)


def refused(name: str) -> Any:
    return pytest.raises(Refusal, match=f"^{name}$")


# Pairs.


@pytest.mark.parametrize(
    ("by", "rematch", "waiting"),
    [
        ("a", True, ["a", "b"]),
        ("a", False, ["b"]),
        ("b", False, ["a"]),
        (None, True, ["a", "b"]),
        (None, False, []),
    ],
)
def test_ended_pair_keeps_only_when_it_ended(by: str | None, rematch: bool, waiting: list[str]) -> None:
    one = pair()
    ending = end_pair(one, by, "no-fit", rematch, NOW)
    assert (one.state, one.ended, one.due_at) == (ENDED_EARLY, {"at": NOW}, None)
    assert list(one.waiting) == waiting
    assert (ending.by, ending.reason) == (by, "no-fit")


@pytest.mark.parametrize("state", [PROPOSED, COMPLETED, ENDED_EARLY])
def test_only_an_active_pair_can_be_ended(state: str) -> None:
    with refused("pair-not-active"):
        end_pair(pair(state=state), "a", "other", True, NOW)


def test_pairs_of_somebody_who_leaves_end_and_their_partners_wait() -> None:
    person, leader = participant(), programme()
    pairs = [pair("a", "b"), pair("c", "b", PROPOSED), pair("a", "d"), pair("e", "b", ENDED_EARLY)]
    leave(person, leader)
    ended = without(person, pairs, NOW)
    assert person.state == LEFT
    assert [(one.mentor, one.state, list(one.waiting)) for one in ended] == [
        ("a", ENDED_EARLY, ["a"]),
        ("c", ENDED_EARLY, ["c"]),
    ]
    assert pairs[2].state == ACTIVE


@pytest.mark.parametrize("state", [BEFORE, CLOSED])
def test_nobody_leaves_or_closes_a_programme_that_is_not_under_way(state: str) -> None:
    with refused("wrong-state"):
        leave(participant(), programme(state))
    with refused("wrong-state"):
        close(programme(state), NOW)


@pytest.mark.parametrize("state", [PUBLISHED, RUNNING])
def test_programme_under_way_is_closed_with_its_pairs(state: str) -> None:
    one = programme(state)
    close(one, NOW)
    assert (one.state, one.closed_at) == (CLOSED, NOW)
    assert CLOSED_AS == {ACTIVE: COMPLETED, PROPOSED: ENDED_EARLY}


# Never again.


def test_blind_digest_depends_on_the_organisation_and_not_on_spelling() -> None:
    one = blind(SECRET, "org-1", "Anne@PWN.example ")
    assert one == blind(SECRET, "org-1", "anne@pwn.example")
    assert len({one, blind(SECRET, "org-2", "anne@pwn.example"), blind(b"other", "org-1", "anne@pwn.example")}) == 3
    assert "anne" not in one


def test_never_again_is_the_same_from_both_sides() -> None:
    assert ban_key("x", "y") == ban_key("y", "x") != ban_key("x", "z")


def test_never_again_holds_in_the_organisation_and_with_the_owner() -> None:
    one = programme()
    assert scopes_of(one) == ["org-1", "owner-1"]
    one.organisation = None
    assert scopes_of(one) == ["owner-1"]
