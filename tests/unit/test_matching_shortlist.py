"""The rules of a shortlist: waves of invitations, declining, conflicts."""

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


def test_first_wave_has_the_configured_size() -> None:
    assert a_shortlist().wanted(BASE, START) == BASE


def test_wave_lists_mentors_and_plans_next_after_window_eighth() -> None:
    shortlist = a_shortlist()
    (fact,) = shortlist.invite(mentors(2), START)
    assert fact.name == "mentors.invited"
    invited = [{"account": "m0", "mentor_id": "card-0"}, {"account": "m1", "mentor_id": "card-1"}]
    assert fact.data == {"wave": 1, "mentors": invited}
    assert shortlist.due_at == START + STEP


def test_empty_wave_publishes_nothing_but_plans_the_next() -> None:
    shortlist = a_shortlist()
    assert shortlist.invite([], START) == []
    assert (shortlist.waves, shortlist.due_at) == (0, START + STEP)


def test_waves_of_a_short_window_are_200_ms_apart() -> None:
    shortlist = a_shortlist(window=timedelta(seconds=1))
    shortlist.invite(mentors(2), START)
    assert shortlist.due_at == START + timedelta(seconds=0.2)


def test_no_wave_is_planned_after_the_deadline() -> None:
    shortlist = a_shortlist()
    shortlist.next_wave_at = late = START + WINDOW - timedelta(hours=1)
    shortlist.invite(mentors(1), late)
    assert shortlist.due_at is None


@pytest.mark.parametrize(("empty", "size"), [(5, 20), (4, 16), (1, 4), (0, 0)])
def test_wave_size_follows_the_empty_slots(empty: int, size: int) -> None:
    assert wave_size(empty, BASE, 20, 10) == size


def test_wave_for_an_empty_slot_invites_at_least_one() -> None:
    assert wave_size(1, 1, 1, 1) == 1


@pytest.mark.parametrize(("answered", "size"), [(0, 40), (1, 40), (2, 20), (20, 20)])
def test_wave_doubles_below_ten_percent_of_answers(answered: int, size: int) -> None:
    assert wave_size(5, BASE, 20, answered) == size


def test_wave_never_exceeds_the_limit_of_an_event() -> None:
    assert wave_size(5, 10**6, 0, 0) == wave_size(5, 10**6, 100, 0) == invitations_needed(5, 10**6) == MOST_A_WAVE


def test_claims_and_quotes_fill_slots_until_they_end() -> None:
    shortlist = after_first_wave()
    shortlist.update_standing("m0", CLAIMED, 2)
    shortlist.update_standing("m1", QUOTED, 3)
    assert shortlist.empty_slots == 3
    assert shortlist.wanted(BASE, START + STEP) == 12
    shortlist.update_standing("m0", FREE, 4)
    assert shortlist.empty_slots == 4


def test_no_invitations_while_every_slot_is_filled() -> None:
    shortlist = after_first_wave()
    for number in range(5):
        shortlist.update_standing(f"m{number}", QUOTED, number + 2)
    assert shortlist.wanted(BASE, START + STEP) == 0


@pytest.mark.parametrize("end", [lambda s: s.cancel(), lambda s: s.close("deadline", [], 9)])
def test_no_invitations_after_the_round_has_ended(end: Any) -> None:
    shortlist = after_first_wave()
    end(shortlist)
    assert (shortlist.wanted(BASE, START + STEP), shortlist.due_at) == (0, None)


def test_no_invitations_after_the_deadline_by_the_clock() -> None:
    assert after_first_wave().wanted(BASE, START + WINDOW) == 0


def test_extension_starts_a_wave_if_none_was_planned() -> None:
    shortlist = after_first_wave()
    shortlist.next_wave_at = shortlist.due_at = None
    later = START + WINDOW
    shortlist.extend(START + WINDOW * 1.5, later)
    assert (shortlist.due_at, shortlist.wanted(BASE, later)) == (later, 40)


def test_extension_received_before_the_project_is_kept() -> None:
    shortlist = Shortlist("p")
    shortlist.extend(START + WINDOW * 1.5, START)
    shortlist.post(posted(), START)
    assert shortlist.closes_at == START + WINDOW * 1.5


def test_project_received_after_its_end_has_no_invitations() -> None:
    shortlist = Shortlist("p")
    shortlist.close("full", [], 9)
    shortlist.post(posted(), START)
    assert (shortlist.wanted(BASE, START), shortlist.due_at) == (0, None)


# Events in any order.


def test_round_events_apply_by_sequence_in_any_order() -> None:
    news = [("m0", CLAIMED, 2), ("m0", QUOTED, 3), ("m1", CLAIMED, 4), ("m1", FREE, 5), ("m0", FREE, 6)]
    ends = []
    for order in permutations(news):
        shortlist = a_shortlist()
        for said in (*order, order[0]):
            shortlist.update_standing(*said)
        ends.append(shortlist)
    assert all(end == ends[0] for end in ends)
    assert ends[0].empty_slots == 5


