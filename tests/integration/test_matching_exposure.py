"""Each mentor's exposure is counted once when a round ends, read by month, exported and erased."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.mongo import Documents
from services.matching.jobs import count_exposure
from services.matching.model.exposure import earlier, month_of
from tests.kit.matching import Matching

NOTHING = {"eligible": 0, "invited": 0, "others_first": 0, "cap": 0, "paused": 0, "away": 0, "left_out": 0}


@pytest.fixture
def world(database: Documents) -> Matching:
    return Matching(database, wave=2)


def close(world: Matching, project: str, sequence: int = 9) -> None:
    closed: dict[str, Any] = {"reason": "deadline", "quotes": [], "closed_at": None, "digests": []}
    world.hear("window.closed", project, sequence, **closed)


def counted(world: Matching) -> dict[str, dict[str, int]]:
    """What is counted in this month, by account."""
    count_exposure(world.work)
    return {row["_id"]: row["months"][month_of(world.now)] for row in world.database.exposure.find()}


def a_month_later(world: Matching) -> str:
    """Moves what was counted into the month before, which is over. Returns that month."""
    this = month_of(world.now)
    past = earlier(this, 1)
    world.database.exposure.update_many({}, {"$rename": {f"months.{this}": f"months.{past}"}})
    return past


def read(world: Matching, account: str) -> list[dict[str, Any]]:
    months: list[dict[str, Any]] = world.get(account, "/api/mentors/exposure")["months"]
    return months


def test_round_is_counted_when_it_ends_and_once(world: Matching) -> None:
    for account in "abc":
        world.profile(account)
    world.post("p")
    (first,) = world.waves("p")
    (other,) = set("abc") - first
    assert counted(world) == {}, "a round that is open tells nothing"
    close(world, "p")
    close(world, "p", sequence=10)
    expected = {**{one: {"invited": 1} for one in first}, other: {"others-first": 1}}
    assert counted(world) == expected
    assert counted(world) == expected, "a second count changes nothing"
    assert world.database.tallies.count_documents({}) == 0


def test_why_a_mentor_was_not_invited_is_counted(database: Documents) -> None:
    world = Matching(database, wave=10)
    world.profile("capped", weekly_invitations=1)
    world.post("before")
    world.profile("free")
    world.profile("apart", excluded_organisations=["Nestlé"])
    long_ago = world.now - timedelta(days=9)
    world.database.profiles.update_many({}, {"$set": {"joined_at": long_ago, "excludes_since": long_ago}})
    world.post("p", avoid_client=["Nestlé"])
    close(world, "p")
    assert counted(world) == {"capped": {"cap": 1}, "free": {"invited": 1}, "apart": {"others-first": 1}}


def test_mentor_reads_only_months_that_are_over(world: Matching) -> None:
    world.profile("a")
    world.post("p")
    close(world, "p")
    counted(world)
    assert read(world, "a") == []
    past = a_month_later(world)
    assert read(world, "a") == [{**NOTHING, "month": past, "eligible": 1, "invited": 1}]
    assert read(world, "b") == []
    assert world.call("client", "GET", "/api/mentors/exposure").status_code == 403
    assert world.get("a", "/api/mentors/export")["exposure"] == read(world, "a")


def test_exclusion_and_a_better_fit_look_the_same(world: Matching) -> None:
    """Otherwise whoever excludes one company could count its projects (decision 72)."""
    for account in ("a", "b", "later"):
        world.profile(account)
    world.profile("apart", excluded_organisations=["Nestlé"])
    long_ago = world.now - timedelta(days=9)
    world.database.profiles.update_many({}, {"$set": {"joined_at": long_ago, "excludes_since": long_ago}})
    world.post("p", avoid_client=["Nestlé"])
    for _ in range(3):
        world.pass_time("p")
    close(world, "p")
    world.post("q")
    (first,) = world.waves("q")
    close(world, "q")
    counted(world)
    a_month_later(world)
    assert "apart" not in set().union(*world.waves("p"))
    (apart,) = read(world, "apart")
    assert apart["eligible"] == 2
    assert apart["others_first"] == 2 - ("apart" in first)
    assert apart["eligible"] == apart["others_first"] + apart["invited"]


def test_cancelled_round_counts_too(world: Matching) -> None:
    world.profile("a")
    world.post("p")
    world.hear("project.cancelled", "p", 2, reason="No budget", by="client")
    assert counted(world) == {"a": {"invited": 1}}


def test_erased_mentor_leaves_no_counter_whether_counted_or_not(world: Matching) -> None:
    for account in ("mentor-a", "mentor-b"):
        world.profile(account)
    world.post("p")
    close(world, "p")
    counted(world)
    world.post("q")
    close(world, "q")
    world.hear("account.erased", "mentor-a", 2, role="mentor")
    assert list(counted(world)) == ["mentor-b"]
    for name in ("exposure", "tallies", "listings", "decisions"):
        assert "mentor-a" not in str(list(world.database[name].find())), name


def test_months_of_more_than_a_year_ago_are_deleted(world: Matching) -> None:
    world.profile("a")
    this = month_of(world.now)
    old = {earlier(this, back): {"invited": 1} for back in (12, 13, 20)}
    world.database.exposure.insert_one({"_id": "a", "months": old})
    world.post("p")
    close(world, "p")
    count_exposure(world.work)
    row = world.database.exposure.find_one({"_id": "a"}) or {}
    assert sorted(row["months"]) == [earlier(this, 12), this]


def test_mentors_invited_less_go_first_among_equals_and_the_log_says_so(world: Matching) -> None:
    for account in "abcd":
        world.profile(account)
    this = month_of(world.now)
    for account, invited in (("a", 9), ("b", 9), ("c", 1), ("d", 1)):
        counts = {"invited": invited, "others-first": 10 - invited}
        world.database.exposure.insert_one({"_id": account, "months": {this: counts}})
    world.post("p")
    assert world.waves("p") == [{"c", "d"}]
    (decision,) = world.get("operator", "/api/operations/matching/decisions/p")["items"]
    rows = {row["account"]: row for row in decision["mentors"]}
    assert sorted(row["rank"] for row in rows.values()) == [1, 2, 3, 4]
    last = max(rows["c"]["rank"], rows["d"]["rank"])
    for account in "ab":
        assert rows[account]["outcome"] == ("less-invited-first" if rows[account]["rank"] < last else "waits")
