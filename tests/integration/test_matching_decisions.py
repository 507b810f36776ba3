"""The log of decisions: who was considered and invited in each wave, on what, and for how long it is kept."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.mongo import Documents
from chassis.settings import BadSetting
from services.matching.config import Config
from tests.kit.examples import PROJECT
from tests.kit.matching import Matching
from tests.kit.services import SETTINGS


@pytest.fixture
def world(database: Documents) -> Matching:
    return Matching(database, wave=2)


def log(world: Matching, project: str) -> list[dict[str, Any]]:
    """The round's decisions as operators read them, oldest first."""
    items: list[dict[str, Any]] = world.get("operator", f"/api/operations/matching/decisions/{project}")["items"]
    return items[::-1]


def outcomes(decision: dict[str, Any]) -> dict[str, str]:
    return {mentor["account"]: mentor["outcome"] for mentor in decision["mentors"]}


def test_wave_is_logged_with_its_inputs_scores_and_reasons(world: Matching) -> None:
    for account in "abcd":
        world.profile(account)
    budget = {"amount": 300_000, "currency": "EUR"}
    world.post("p", budget=budget)
    ((first,), (decision,)) = world.waves("p"), log(world, "p")
    assert (decision["kind"], decision["wave"], decision["by"], decision["reason"]) == ("wave", 1, "", "")
    assert decision["inputs"]["topics"] == PROJECT["topics"]
    assert (decision["inputs"]["languages"], decision["inputs"]["listed"]) == (PROJECT["languages"], 4)
    assert decision["inputs"]["budget"] == budget
    assert decision["wanted"] == {"number": 2, "by": "slots", "aim": None, "reached": None}
    assert {one for one, outcome in outcomes(decision).items() if outcome == "invited"} == first
    assert sorted(outcomes(decision).values()) == ["invited", "invited", "waits", "waits"]
    assert all(0 < one["score"] <= 1 and "skills" in one["reasons"] for one in decision["mentors"])
    assert sorted(one["rank"] for one in decision["mentors"]) == [1, 2, 3, 4]


def test_name_and_school_change_neither_score_nor_parts(world: Matching) -> None:
    people = {"a": ("Mohamed Diallo", "Lycée de Bobigny"), "b": ("Marie-Chantal de Vilmorin", "HEC"), "c": ("X", "")}
    for account, (name, school) in people.items():
        world.profile(account, display_name=name, school=school)
    world.post("p")
    (decision,) = log(world, "p")
    assert set(outcomes(decision)) == set(people)
    assert len({(one["score"], str(one["parts"]), str(one["reasons"])) for one in decision["mentors"]}) == 1


def test_log_has_no_word_of_the_brief_and_nothing_of_the_client(world: Matching) -> None:
    world.profile("a")
    world.post("p", client="client-7", avoid_client=["Nestlé"])
    stored = str(list(world.database.decisions.find()))
    assert "'a'" in stored
    for text in (PROJECT["title"], PROJECT["brief"][:30], "client-7", "sector"):
        assert text not in stored, text


def test_who_is_passed_over_is_logged_with_the_rule_that_forbids_it(database: Documents) -> None:
    world = Matching(database, wave=10)
    world.profile("capped", weekly_invitations=1)
    world.post("before")
    for account in ("free", "suspended"):
        world.profile(account)
    world.profile("apart", excluded_organisations=["Nestlé"])
    long_ago = world.now - timedelta(days=9)
    world.database.profiles.update_many({}, {"$set": {"joined_at": long_ago, "excludes_since": long_ago}})
    world.hear("account.suspended", "suspended", 2)
    world.post("p", avoid_client=["Nestlé"])
    (decision,) = log(world, "p")
    expected = {"capped": "cap", "free": "invited", "suspended": "away", "apart": "conflict"}
    assert outcomes(decision) == expected


def test_mentor_who_pauses_after_the_ranking_is_passed_over_as_paused(world: Matching) -> None:
    for account in "abc":
        world.profile(account)
    world.post("p")
    (waiting,) = [one for one, outcome in outcomes(log(world, "p")[0]).items() if outcome == "waits"]
    world.profile(waiting, paused=True)
    world.pass_time("p")
    assert outcomes(log(world, "p")[1]) == {waiting: "paused"}


def test_erased_mentor_leaves_a_row_without_an_id(world: Matching) -> None:
    for account in ("mentor-a", "mentor-b"):
        world.profile(account)
    world.post("p")
    world.hear("account.erased", "mentor-a", 2, role="mentor")
    (decision,) = log(world, "p")
    assert sorted(outcomes(decision)) == ["", "mentor-b"]
    assert "mentor-a" not in str(list(world.database.decisions.find()))


def test_log_names_one_version_of_the_rules_and_when_it_is_deleted(world: Matching) -> None:
    world.profile("a")
    world.post("p")
    (row,) = world.database.decisions.find()
    assert row["rules"] == world.config.rules
    assert row["expires_at"] - row["at"] == timedelta(days=184)
    assert world.database.decisions.index_information()["expires_at_1"]["expireAfterSeconds"] == 0


def test_log_must_outlast_a_round() -> None:
    environ = {**SETTINGS, "RELEVE_DECISIONS_KEPT": "P60D"}
    assert Config.read(environ).decisions_kept == timedelta(days=60)
    with pytest.raises(BadSetting, match="RELEVE_DECISIONS_KEPT"):
        Config.read({**environ, "RELEVE_DECISIONS_KEPT": "P59D"})


def test_operator_who_reads_the_log_leaves_a_row_for_each_mentor(world: Matching) -> None:
    world.profile("a")
    world.post("p")
    log(world, "p")
    rows = world.get("operator", "/api/operations/matching/audit?who=operator")["items"]
    assert {row["whom"] for row in rows if row["what"] == "decisions.read"} == {"a", "p"}
    assert world.call("operator", "GET", "/api/operations/matching/decisions/unknown").status_code == 404
    for who in ("a", "client"):
        assert world.call(who, "GET", "/api/operations/matching/decisions/p").status_code == 403
