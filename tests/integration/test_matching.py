"""Shortlists and waves on a real MongoDB, driven by events and time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chassis.mongo import Documents, database_now
from chassis.timers import Timers
from services.matching.handlers import waves as walking
from services.matching.model import waves as rules
from stories.people import in_days
from tests.kit.matching import Matching
from tests.kit.waiting import until


@pytest.fixture
def world(database: Documents) -> Matching:
    return Matching(database, wave=4)


def crowd(world: Matching, count: int, **changes: Any) -> list[str]:
    accounts = [f"mentor-{number:03}" for number in range(count)]
    for account in accounts:
        world.profile(account, **changes)
    return accounts


# The first wave.


def test_posted_project_invites_the_best_matches_in_its_first_wave(world: Matching) -> None:
    for name in ("a", "b", "c", "d"):
        world.profile(f"fit-{name}")
    world.profile("near", skills=["hubspot"])
    world.profile("paused", paused=True)
    world.profile("english", languages=["en"])
    world.profile("none-a-week", weekly_invitations=0)
    world.profile("much-later", available_from=in_days(400))
    world.post("p")
    assert world.waves("p") == [{"fit-a", "fit-b", "fit-c", "fit-d"}]
    (row,) = world.outbox("p")
    cards = {row["_id"]: row["mentor_id"] for row in world.database.profiles.find()}
    assert {m["account"]: m["mentor_id"] for m in row["payload"]["mentors"]}.items() <= cards.items()
    assert not cards.keys() & set(cards.values())
    assert world.database.invitations.count_documents({}) == 4


def test_client_is_never_invited_to_its_own_project(world: Matching) -> None:
    world.profile("both")
    world.profile("other")
    world.post("p", client="both")
    assert world.waves("p") == [{"other"}]


def test_project_handled_after_its_window_invites_no_mentor(world: Matching) -> None:
    crowd(world, 2)
    world.post("p", posted_at=database_now(world.database) - timedelta(hours=49))
    assert world.waves("p") == []
    assert world.database.listings.count_documents({}) == 0


def test_project_posted_twice_has_one_shortlist_and_one_first_wave(world: Matching) -> None:
    crowd(world, 6)
    world.post("p")
    world.post("p", brief="Another")
    assert [len(wave) for wave in world.waves("p")] == [4]
    assert world.invitations(min(world.waves("p")[0]))[0]["brief"]["brief"] != "Another"


# Conflicts exclude a mentor silently.


@pytest.mark.parametrize(
    ("mentor", "project"),
    [
        ({"excluded_organisations": ["NESTLE WATERS S.A."]}, {"avoid_client": ["Nestlé Waters", "nestle.com"]}),
        ({"excluded_organisations": ["https://www.nestle.com/"]}, {"avoid_client": ["Nestlé Waters", "nestle.com"]}),
        ({"school": "E.S.S.E.C."}, {"avoid_schools": ["essec"]}),
    ],
)
def test_mentor_excluded_by_either_side_is_not_invited(
    world: Matching, mentor: dict[str, Any], project: dict[str, Any]
) -> None:
    world.profile("conflicted", **{"school": "HEC"} | mentor)
    world.profile("other", school="HEC")
    world.post("p", **project)
    assert world.waves("p") == [{"other"}]
    assert world.invitations("conflicted") == []


def test_mentor_excluded_by_the_client_is_identified_by_the_card(world: Matching) -> None:
    crowd(world, 2)
    card = world.database.profiles.find_one({"_id": "mentor-000"})["mentor_id"]  # type: ignore[index]
    world.post("p", avoid_mentors=[card])
    assert world.waves("p") == [{"mentor-001"}]


def test_profile_changes_after_posting_do_not_affect_an_open_window(world: Matching) -> None:
    crowd(world, 8)
    world.post("p", avoid_client=["Nestlé"], avoid_schools=["HEC"])
    (first,) = world.waves("p")
    rest = sorted({f"mentor-{number:03}" for number in range(8)} - first)
    world.profile(rest[0], excluded_organisations=["Nestlé"])
    world.profile(rest[1], school="HEC")
    world.profile(rest[2], skills=["photography"], languages=["en"])
    world.pass_time("p")
    assert world.waves("p")[1] == set(rest)


def test_exclusion_lifted_after_posting_does_not_affect_an_open_window(world: Matching) -> None:
    crowd(world, 4)
    world.profile("conflicted", excluded_organisations=["Nestlé"])
    world.post("p", avoid_client=["Nestlé"])
    world.profile("conflicted")
    world.pass_time("p")
    assert set().union(*world.waves("p")) == {f"mentor-{number:03}" for number in range(4)}


def test_mentor_who_pauses_is_not_invited_by_a_later_wave(world: Matching) -> None:
    crowd(world, 6)
    world.post("p")
    rest = {f"mentor-{number:03}" for number in range(6)} - world.waves("p")[0]
    world.profile(min(rest), paused=True)
    world.pass_time("p")
    assert world.waves("p")[1] == {max(rest)}


# Waves.


def test_waves_invite_each_mentor_of_the_shortlist_once(world: Matching) -> None:
    accounts = crowd(world, 15)
    world.post("p")
    for _ in range(4):
        world.pass_time("p")
    waves = world.waves("p")
    assert [len(wave) for wave in waves] == [4, 8, 3]
    assert sorted(account for wave in waves for account in wave) == accounts


def test_shortlist_stored_in_several_chunks_is_walked_without_a_gap(
    world: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "CHUNK", 3)
    accounts = crowd(world, 15)
    world.post("p")
    for _ in range(3):
        world.pass_time("p")
    assert sorted(account for wave in world.waves("p") for account in wave) == accounts


def test_newcomer_is_invited_once_the_shortlist_is_exhausted(world: Matching) -> None:
    crowd(world, 3)
    world.post("p")
    world.profile("late")
    assert len(world.waves("p")) == 1
    world.pass_time("p")
    world.pass_time("p")
    assert world.waves("p")[1:] == [{"late"}]


@pytest.mark.parametrize("avoid", [["Nestlé"], ["Nestlé", "Danone"], []])
def test_newcomers_with_exclusions_learn_nothing_about_the_client(world: Matching, avoid: list[str]) -> None:
    """An attack that worked: fresh accounts divide a list of firms, and are invited unless theirs is the client."""
    crowd(world, 3)
    world.post("p", avoid_client=avoid)
    for number, half in enumerate((["Nestlé"], ["Danone"], ["Nestlé", "Engie"], ["Engie", "Colas"])):
        world.profile(f"probe-{number}", excluded_organisations=half)
    world.profile("late")
    for _ in range(3):
        world.pass_time("p")
    assert world.waves("p")[1:] == [{"late"}]
    world.profile("late", excluded_organisations=["Engie"])
    world.profile("probe-1")  # without its list it is a newcomer like any other, whoever the client is
    for _ in range(3):
        world.pass_time("p")
    assert world.waves("p")[1:] == [{"late"}, {"probe-1"}]


def test_profile_change_does_not_turn_an_unmatched_mentor_into_a_newcomer(world: Matching) -> None:
    world.profile("old", languages=["en"])
    ago = database_now(world.database) - timedelta(hours=1)
    world.database.profiles.update_one({"_id": "old"}, {"$set": {"joined_at": ago}})
    world.post("p")
    world.profile("old", languages=["fr"])
    world.profile("new")
    world.pass_time("p")
    assert world.waves("p") == [{"new"}]


def test_newcomers_wait_until_the_shortlist_is_exhausted(world: Matching) -> None:
    crowd(world, 12)
    world.post("p")
    world.profile("late")
    world.pass_time("p")
    assert "late" not in world.waves("p")[1]
    world.pass_time("p")
    assert world.waves("p")[2] == {"late"}


def test_declined_invitation_lets_the_next_mentor_in(world: Matching) -> None:
    crowd(world, 6)
    world.post("p")
    (first,) = world.waves("p")
    world.fire("p")
    assert len(world.waves("p")) == 1
    assert world.decline(min(first), "p").status_code == 200
    world.fire("p")
    world.fire("p")
    assert [len(wave) for wave in world.waves("p")] == [4, 1]


def test_wave_is_sent_only_while_a_slot_is_free(database: Documents) -> None:
    world = Matching(database, wave=5)
    crowd(world, 10)
    world.post("p")
    for sequence, account in enumerate(sorted(world.waves("p")[0]), start=2):
        world.hear("quote.submitted", "p", sequence, account=account, quote_id=account, received=sequence - 1)
    world.pass_time("p")
    assert len(world.waves("p")) == 1
    world.hear("quote.withdrawn", "p", 9, account=min(world.waves("p")[0]), quote_id="q")
    world.pass_time("p")
    assert [len(wave) for wave in world.waves("p")] == [5, 1]


def test_waves_follow_by_themselves_in_a_window_of_seconds(world: Matching) -> None:
    crowd(world, 20)
    world.post("p", window=timedelta(seconds=8))
    stop = threading.Event()
    timers = Timers(world.work, world.service.deadlines[0], world.config, stop)
    thread = threading.Thread(target=timers.run)
    thread.start()
    try:
        until(lambda: len(world.waves("p")) >= 3)
        world.hear("window.closed", "p", 9, reason="deadline", quotes=[], closed_at=None, digests=[])
    finally:
        stop.set()
        thread.join()
    closed = world.database.shortlists.find_one({"_id": "p"}) or {}
    assert "due_at" not in closed
    assert world.database.listings.count_documents({}) == 0


def test_extended_window_has_waves_again(world: Matching) -> None:
    crowd(world, 6)
    world.post("p", window=timedelta(seconds=0.2), posted_at=database_now(world.database))
    assert "due_at" not in (world.database.shortlists.find_one({"_id": "p"}) or {})
    world.hear("window.extended", "p", 2, closes_at=database_now(world.database) + timedelta(hours=1))
    world.fire("p")
    assert [len(wave) for wave in world.waves("p")] == [4, 2]


# The weekly cap.


def test_weekly_cap_holds_across_all_projects(world: Matching) -> None:
    world.profile("modest", weekly_invitations=2)
    for project in ("p", "q", "r"):
        world.post(project)
    assert [world.waves(project) for project in ("p", "q", "r")] == [[{"modest"}], [{"modest"}], []]


def test_weekly_cap_is_freed_after_a_week(world: Matching) -> None:
    world.profile("modest", weekly_invitations=1)
    world.post("p")
    ago = database_now(world.database) - timedelta(days=7, seconds=1)
    world.database.profiles.update_one({"_id": "modest"}, {"$set": {"invited_at": [ago]}})
    world.post("q")
    assert world.waves("q") == [{"modest"}]


def test_weekly_cap_holds_for_two_projects_posted_concurrently(world: Matching) -> None:
    accounts = crowd(world, 4, weekly_invitations=1)
    for attempt in range(5):
        world.database.profiles.update_many({}, {"$set": {"invited_at": []}})
        projects = [f"p{attempt}", f"q{attempt}"]
        start = threading.Barrier(2)

        def post(project: str, start: threading.Barrier = start) -> None:
            start.wait(60)
            world.post(project)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(post, projects))
        invited = [account for project in projects for wave in world.waves(project) for account in wave]
        assert sorted(invited) == accounts


def test_short_list_leaves_out_mentors_at_their_weekly_cap(world: Matching, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LEAST_LISTED", 4)
    monkeypatch.setattr(rules, "WAVES_LISTED", 1)
    crowd(world, 8, weekly_invitations=1)
    world.post("p")
    world.post("q")
    assert world.waves("p")[0].isdisjoint(world.waves("q")[0])
    assert len(world.waves("q")[0]) == 4


def test_where_most_are_at_their_weekly_cap_the_list_holds_those_who_are_not(
    world: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "READ", 3)
    monkeypatch.setattr(rules, "LEAST_LISTED", 4)
    monkeypatch.setattr(rules, "WAVES_LISTED", 1)
    crowd(world, 8, weekly_invitations=1)
    for number in range(4):
        world.profile(f"near-{number}", skills=["hubspot"], weekly_invitations=1)
    world.post("p")
    world.post("q")
    invited = [account for project in ("p", "q") for account in world.waves(project)[0]]
    assert sorted(invited) == [f"mentor-{number:03}" for number in range(8)]


def test_mentor_whose_profile_has_nothing_to_do_with_the_need_is_not_invited(world: Matching) -> None:
    far = {"headline": "Photographe", "bio": "Portraits et mariages, en lumière naturelle.", "skills": ["photography"]}
    world.profile("far", **far)
    world.profile("near", bio="J'ai monté le CRM d'un club.", skills=["photography"])
    world.post("p")
    assert world.waves("p") == [{"near"}]
