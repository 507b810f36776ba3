"""Waves sized by the chance of five quotes, and answers counted once, on a real MongoDB."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.mongo import Documents
from services.matching import store
from services.matching.jobs import learn_market
from services.matching.model import Market, Record, aim, chance, further
from services.matching.model.answers import Round, weight_of
from tests.kit.matching import Matching

KNOWN = Market(mean=0.3, doubt=0.001, spread=0.3, learnt=1_000.0)


@pytest.fixture
def world(database: Documents) -> Matching:
    return Matching(database, wave=20)


def crowd(world: Matching, count: int, **changes: Any) -> list[str]:
    accounts = [f"mentor-{number:03}" for number in range(count)]
    for account in accounts:
        world.profile(account, **changes)
    return accounts


def learnt(world: Matching, **changes: Any) -> Market:
    market = replace(KNOWN, **changes)
    store.save_market(world.database, market)
    return market


def known_mentors(world: Matching, accounts: list[str], record: Record) -> None:
    weight = weight_of(world.now)
    rows = [{"_id": one, "quoted": record.quoted * weight, "missed": record.missed * weight} for one in accounts]
    world.database.answers.insert_many(rows)


def quote(world: Matching, project: str, account: str, sequence: int) -> None:
    world.hear("quote.submitted", project, sequence, account=account, quote_id=account, received=1)


def close(world: Matching, project: str, quoted: list[str], sequence: int = 9) -> Any:
    quotes = [{"quote_id": account, "account": account, "mentor_id": account} for account in quoted]
    return world.hear("window.closed", project, sequence, reason="deadline", quotes=quotes, closed_at=None, digests=[])


def answers(world: Matching) -> dict[str, tuple[float, float]]:
    """What is counted of each mentor, as it weighs now."""
    found = {}
    for row in world.database.answers.find():
        record = Record(row["quoted"], row["missed"]).at(world.now)
        found[row["_id"]] = (round(record.quoted, 3), round(record.missed, 3))
    return found


# Waves.


def test_first_wave_of_an_unknown_market_is_the_fixed_one(world: Matching) -> None:
    crowd(world, 30)
    learnt(world, mean=0.9, learnt=199.0)
    world.post("p")
    assert [len(wave) for wave in world.waves("p")] == [20]


@pytest.mark.parametrize("mean", [0.5, 0.2])
def test_size_of_a_wave_follows_the_model(world: Matching, mean: float) -> None:
    crowd(world, 45)
    market = learnt(world, mean=mean)
    world.post("p")
    posted = world.database.shortlists.find_one({"_id": "p"}) or {}
    at = posted["looked_at"]
    empty = Round([], at, posted["closes_at"], timedelta(seconds=posted["window"]))
    expected = further(market, empty, [], aim(world.config.five_target, empty.share), 100)[0]
    assert [len(wave) for wave in world.waves("p")] == [expected]
    assert expected < 45


def test_wave_counts_on_what_those_next_on_the_list_answered(world: Matching) -> None:
    known_mentors(world, crowd(world, 40), Record(30, 1))
    learnt(world)
    world.post("p")
    (keen,) = world.waves("p")
    assert 5 <= len(keen) <= 7


def test_wave_stays_within_its_upper_bound(database: Documents) -> None:
    world = Matching(database, wave=2)
    crowd(world, 20)
    learnt(world, mean=0.02)
    world.post("p")
    assert [len(wave) for wave in world.waves("p")] == [10]


def test_declines_bring_the_next_mentors_at_once(world: Matching) -> None:
    crowd(world, 40)
    learnt(world)
    world.post("p")
    (first,) = world.waves("p")
    for account in sorted(first)[: len(first) - 2]:
        world.decline(account, "p")
    world.fire("p")
    assert len(world.waves("p")) == 2
    assert len(world.waves("p")[1]) >= len(first) - 2
    row = world.database.shortlists.find_one({"_id": "p"}) or {}
    assert row["due_at"] == row["next_wave_at"]


def test_lapsed_claim_is_looked_at_at_once(world: Matching) -> None:
    crowd(world, 40)
    learnt(world)
    world.post("p")
    account = min(world.waves("p")[0])
    world.hear("slot.claimed", "p", 2, account=account, expires_at=world.now + timedelta(hours=8))
    assert (world.database.shortlists.find_one({"_id": "p"}) or {})["due_at"] > world.now
    world.hear("slot.released", "p", 3, account=account, reason="expired")
    assert (world.database.shortlists.find_one({"_id": "p"}) or {})["due_at"] <= world.now


def test_weekly_cap_holds_for_waves_by_the_model(world: Matching) -> None:
    crowd(world, 8, weekly_invitations=1)
    learnt(world, mean=0.05)
    world.post("p")
    world.post("q")
    assert len(world.waves("p")[0]) == 8
    assert world.waves("q") == []
    assert (world.database.shortlists.find_one({"_id": "q"}) or {})["ran_out"] is True


# Newcomers.


def test_one_in_eight_invited_is_a_newcomer(world: Matching) -> None:
    known = crowd(world, 24)
    known_mentors(world, known, Record(2, 4))
    for number in range(24):
        world.profile(f"newcomer-{number}")
    world.post("p")
    (first,) = world.waves("p")
    assert len([one for one in first if one.startswith("newcomer")]) in (2, 3)


def test_newcomer_who_excludes_anybody_gets_no_reserved_place(world: Matching) -> None:
    known_mentors(world, crowd(world, 24), Record(2, 4))
    world.profile("probe", excluded_organisations=["Danone"], headline="Autre chose")
    row = {"excludes_since": world.now - timedelta(days=9), "joined_at": world.now - timedelta(days=9), "bio": ""}
    world.database.profiles.update_one({"_id": "probe"}, {"$set": row})
    world.post("p")
    (chunk,) = world.database.listings.find({"project_id": "p"})
    assert [row["account"] for row in chunk["rows"]][-1] == "probe"


# Answers are counted once.


def test_ended_round_counts_each_answer_once_despite_duplicates_and_a_restart(world: Matching) -> None:
    accounts = crowd(world, 6)
    world.post("p")
    quote(world, "p", "mentor-000", 2)
    world.decline("mentor-001", "p")
    event = close(world, "p", ["mentor-000"])
    once = answers(world)
    assert sorted(once) == accounts
    assert (once["mentor-000"], once["mentor-001"]) == ((1.0, 0.0), (0.0, 1.0))
    assert all(quoted == 0 and 0 <= missed < 0.1 for quoted, missed in (once[one] for one in accounts[2:]))
    assert not world.inbox.apply(event)
    close(world, "p", ["mentor-000"], sequence=10)
    again = Matching(world.database, wave=20)
    assert not again.inbox.apply(event)
    close(again, "p", ["mentor-000"], sequence=11)
    assert answers(world) == once
    assert world.database.ended.count_documents({}) == 1


def test_cancelled_project_tells_nothing_of_its_mentors(world: Matching) -> None:
    crowd(world, 6)
    world.post("p")
    world.hear("project.cancelled", "p", 2, reason="No budget", by="client")
    close(world, "p", [])
    assert answers(world) == {}
    assert world.database.ended.count_documents({}) == 0


def test_market_is_learnt_from_ended_rounds(world: Matching) -> None:
    crowd(world, 6)
    for project in ("p", "q"):
        world.post(project)
        for sequence in range(2, 5):
            quote(world, project, f"mentor-00{sequence}", sequence)
        close(world, project, [f"mentor-00{sequence}" for sequence in range(2, 5)])
    learn_market(world.work)
    market = world.work.run(store.read_market)
    assert market.mean > 0.3
    assert 6 <= market.learnt < 8
    learn_market(world.work)
    assert world.work.run(store.read_market).learnt == pytest.approx(market.learnt, rel=1e-3)


def test_erased_mentor_leaves_no_answers(world: Matching) -> None:
    crowd(world, 2)
    world.post("p")
    close(world, "p", [])
    world.hear("account.erased", "mentor-000", 2, role="mentor")
    assert sorted(answers(world)) == ["mentor-001"]


def test_export_holds_the_answers_of_the_mentor(world: Matching) -> None:
    crowd(world, 2)
    world.post("p")
    quote(world, "p", "mentor-001", 2)
    close(world, "p", ["mentor-001"])
    assert world.get("mentor-001", "/api/mentors/export")["answers"] == {"quoted": 1.0, "missed": 0.0}


# The chance, shown.


def test_client_reads_the_chance_and_nobody_else_does(world: Matching) -> None:
    crowd(world, 40)
    market = learnt(world)
    world.post("p")
    found = world.get("client", "/api/mentors/chance?project_id=p")
    known = world.work.run(lambda unit: store.read_round(unit, store.find_shortlist(unit, "p")))
    assert found["chance"] == pytest.approx(chance(market, known), abs=0.02)
    assert (found["outlook"], found["ran_out"]) == ("uncertain", False)
    for number in range(5):
        quote(world, "p", sorted(world.waves("p")[0])[number], number + 2)
    assert world.get("client", "/api/mentors/chance?project_id=p")["chance"] == 1.0
    other = world.call("client-b", "GET", "/api/mentors/chance?project_id=p", role="client")
    assert other.status_code == 404


def test_chance_is_certain_once_the_round_is_over(world: Matching) -> None:
    crowd(world, 8)
    for project, count in (("p", 5), ("q", 4)):
        world.post(project)
        close(world, project, [f"mentor-00{number}" for number in range(count)])
        assert world.get("client", f"/api/mentors/chance?project_id={project}")["chance"] == float(count == 5)
    assert world.call("client", "GET", "/api/mentors/chance?project_id=unknown").status_code == 404


def test_operators_read_the_unlikely_rounds_until_they_end(world: Matching) -> None:
    crowd(world, 4)
    learnt(world)
    world.post("p")
    (found,) = world.get("operator", "/api/operations/matching/unlikely")["items"]
    assert (found["project_id"], found["outlook"], found["ran_out"]) == ("p", "unlikely", True)
    assert (found["invited"], found["received"]) == (4, 0)
    close(world, "p", [])
    assert world.get("operator", "/api/operations/matching/unlikely")["items"] == []
