"""Proposals and their publication on a real MongoDB, with the worker's job."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.mongo import connect
from services.programmes import store
from services.programmes.commands import solving
from services.programmes.jobs.solving import Desk, solve_requests
from services.programmes.model.participants import Participant
from services.programmes.model.solves import LEASE, MOST_TRIES
from tests.kit.answers import body, outcome, problem
from tests.kit.clock import HandClock
from tests.kit.programmes import OWNER, STRANGER, Programmes
from tests.kit.racing import together
from tests.kit.threads import running
from tests.kit.waiting import until

START = datetime.now(UTC).replace(microsecond=0)


class Time:
    now = START


@pytest.fixture(scope="module")
def programmes(mongo_uri: str) -> Iterator[Programmes]:
    database = connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test")
    found = Programmes(database, clock=HandClock(lambda: Time.now))
    yield found
    found.drop()


@pytest.fixture(autouse=True)
def later() -> None:
    Time.now += timedelta(hours=1)


def path(programme: str, rest: str = "proposal") -> str:
    return f"/api/programmes/{programme}/{rest}"


def couples(proposal: dict[str, Any]) -> set[str]:
    return {pair["mentor"] + pair["mentee"] for pair in proposal["pairs"]}


def mark(programmes: Programmes, programme: str, two: str, **how: bool) -> str:
    answer = programmes.call(OWNER, "PUT", path(programme, f"pairs/{two[:2]}/{two[2:]}"), how)
    assert answer.status_code == 200, answer.text
    return answer.headers["ETag"]


def remove(programmes: Programmes, person: Participant) -> None:
    """Somebody objects before the publication."""

    def effect(unit: Any) -> None:
        programme, kept = store.find_programme(unit, person.programme), store.find_participant(unit, person.id)
        assert programme is not None
        assert kept is not None
        kept.state = "objected"
        programme.people_changed(anybody=True)
        store.save_participant(unit, kept)
        store.save_programme(unit, programme)

    programmes.work.run(effect)


def test_owner_reads_pairs_with_reasons_after_the_solver(programmes: Programmes) -> None:
    programme, _ = programmes.cohort()
    assert problem(programmes.call(OWNER, "GET", path(programme))) == (409, "proposal-missing")
    asked = programmes.call(OWNER, "POST", path(programme))
    assert (asked.status_code, asked.headers["Location"]) == (202, path(programme))
    assert body(asked) == {"state": "solving", "progress": 0.0}
    assert programmes.get(OWNER, path(programme)) == {"state": "solving", "progress": 0.0}
    assert programmes.solve() == 1
    found = programmes.get(OWNER, path(programme))
    assert (found["state"], found["stale"], couples(found)) == ("ready", False, {"M1S1", "M2S2", "M3S3"})
    first = found["pairs"][0]
    assert first["why"]
    assert first["second_best"]["mentor"] in ("M2", "M3")
    assert (found["unpaired"], found["changes"]) == ([], [])
    assert programmes.get(OWNER, f"/api/programmes/{programme}")["state"] == "proposed"
    assert programmes.payloads(programme, "pairing.proposed") == [{"account": OWNER, "pairs": 3, "unpaired": 0}]


def test_same_request_again_is_answered_without_another_solve(programmes: Programmes) -> None:
    programme, _ = programmes.cohort()
    first = programmes.propose(programme)
    again = programmes.call(OWNER, "POST", path(programme))
    assert (again.status_code, body(again)) == (200, first)
    assert again.headers["ETag"] == programmes.call(OWNER, "GET", path(programme)).headers["ETag"]
    assert programmes.solve() == 0


def test_two_requests_at_once_are_solved_once(programmes: Programmes) -> None:
    programme, _ = programmes.cohort()

    def ask() -> int:
        return programmes.call(OWNER, "POST", path(programme)).status_code

    assert together(ask, ask) == [202, 202]
    assert programmes.solve() == 1


def test_nobody_but_who_runs_it_reads_or_asks(programmes: Programmes) -> None:
    programme, people = programmes.cohort()
    for method, rest in (("POST", "proposal"), ("GET", "proposal"), ("POST", "publication"), ("PUT", "pairs/M1/S1")):
        sent: dict[str, bool] | None = {} if method != "GET" else None
        assert problem(programmes.call(STRANGER, method, path(programme, rest), sent)) == (404, "not-found")
        assert problem(programmes.call("thomas", method, path(programme, rest), sent))[0] == 403
    assert programmes.by_pass(programmes.pass_of(people["M1"]), "GET", path(programme)).status_code == 401


def test_programme_without_people_has_no_proposal(programmes: Programmes) -> None:
    programme = programmes.create()
    assert problem(programmes.call(OWNER, "POST", path(programme))) == (409, "wrong-state")
    assert problem(programmes.call(OWNER, "POST", path(programme, "publication"), {})) == (409, "proposal-missing")


def test_lock_and_forbid_change_as_little_as_possible(programmes: Programmes) -> None:
    programme, _ = programmes.cohort()
    programmes.propose(programme)
    assert mark(programmes, programme, "M1S1", forbidden=True) == '"1"'
    assert programmes.get(OWNER, path(programme))["stale"] is True
    found = programmes.propose(programme)
    assert "M1S1" not in couples(found)
    assert found["forbidden"] == [{"mentor": "M1", "mentee": "S1"}]
    assert found["stale"] is False
    assert {one["change"] for one in found["changes"]} == {"added", "removed", "kept"}
    assert sum(one["change"] == "kept" for one in found["changes"]) == 1
    assert mark(programmes, programme, "M1S1", locked=True) == '"2"'
    locked = programmes.propose(programme)
    assert [pair["mentor"] + pair["mentee"] for pair in locked["pairs"] if pair["locked"]] == ["M1S1"]
    assert locked["forbidden"] == []


def test_mark_needs_its_version_and_people_of_both_sides(programmes: Programmes) -> None:
    programme, _ = programmes.cohort()
    for refs in ("pairs/S1/M1", "pairs/M1/X9"):
        assert problem(programmes.call(OWNER, "PUT", path(programme, refs), {}))[0] == 404
    both = {"locked": True, "forbidden": True}
    assert problem(programmes.call(OWNER, "PUT", path(programme, "pairs/M1/S1"), both)) == (422, "invalid")
    mark(programmes, programme, "M1S1", locked=True)
    stale = programmes.call(OWNER, "PUT", path(programme, "pairs/M1/S1"), {}, If_Match='"7"')
    assert problem(stale) == (412, "stale")


def test_rules_that_cannot_hold_are_named_and_leave_the_older_proposal(programmes: Programmes) -> None:
    programme, _ = programmes.cohort()
    before = programmes.propose(programme)
    mark(programmes, programme, "M1S1", locked=True)
    mark(programmes, programme, "M1S2", locked=True)
    programmes.call(OWNER, "POST", path(programme))
    programmes.solve()
    refused = programmes.call(OWNER, "GET", path(programme))
    assert problem(refused) == (409, "infeasible")
    [words] = body(refused)["conflicts"]
    assert {"M1", "S1", "S2"} <= set(words.replace(",", " ").replace(".", " ").split())
    assert problem(programmes.call(OWNER, "POST", path(programme, "publication"), {})) == (409, "infeasible")
    mark(programmes, programme, "M1S2")
    again = programmes.get(OWNER, path(programme))
    assert couples(again) == couples(before)
    assert again["stale"] is False


def test_whoever_stays_alone_is_named_with_a_reason(programmes: Programmes) -> None:
    programme, _ = programmes.cohort(mentors=2)
    found = programmes.propose(programme)
    [alone] = found["unpaired"]
    assert (alone["side"], bool(alone["why"]), bool(alone["change"])) == ("mentee", True, True)
    answer = programmes.call(OWNER, "POST", path(programme, "publication"), {})
    assert problem(answer) == (409, "infeasible")
    assert body(answer)["unpaired"] == [alone["ref"]]
    [words] = found["conflicts"]
    assert body(answer)["conflicts"] == [words]
    assert {"S1", "S2", "S3"} <= set(re.findall(r"\w+", words))
    assert "chaque mentor accepte au plus une personne" in words
    programmes.publish_proposal(programme, with_unpaired=True)
    assert len(programmes.messages("left-unpaired", programme=programme)) == 1


def test_earlier_partners_of_the_organisation_are_not_paired_again(programmes: Programmes) -> None:
    first, people = programmes.cohort(at="again")
    programmes.propose(first)
    programmes.publish_proposal(first)
    pair = f"{first}:{people['M1'].id}:{people['S1'].id}"
    programmes.database.pairs.update_one({"_id": pair}, {"$set": {"state": "completed", "active_at": Time.now}})
    second, _ = programmes.cohort(at="again")
    assert "M1S1" not in couples(programmes.propose(second))


# Who changes while a solver runs.


def test_proposal_is_solved_again_if_somebody_leaves_meanwhile(programmes: Programmes) -> None:
    programme, people = programmes.cohort()
    programmes.call(OWNER, "POST", path(programme))
    task = begun(programmes, "c1")
    remove(programmes, people["S3"])
    result = task.work.solve(task.problem, lambda _: None)
    assert programmes.work.run(lambda unit: solving.finish(unit, task, result, programmes.config))
    assert programmes.get(OWNER, path(programme))["state"] == "solving"
    assert programmes.solve() == 1
    found = programmes.get(OWNER, path(programme))
    assert (couples(found), found["stale"]) == ({"M1S1", "M2S2"}, False)


def test_removed_participant_makes_the_proposal_stale(programmes: Programmes) -> None:
    programme, people = programmes.cohort()
    programmes.propose(programme)
    remove(programmes, people["S1"])
    assert programmes.get(OWNER, path(programme))["stale"] is True
    assert problem(programmes.call(OWNER, "POST", path(programme, "publication"), {})) == (409, "proposal-stale")
    assert programmes.messages("pair-published", programme=programme) == []


def begun(programmes: Programmes, claim: str) -> solving.Task:
    solve_id = store.due_solve(programmes.database, programmes.now)
    assert solve_id is not None
    task = programmes.work.run(lambda unit: solving.begin(unit, solve_id, claim, programmes.config))
    assert task is not None
    return task


def test_dead_workers_request_is_taken_over_and_its_late_result_refused(programmes: Programmes) -> None:
    programme, _ = programmes.cohort()
    programmes.call(OWNER, "POST", path(programme))
    dead = begun(programmes, "dead")
    assert programmes.solve() == 0, "its claim holds"
    Time.now += LEASE
    other = begun(programmes, "other")
    result = dead.work.solve(dead.problem, lambda _: None)
    assert not programmes.work.run(lambda unit: solving.finish(unit, dead, result, programmes.config))
    assert not store.extend_claim(programmes.database, dead.solve.id, "dead", 0.9, programmes.now)
    assert programmes.work.run(lambda unit: solving.finish(unit, other, result, programmes.config))
    assert len(programmes.payloads(programme, "pairing.proposed")) == 1


def test_newer_request_with_other_rules_replaces_a_running_one(programmes: Programmes) -> None:
    programme, _ = programmes.cohort()
    programmes.call(OWNER, "POST", path(programme))
    older = begun(programmes, "older")
    assert programmes.call(OWNER, "POST", path(programme)).status_code == 202
    assert programmes.solve() == 0, "the same is being solved already"
    mark(programmes, programme, "M1S2", locked=True)
    programmes.call(OWNER, "POST", path(programme))
    assert programmes.solve() == 1
    result = older.work.solve(older.problem, lambda _: None)
    assert not programmes.work.run(lambda unit: solving.finish(unit, older, result, programmes.config))
    assert "M1S2" in couples(programmes.get(OWNER, path(programme)))


@pytest.mark.parametrize("place", ["gather", "solve", "store"])
def test_request_that_fails_each_time_is_given_up(
    programmes: Programmes, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    programme, _ = programmes.cohort()
    programmes.call(OWNER, "POST", path(programme))

    def fail(*_: Any) -> None:
        raise ValueError("a name that stays here")

    kind = ("pairing", "proposal")
    monkeypatch.setitem(solving.WORKS, kind, replace(solving.WORKS[kind], **{place: fail}))  # type: ignore[arg-type]
    for _ in range(MOST_TRIES):
        assert programmes.solve() == 1
        Time.now += LEASE
    assert programmes.solve() == 0
    answer = programmes.call(OWNER, "GET", path(programme))
    assert problem(answer) == (503, "unavailable")
    monkeypatch.undo()
    assert programmes.propose(programme)["state"] == "ready"


def test_job_solves_in_another_process_and_ends_with_its_worker(programmes: Programmes) -> None:
    programme, _ = programmes.cohort()
    programmes.call(OWNER, "POST", path(programme))
    assert programmes.solve(small=0) == 1
    other, _ = programmes.cohort()
    stop = threading.Event()
    with running(lambda: solve_requests(programmes.work, programmes.config, stop), stop=stop):
        programmes.call(OWNER, "POST", path(other))
        until(lambda: programmes.get(OWNER, path(other))["state"] == "ready", 20)
    for one in (programme, other):
        assert couples(programmes.get(OWNER, path(one))) == {"M1S1", "M2S2", "M3S3"}


def test_stopping_worker_gives_its_request_back_and_the_attempt_does_not_count(programmes: Programmes) -> None:
    programme, _ = programmes.cohort()
    programmes.call(OWNER, "POST", path(programme))
    stopping = threading.Event()
    stopping.set()
    assert Desk(programmes.work, programmes.config, stopping, 0, programmes.encoder).solve_one()
    row = programmes.database.solves.find_one({"programme": programme})
    assert row is not None
    assert (row["claim"], row["tries"]) == ("", 0)
    assert programmes.solve() == 1
    assert programmes.get(OWNER, path(programme))["state"] == "ready"


def test_request_waits_for_a_solver_that_is_quick(programmes: Programmes) -> None:
    waiting = Programmes(programmes.database, RELEVE_PROPOSAL_WAIT="PT20S")
    programme, _ = programmes.cohort()
    stop = threading.Event()
    with running(lambda: solve_requests(waiting.work, waiting.config, stop), stop=stop):
        answer = waiting.call(OWNER, "POST", path(programme))
    assert (answer.status_code, couples(body(answer))) == (200, {"M1S1", "M2S2", "M3S3"})


# Publication.


def test_everybody_is_told_at_once_and_the_pairs_are_published(programmes: Programmes) -> None:
    programme, people = programmes.cohort()
    programmes.propose(programme)
    answer = programmes.call(OWNER, "POST", path(programme, "publication"), {})
    assert body(answer) == {"id": programme, "state": "published", "pairs": 3, "unpaired": 0, "teams": 0}
    told = programmes.messages(programme=programme)
    assert sorted(one["participant"] for one in told) == sorted(one.id for one in people.values())
    assert {one["kind"] for one in told} == {"pair-published"}
    requested = [one for event in programmes.payloads(programme, "messages.requested") for one in event["messages"]]
    assert sorted(one["message_id"] for one in requested) == sorted(one["_id"] for one in told)
    assert programmes.payloads(programme, "programme.published") == [{"participants": 6}]
    pair = programmes.get(OWNER, path(programme, "pairs"))["items"][0]
    assert (pair["state"], pair["waiting_for"]) == ("proposed", ["mentor", "mentee"])
    assert couples(programmes.get(OWNER, path(programme))) == {"M1S1", "M2S2", "M3S3"}
    for rest, sent in (("publication", {}), ("proposal", None)):
        assert problem(programmes.call(OWNER, "POST", path(programme, rest), sent)) == (409, "wrong-state")
    assert problem(programmes.call(OWNER, "PUT", path(programme, "pairs/M1/S2"), {})) == (409, "wrong-state")


def test_two_publications_at_once_tell_everybody_once(programmes: Programmes) -> None:
    for _ in range(5):
        programme, _ = programmes.cohort()
        programmes.propose(programme)

        def publish(programme: str = programme) -> str:
            return outcome(programmes.call(OWNER, "POST", path(programme, "publication"), {}))

        assert sorted(together(publish, publish)) == ["200", "wrong-state"]
        assert len(programmes.messages("pair-published", programme=programme)) == 6
        assert programmes.database.pairs.count_documents({"programme": programme}) == 3


def test_publication_and_removal_at_once_leave_no_pair_of_somebody_gone(programmes: Programmes) -> None:
    for _ in range(5):
        programme, people = programmes.cohort()
        programmes.propose(programme)

        def publish(programme: str = programme) -> str:
            return outcome(programmes.call(OWNER, "POST", path(programme, "publication"), {}))

        def leave(person: Participant = people["S1"]) -> str:
            try:
                remove(programmes, person)
            except Exception as error:
                return getattr(error, "name", "")
            return "removed"

        assert set(together(publish, leave)) in ({"200", "wrong-state"}, {"proposal-stale", "removed"})


# Challenges.


def test_teams_are_proposed_and_published_like_pairs(programmes: Programmes) -> None:
    companies = ["AXA", "Colas"]
    programme = programmes.create(kind="challenge", organisations=companies)
    made = programmes.call(OWNER, "POST", path(programme, "challenges"), {"goal": "tools", "team_size": 2})
    assert made.status_code == 201, made.text
    people = [programmes.put(programme, f"{company}-{side}", side, organisation=company)
              for company in companies for side in ("mentor", "mentee")]  # fmt: skip
    found = programmes.propose(programme)
    assert [len(team["members"]) for team in found["teams"]] == [2, 2]
    assert (found["state"], found["stale"], found["left_out"]) == ("ready", False, [])
    assert all({one["mentor"][:3], one["mentee"][:3]} == {"AXA", "Col"} for one in found["pairs"])
    changed = {"team_size": 4}
    challenge = path(programme, f"challenges/{body(made)['id']}")
    assert programmes.call(OWNER, "PATCH", challenge, changed).status_code == 200
    assert programmes.get(OWNER, path(programme))["stale"] is True
    assert problem(programmes.call(OWNER, "POST", path(programme, "publication"), {})) == (409, "proposal-stale")
    assert [len(team["members"]) for team in programmes.propose(programme)["teams"]] == [4]
    published = programmes.call(OWNER, "POST", path(programme, "publication"), {})
    assert (body(published)["teams"], body(published)["unpaired"]) == (1, 0)
    told = programmes.messages("team-published", programme=programme)
    assert sorted(one["participant"] for one in told) == sorted(one.id for one in people)