def test_window_end_decides_who_quoted_despite_late_events() -> None:
    shortlist = after_first_wave()
    shortlist.close("deadline", ["m3"], 9)
    shortlist.update_standing("m3", CLAIMED, 2)
    shortlist.update_standing("m4", CLAIMED, 3)
    assert shortlist.state_of("m3", seen=True) == "quoted"
    assert shortlist.state_of("m4", seen=True) == "closed"


# Declining.


def test_decline_is_published_and_invites_one_replacement_immediately() -> None:
    shortlist = after_first_wave()
    at = START + timedelta(hours=1)
    (fact,) = shortlist.decline("m7", BASE, at)
    assert (fact.name, fact.data) == ("invitation.declined", {"account": "m7"})
    assert (shortlist.due_at, shortlist.wanted(BASE, at)) == (at, 1)
    shortlist.invite(mentors(1, first=BASE), at)
    assert shortlist.due_at == START + STEP


def test_decline_with_enough_open_invitations_changes_no_wave() -> None:
    shortlist = after_first_wave()
    shortlist.update_standing("m0", QUOTED, 2)
    shortlist.update_standing("m1", QUOTED, 3)
    shortlist.decline("m7", BASE, START)
    assert (shortlist.waiting, shortlist.due_at) == (17, START + STEP)


def test_decline_after_the_last_wave_invites_only_one_mentor() -> None:
    shortlist = after_first_wave()
    shortlist.next_wave_at = None
    shortlist.decline("m7", BASE, START)
    assert shortlist.wanted(BASE, START) == 1
    shortlist.invite(mentors(1, first=BASE), START)
    assert shortlist.due_at is None


def test_declining_twice_publishes_one_event() -> None:
    shortlist = after_first_wave()
    shortlist.decline("m7", BASE, START)
    assert shortlist.decline("m7", BASE, START) == []
    assert shortlist.decline("m7", BASE, START + WINDOW) == []


def test_mentor_who_has_quoted_cannot_decline() -> None:
    shortlist = after_first_wave()
    shortlist.update_standing("m0", QUOTED, 2)
    assert refused(shortlist.decline, "m0", BASE, START) == "already-quoted"
    shortlist.close("deadline", ["m0"], 9)
    assert refused(shortlist.decline, "m0", BASE, START) == "already-quoted"


def test_declining_after_the_window_is_refused() -> None:
    shortlist = after_first_wave()
    assert refused(shortlist.decline, "m0", BASE, START + WINDOW) == "window-ended"
    shortlist.cancel()
    assert refused(shortlist.decline, "m0", BASE, START) == "window-ended"


def test_window_about_to_be_extended_has_not_ended() -> None:
    shortlist = a_shortlist(auto_extend=True)
    shortlist.invite(mentors(2), START)
    assert shortlist.decline("m0", BASE, START + WINDOW) != []
    assert refused(shortlist.decline, "m1", BASE, START + WINDOW * 1.5) == "window-ended"


# States.


def test_invitation_goes_from_sent_to_quoted() -> None:
    shortlist = after_first_wave()
    assert shortlist.state_of("m0", seen=False) == "sent"
    assert shortlist.state_of("m0", seen=True) == "seen"
    shortlist.update_standing("m0", CLAIMED, 2)
    assert shortlist.state_of("m0", seen=True) == "claimed"
    shortlist.update_standing("m0", QUOTED, 3)
    assert shortlist.state_of("m0", seen=True) == "quoted"
    shortlist.cancel()
    assert shortlist.state_of("m0", seen=True) == "quoted"


def test_ended_claim_or_withdrawn_quote_keeps_the_invitation_open() -> None:
    shortlist = after_first_wave()
    shortlist.update_standing("m0", CLAIMED, 2)
    shortlist.update_standing("m0", FREE, 3)
    assert shortlist.state_of("m0", seen=True) == "seen"


def test_declined_invitation_stays_declined_unless_the_mentor_quotes() -> None:
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
def test_excluded_organisations_conflict_in_any_spelling(blind: dict[str, list[str]], conflict: bool) -> None:
    shortlist = a_shortlist(**{name: digests(SECRET, "p", names) for name, names in blind.items()})
    mentor = Listed("m", "kX3-_9aQ", school="ESSEC", excluded=("NESTLE WATERS SAS",))
    assert shortlist.conflicts(mentor, SECRET) is conflict


def test_digests_of_another_project_cause_no_conflict() -> None:
    shortlist = a_shortlist(blind_client=digests(SECRET, "another", ["Nestlé"]))
    assert not shortlist.conflicts(Listed("m", "card", excluded=("Nestlé",)), SECRET)
