"""Operators invite a mentor by hand and leave one out; the rules that protect people hold for both."""

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.mongo import Documents
from services.matching.model import WHY_NOT
from tests.kit.matching import Matching
from tests.kit.racing import together

REASON = "Le client cherche ce logiciel précis."


@pytest.fixture
def world(database: Documents) -> Matching:
    """A round with two invitations in its first wave, and three more mentors on its list."""
    world = Matching(database, wave=2)
    for account in "abcde":
        world.profile(account)
    world.post("p")
    return world


def decide(world: Matching, deed: str, account: str, project: str = "p", **body: Any) -> TestResponse:
    path = f"/api/operations/matching/rounds/{project}/{deed}"
    return world.call("operator", "POST", path, {"account": account, "reason": REASON, **body})


def invite(world: Matching, account: str, project: str = "p") -> TestResponse:
    return decide(world, "invitations", account, project)


def leave_out(world: Matching, account: str, project: str = "p") -> TestResponse:
    return decide(world, "left-out", account, project)


def refused(answer: TestResponse) -> tuple[str, str | None]:
    """The refusal's name, and why."""
    assert answer.status_code in (404, 409), answer.text
    said = answer.json or {}
    return said["type"].rpartition(":")[2], said.get("why")


def waiting(world: Matching) -> list[str]:
    """The mentors on the list who are not invited yet."""
    return sorted(set("abcde").difference(*world.waves("p")))


def test_mentor_invited_by_hand_has_an_invitation_as_others_do(world: Matching) -> None:
    account = waiting(world)[0]
    answer = invite(world, account)
    assert answer.status_code == 200, answer.text
    assert [row["state"] for row in world.invitations(account)] == ["sent"]
    assert world.invitations(account)[0]["why"], "the reasons of the own profile"
    assert world.waves("p")[1] == {account}
    profile = world.database.profiles.find_one({"_id": account}) or {}
    assert len(profile["invited_at"]) == 1, "it counts for the weekly cap"


def test_wave_that_reaches_an_invited_mentor_passes_on(world: Matching) -> None:
    account = waiting(world)[0]
    invite(world, account)
    for other in world.waves("p")[0]:
        world.decline(other, "p")
    world.pass_time("p")
    assert len(world.invitations(account)) == 1
    assert set("abcde") == set().union(*world.waves("p"))
    assert sorted(one for wave in world.waves("p") for one in wave) == list("abcde"), "nobody twice"


def test_mentor_left_out_is_never_invited_to_that_round(world: Matching) -> None:
    account = waiting(world)[0]
    assert leave_out(world, account).status_code == 200
    for _ in range(3):
        world.pass_time("p")
    assert waiting(world) == [account]
    assert refused(invite(world, account)) == ("not-invitable", "left-out")
    world.post("q")
    for _ in range(3):
        world.pass_time("q")
    assert account in set().union(*world.waves("q")), "other rounds are open to the mentor"


def test_override_is_in_the_log_and_in_the_trail_with_its_reason(world: Matching) -> None:
    first, second = waiting(world)[:2]
    invite(world, first)
    leave_out(world, second)
    log = world.get("operator", "/api/operations/matching/decisions/p")["items"]
    found = {row["kind"]: row for row in log}
    for kind, account, outcome in (("invited-by-hand", first, "invited"), ("left-out-by-hand", second, "left-out")):
        row = found[kind]
        assert (row["by"], row["reason"]) == ("operator", REASON)
        assert [(one["account"], one["outcome"]) for one in row["mentors"]] == [(account, outcome)]
        assert row["mentors"][0]["score"] > 0
    trail = world.get("operator", "/api/operations/matching/audit?who=operator")["items"]
    assert {(row["what"], row["whom"]) for row in trail if row["reason"] == REASON} == {
        ("mentor.invited-by-hand", first), ("mentor.left-out-by-hand", second),
    }  # fmt: skip


def test_reason_is_required(world: Matching) -> None:
    for deed in ("invitations", "left-out"):
        assert decide(world, deed, waiting(world)[0], reason="").status_code == 422
    assert len(world.waves("p")) == 1


def test_hand_breaks_no_rule_that_protects_people(world: Matching) -> None:
    long_ago = world.now - timedelta(days=9)
    world.profile("capped", weekly_invitations=1)
    world.post("before")
    world.profile("paused", paused=True)
    world.profile("german", languages=["de"])
    world.profile("apart", excluded_organisations=["Nestlé"])
    world.database.profiles.update_one({"_id": "apart"}, {"$set": {"joined_at": long_ago, "excludes_since": long_ago}})
    world.profile("away")
    world.hear("account.suspended", "away", 2)
    world.profile("late", excluded_organisations=["Danone"])
    busy = {"$set": {"invited_at": [world.now], "weekly_invitations": 1}}
    world.database.profiles.update_one({"_id": "capped"}, busy)
    world.post("r", avoid_client=["Nestlé"], posted_at=world.now - timedelta(minutes=5))
    expected = {
        "capped": "cap", "paused": "paused", "german": "not-eligible", "apart": "conflict", "away": "away",
        "late": "not-admitted",
    }  # fmt: skip
    found = {account: refused(invite(world, account, "r")) for account in expected}
    assert found == {account: ("not-invitable", why) for account, why in expected.items()}
    assert {*expected.values(), "left-out"} == set(WHY_NOT)
    assert not {*expected} & set().union(*world.waves("r"))


def test_decided_rounds_and_mentors_are_refused_by_name(world: Matching) -> None:
    invited = min(world.waves("p")[0])
    other = waiting(world)[0]
    for deed in (invite, leave_out):
        assert refused(deed(world, invited)) == ("already-invited", None)
        assert refused(deed(world, "nobody"))[0] == "not-found"
        assert refused(deed(world, other, "unknown"))[0] == "not-found"
    world.hear("project.cancelled", "p", 2, reason="No budget", by="client")
    for deed in (invite, leave_out):
        assert refused(deed(world, other)) == ("window-ended", None)


def test_wave_and_override_at_once_do_not_both_decide(world: Matching) -> None:
    account = waiting(world)[0]
    due = {"$set": {"due_at": world.now, "next_wave_at": world.now}}
    world.database.shortlists.update_one({"_id": "p"}, due)
    together(lambda: leave_out(world, account), lambda: world.fire("p"))
    left_out = world.database.decisions.count_documents({"kind": "left-out-by-hand"}) == 1
    assert left_out != (len(world.invitations(account)) == 1)
