"""The rules of a shortlist, without any engine."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from chassis.facts import Refusal
from contracts.blind import digests
from services.matching.model import CLAIMED, FREE, MOST_A_WAVE, QUOTED, Listed, Shortlist, invitations_needed, wave_size

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WINDOW = timedelta(hours=48)
STEP = timedelta(hours=6)
BASE = 20
SECRET = b"secret"


def a_shortlist(**changes: Any) -> Shortlist:
    shortlist = Shortlist("p")
    shortlist.post(posted(**changes), START)
    return shortlist


def posted(**changes: Any) -> dict[str, Any]:
    return {
        "client": "client",
        "title": "Title",
        "brief": "Brief",
        "topics": ["crm"],
        "languages": ["fr"],
        "descriptor": {"sector": "food", "size": "large"},
        "budget": None,
        "window": WINDOW,
        "posted_at": START,
        "auto_extend": False,
        "blind_client": [],
        "blind_mentors": [],
        "blind_schools": [],
    } | changes


def mentors(count: int, first: int = 0) -> list[Listed]:
    return [Listed(f"m{number}", f"card-{number}") for number in range(first, first + count)]


def after_first_wave() -> Shortlist:
    shortlist = a_shortlist()
    shortlist.invite(mentors(BASE), START)
    return shortlist


def refused(action: Any, *args: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        action(*args)
    return refusal.value.name


# Waves.


def test_the_first_wave_is_as_large_as_the_setting_says() -> None:
    assert a_shortlist().wanted(BASE, START) == BASE


def test_a_wave_tells_accounts_and_cards_and_plans_the_next_after_an_eighth_of_the_window() -> None:
    shortlist = a_shortlist()
    (fact,) = shortlist.invite(mentors(2), START)
    assert fact.name == "mentors.invited"
    invited = [{"account": "m0", "mentor_id": "card-0"}, {"account": "m1", "mentor_id": "card-1"}]
    assert fact.data == {"wave": 1, "mentors": invited}
    assert shortlist.due_at == START + STEP


def test_a_wave_to_nobody_tells_nothing_and_still_plans_the_next() -> None:
    shortlist = a_shortlist()
    assert shortlist.invite([], START) == []
    assert (shortlist.waves, shortlist.due_at) == (0, START + STEP)


def test_a_short_window_has_its_waves_a_fifth_of_a_second_apart() -> None:
    shortlist = a_shortlist(window=timedelta(seconds=1))
    shortlist.invite(mentors(2), START)
    assert shortlist.due_at == START + timedelta(seconds=0.2)


def test_no_wave_is_planned_past_the_deadline() -> None:
    shortlist = a_shortlist()
    shortlist.next_wave_at = late = START + WINDOW - timedelta(hours=1)
    shortlist.invite(mentors(1), late)
    assert shortlist.due_at is None


@pytest.mark.parametrize(("empty", "size"), [(5, 20), (4, 16), (1, 4), (0, 0)])
def test_a_wave_follows_the_empty_slots(empty: int, size: int) -> None:
    assert wave_size(empty, BASE, 20, 10) == size


def test_a_wave_for_an_empty_slot_invites_somebody_however_small_the_setting() -> None:
    assert wave_size(1, 1, 1, 1) == 1


@pytest.mark.parametrize(("answered", "size"), [(0, 40), (1, 40), (2, 20), (20, 20)])
def test_a_wave_is_doubled_when_fewer_than_one_in_ten_answered(answered: int, size: int) -> None:
    assert wave_size(5, BASE, 20, answered) == size


def test_a_wave_never_outgrows_an_event() -> None:
    assert wave_size(5, 10**6, 0, 0) == wave_size(5, 10**6, 100, 0) == invitations_needed(5, 10**6) == MOST_A_WAVE


def test_claims_and_quotes_fill_slots_and_what_ends_frees_them() -> None:
    shortlist = after_first_wave()
    shortlist.update_standing("m0", CLAIMED, 2)
    shortlist.update_standing("m1", QUOTED, 3)
    assert shortlist.empty_slots == 3
    assert shortlist.wanted(BASE, START + STEP) == 12
    shortlist.update_standing("m0", FREE, 4)
    assert shortlist.empty_slots == 4


def test_nobody_is_invited_while_no_slot_is_empty() -> None:
    shortlist = after_first_wave()
    for number in range(5):
        shortlist.update_standing(f"m{number}", QUOTED, number + 2)
    assert shortlist.wanted(BASE, START + STEP) == 0


@pytest.mark.parametrize("end", [lambda s: s.cancel(), lambda s: s.close("deadline", [], 9)])
def test_nobody_is_invited_once_the_round_is_over(end: Any) -> None:
    shortlist = after_first_wave()
    end(shortlist)
    assert (shortlist.wanted(BASE, START + STEP), shortlist.due_at) == (0, None)


def test_nobody_is_invited_by_the_clock_past_the_deadline() -> None:
    assert after_first_wave().wanted(BASE, START + WINDOW) == 0


def test_an_extension_brings_a_wave_at_once_where_none_was_to_come() -> None:
    shortlist = after_first_wave()
    shortlist.next_wave_at = shortlist.due_at = None
    later = START + WINDOW
    shortlist.extend(START + WINDOW * 1.5, later)
    assert (shortlist.due_at, shortlist.wanted(BASE, later)) == (later, 40)


def test_an_extension_that_comes_before_the_project_is_kept() -> None:
    shortlist = Shortlist("p")
    shortlist.extend(START + WINDOW * 1.5, START)
    shortlist.post(posted(), START)
    assert shortlist.closes_at == START + WINDOW * 1.5


def test_a_project_that_was_over_before_it_was_known_invites_nobody() -> None:
    shortlist = Shortlist("p")
    shortlist.close("full", [], 9)
    shortlist.post(posted(), START)
    assert (shortlist.wanted(BASE, START), shortlist.due_at) == (0, None)


# News in any order.


def test_what_the_round_says_counts_by_its_sequence_in_every_order() -> None:
    news = [("m0", CLAIMED, 2), ("m0", QUOTED, 3), ("m1", CLAIMED, 4), ("m1", FREE, 5), ("m0", FREE, 6)]
    ends = []
    for order in permutations(news):
        shortlist = a_shortlist()
        for said in (*order, order[0]):
            shortlist.update_standing(*said)
        ends.append(shortlist)
    assert all(end == ends[0] for end in ends)
    assert ends[0].empty_slots == 5


def test_the_end_of_the_window_says_who_quoted_whatever_comes_late() -> None:
    shortlist = after_first_wave()
    shortlist.close("deadline", ["m3"], 9)
    shortlist.update_standing("m3", CLAIMED, 2)
    shortlist.update_standing("m4", CLAIMED, 3)
    assert shortlist.state_of("m3", seen=True) == "quoted"
    assert shortlist.state_of("m4", seen=True) == "closed"


# Declining.


def test_a_decline_is_told_and_lets_one_other_in_at_once() -> None:
    shortlist = after_first_wave()
    at = START + timedelta(hours=1)
    (fact,) = shortlist.decline("m7", BASE, at)
    assert (fact.name, fact.data) == ("invitation.declined", {"account": "m7"})
    assert (shortlist.due_at, shortlist.wanted(BASE, at)) == (at, 1)
    shortlist.invite(mentors(1, first=BASE), at)
    assert shortlist.due_at == START + STEP


def test_a_decline_while_enough_invitations_stay_open_changes_no_wave() -> None:
    shortlist = after_first_wave()
    shortlist.update_standing("m0", QUOTED, 2)
    shortlist.update_standing("m1", QUOTED, 3)
    shortlist.decline("m7", BASE, START)
    assert (shortlist.waiting, shortlist.due_at) == (17, START + STEP)


def test_a_decline_after_the_last_planned_wave_brings_one_mentor_and_no_whole_wave() -> None:
    shortlist = after_first_wave()
    shortlist.next_wave_at = None
    shortlist.decline("m7", BASE, START)
    assert shortlist.wanted(BASE, START) == 1
    shortlist.invite(mentors(1, first=BASE), START)
    assert shortlist.due_at is None


def test_declining_twice_is_told_once() -> None:
    shortlist = after_first_wave()
    shortlist.decline("m7", BASE, START)
    assert shortlist.decline("m7", BASE, START) == []
    assert shortlist.decline("m7", BASE, START + WINDOW) == []


def test_who_has_quoted_does_not_decline() -> None:
    shortlist = after_first_wave()
    shortlist.update_standing("m0", QUOTED, 2)
    assert refused(shortlist.decline, "m0", BASE, START) == "already-quoted"
    shortlist.close("deadline", ["m0"], 9)
    assert refused(shortlist.decline, "m0", BASE, START) == "already-quoted"


def test_nobody_declines_after_the_window() -> None:
    shortlist = after_first_wave()
    assert refused(shortlist.decline, "m0", BASE, START + WINDOW) == "window-ended"
    shortlist.cancel()
    assert refused(shortlist.decline, "m0", BASE, START) == "window-ended"


def test_a_window_that_is_about_to_be_extended_has_not_ended() -> None:
    shortlist = a_shortlist(auto_extend=True)
    shortlist.invite(mentors(2), START)
    assert shortlist.decline("m0", BASE, START + WINDOW) != []
    assert refused(shortlist.decline, "m1", BASE, START + WINDOW * 1.5) == "window-ended"


# States.


def test_an_invitation_goes_from_sent_to_quoted() -> None:
    shortlist = after_first_wave()
    assert shortlist.state_of("m0", seen=False) == "sent"
    assert shortlist.state_of("m0", seen=True) == "seen"
    shortlist.update_standing("m0", CLAIMED, 2)
    assert shortlist.state_of("m0", seen=True) == "claimed"
    shortlist.update_standing("m0", QUOTED, 3)
    assert shortlist.state_of("m0", seen=True) == "quoted"
    shortlist.cancel()
    assert shortlist.state_of("m0", seen=True) == "quoted"


def test_a_claim_that_ended_and_a_quote_taken_back_leave_the_invitation_open() -> None:
    shortlist = after_first_wave()
    shortlist.update_standing("m0", CLAIMED, 2)
    shortlist.update_standing("m0", FREE, 3)
    assert shortlist.state_of("m0", seen=True) == "seen"


def test_a_declined_invitation_stays_declined_unless_its_mentor_quotes_after_all() -> None:
    shortlist = after_first_wave()
    shortlist.update_standing("m0", CLAIMED, 2)
    shortlist.decline("m0", BASE, START)
    assert shortlist.state_of("m0", seen=True) == "declined"
    shortlist.cancel()
    assert shortlist.state_of("m0", seen=True) == "declined"
    shortlist.update_standing("m0", QUOTED, 3)
    assert shortlist.state_of("m0", seen=True) == "quoted"


# Conflicts.


@pytest.mark.parametrize(
    ("blind", "conflict"),
    [
        ({"blind_client": ["Nestlé Waters", "nestle.com"]}, True),
        ({"blind_client": ["Danone"]}, False),
        ({"blind_schools": ["essec"]}, True),
        ({"blind_schools": ["HEC"]}, False),
        ({"blind_mentors": ["kX3-_9aQ"]}, True),
        ({"blind_mentors": ["another-card"]}, False),
        ({"blind_schools": ["Nestlé Waters"], "blind_mentors": ["ESSEC"], "blind_client": ["kX3-_9aQ"]}, False),
    ],
)
def test_those_who_are_not_to_meet_conflict_however_they_are_written(
    blind: dict[str, list[str]], conflict: bool
) -> None:
    shortlist = a_shortlist(**{name: digests(SECRET, "p", names) for name, names in blind.items()})
    mentor = Listed("m", "kX3-_9aQ", school="ESSEC", excluded=("NESTLE WATERS SAS",))
    assert shortlist.conflicts(mentor, SECRET) is conflict


def test_digests_of_another_project_say_nothing() -> None:
    shortlist = a_shortlist(blind_client=digests(SECRET, "another", ["Nestlé"]))
    assert not shortlist.conflicts(Listed("m", "card", excluded=("Nestlé",)), SECRET)
