"""The answers to published pairs, their time, and new partners, on a real MongoDB."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.mongo import connect
from services.programmes import store
from services.programmes.model.programme import Organiser
from tests.kit.answers import body, outcome, problem
from tests.kit.clock import HandClock
from tests.kit.programmes import OWNER, STRANGER, People, Programmes
from tests.kit.racing import together

WEEK = timedelta(days=7)
JUST = timedelta(seconds=1)


class Time:
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(days=300)
    """In the past, because a pass is checked by the machine's clock."""


@pytest.fixture(scope="module")
def programmes(mongo_uri: str) -> Iterator[Programmes]:
    database = connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test")
    found = Programmes(database, clock=HandClock(lambda: Time.now), RELEVE_PASS_LIFE="P400D")
    yield found
    found.drop()


@pytest.fixture(autouse=True)
def later() -> None:
    Time.now += timedelta(hours=1)


def published(programmes: Programmes, **cohort: Any) -> tuple[str, People]:
    programme, people = programmes.cohort(**cohort)
    programmes.propose(programme)
    programmes.publish_proposal(programme, with_unpaired=True)
    return programme, people


def answer(
    programmes: Programmes, people: People, ref: str, two: str, accepted: bool = True, reason: str | None = None
) -> Any:
    person = people[ref]
    path = f"/api/programmes/{person.programme}/pairs/{two[:2]}/{two[2:]}/answer"
    return programmes.by_pass(programmes.pass_of(person), "POST", path, {"accepted": accepted, "reason": reason})


def mine(programmes: Programmes, people: People, ref: str) -> list[dict[str, Any]]:
    path = f"/api/programmes/{people[ref].programme}/pairs"
    found = programmes.by_pass(programmes.pass_of(people[ref]), "GET", path)
    assert found.status_code == 200, found.text
    return list(body(found)["items"])


def live(programmes: Programmes, programme: str) -> set[str]:
    items = programmes.get(OWNER, f"/api/programmes/{programme}/pairs?limit=200")["items"]
    return {one["mentor"] + one["mentee"] for one in items if one["state"] in ("proposed", "active")}


def told(programmes: Programmes, kind: str, programme: str, people: People) -> list[str]:
    """The refs of those who were told, with "owner" for the account that runs the programme."""
    refs = {one.id: ref for ref, one in people.items()}
    messages = programmes.messages(kind, programme=programme)
    return sorted(refs.get(one.get("participant", ""), "owner") for one in messages)


def pass_time(programmes: Programmes, until: datetime) -> None:
    """Lets time pass; the worker fires what is due and solves what was asked for."""
    Time.now = until
    for row in list(programmes.database.pairs.find({"due_at": {"$lte": until}})):
        programmes.fire_in("pairs", row["_id"])
    programmes.solve()


def test_pair_is_active_once_both_accept_and_names_follow(programmes: Programmes) -> None:
    programme, people = published(programmes)
    assert mine(programmes, people, "S1")[0]["partner"] == {"name": None, "email": None}
    accepted = answer(programmes, people, "M1", "M1S1")
    assert (accepted.status_code, body(accepted)["state"], body(accepted)["my_answer"]) == (200, "proposed", "accepted")
    [seen] = mine(programmes, people, "S1")
    assert seen["partner"] == {"name": people["M1"].name, "email": None}
    assert seen["my_answer"] is None
    assert seen["why"]
    assert mine(programmes, people, "M1")[0]["partner"]["name"] is None
    assert told(programmes, "pair-active", programme, people) == []
    both = answer(programmes, people, "S1", "M1S1")
    assert body(both)["state"] == "active"
    assert body(both)["partner"] == {"name": people["M1"].name, "email": people["M1"].email}
    assert told(programmes, "pair-active", programme, people) == ["M1", "S1"]
    assert programmes.get(OWNER, f"/api/programmes/{programme}")["state"] == "running"
    assert outcome(answer(programmes, people, "S1", "M1S1")) == "200"
    assert outcome(answer(programmes, people, "S1", "M1S1", accepted=False)) == "pair-active"
    assert told(programmes, "pair-active", programme, people) == ["M1", "S1"]


def test_accepting_a_pair_is_agreeing_to_take_part(programmes: Programmes) -> None:
    _, people = published(programmes)
    answer(programmes, people, "M2", "M2S2")
    kept = store.find_participant(programmes.database, people["M2"].id)
    assert kept is not None
    assert (kept.state, kept.agreed_at) == ("agreed", Time.now)


def test_only_the_two_of_a_pair_answer_it(programmes: Programmes) -> None:
    programme, people = published(programmes)
    assert problem(answer(programmes, people, "S2", "M1S1")) == (404, "not-found")
    assert problem(answer(programmes, people, "S1", "M2S1")) == (404, "not-found")
    path = f"/api/programmes/{programme}/pairs/M1/S1/answer"
    for who in (OWNER, STRANGER, "thomas"):
        assert problem(programmes.call(who, "POST", path, {"accepted": True})) == (404, "not-found")


def test_before_publication_participants_see_no_pair(programmes: Programmes) -> None:
    programme, people = programmes.cohort()
    programmes.propose(programme)
    assert mine(programmes, people, "S1") == []
    assert problem(answer(programmes, people, "S1", "M1S1")) == (404, "not-found")
    assert programmes.get(OWNER, f"/api/programmes/{programme}/pairs")["items"] == []


def test_each_reader_sees_the_pairs_of_their_part(programmes: Programmes) -> None:
    programme, people = published(programmes)

    def organise(unit: Any) -> None:
        kept = store.find_programme(unit, programme)
        mentor = store.find_participant(unit, people["M1"].id)
        assert kept is not None
        assert mentor is not None
        kept.organisers, mentor.organisation = [Organiser("client-organiser", "Orange")], "Orange"
        store.save_programme(unit, kept)
        store.save_participant(unit, mentor)

    programmes.work.run(organise)
    path = f"/api/programmes/{programme}/pairs"
    first = programmes.get(OWNER, f"{path}?limit=2")
    rest = programmes.get(OWNER, f"{path}?limit=2&cursor={first['next_cursor']}")
    assert sorted(one["mentee"] for one in first["items"] + rest["items"]) == ["S1", "S2", "S3"]
    [seen] = programmes.get("client-organiser", path)["items"]
    assert (seen["mentor"], seen["mentor_organisation"], seen["mentee"]) == ("M1", "Orange", "S1")
    assert seen["waiting_for"] == ["mentor"], "not whether the other company's person has answered"
    assert not {"why", "partner", "score"} & seen.keys()
    assert [one["mentee"] for one in mine(programmes, people, "S2")] == ["S2"]
    for name in (people["M1"].name, people["S1"].name):
        assert name not in str(programmes.get("client-organiser", path)) + str(programmes.get(OWNER, path))


def test_silent_people_are_reminded_once_at_half_time(programmes: Programmes) -> None:
    programme, people = published(programmes)
    begun = Time.now
    answer(programmes, people, "M1", "M1S1")
    pass_time(programmes, begun + WEEK / 2 - JUST)
    assert told(programmes, "answer-reminder", programme, people) == []
    for moment in (WEEK / 2, WEEK / 2 + JUST, WEEK - JUST):
        pass_time(programmes, begun + moment)
        assert told(programmes, "answer-reminder", programme, people) == ["M2", "M3", "S1", "S2", "S3"]


def test_mentor_of_two_is_reminded_once(programmes: Programmes) -> None:
    programme, people = published(programmes, mentors=1, mentees=2, capacity=2)
    assert told(programmes, "pair-published", programme, people) == ["M1", "S1", "S2"]
    pass_time(programmes, Time.now + WEEK / 2)
    assert told(programmes, "answer-reminder", programme, people) == ["M1", "S1", "S2"]


def test_whoever_accepted_gets_a_partner_when_the_other_was_silent(programmes: Programmes) -> None:
    programme, people = published(programmes)
    begun = Time.now
    for ref, two in (("S1", "M1S1"), ("M2", "M2S2"), ("M3", "M3S3"), ("S3", "M3S3")):
        answer(programmes, people, ref, two)
    pass_time(programmes, begun + WEEK / 2)
    pass_time(programmes, begun + WEEK)
    assert live(programmes, programme) == {"M3S3", "M2S1"}
    assert told(programmes, "pair-changed", programme, people) == ["M2", "S1"]
    assert told(programmes, "left-unpaired", programme, people) == []
    assert told(programmes, "needs-attention", programme, people) == ["owner"]
    [message] = programmes.messages("needs-attention", programme=programme)
    assert message["data"] == {"count": 2}, "those who did not answer"
    assert outcome(answer(programmes, people, "M1", "M1S1")) == "pair-ended"
    assert told(programmes, "pair-published", programme, people) == ["M1", "M2", "M3", "S1", "S2", "S3"]


def test_declined_pair_is_rematched_without_touching_others(programmes: Programmes) -> None:
    programme, people = published(programmes, mentees=2)
    free = ({"M1", "M2", "M3"} - {two[:2] for two in live(programmes, programme)}).pop()
    answer(programmes, people, "M1", "M1S1")
    declined = answer(programmes, people, "S1", "M1S1", accepted=False, reason="schedule")
    assert (body(declined)["state"], body(declined)["ended"].keys()) == ("ended_early", {"at"})
    programmes.solve()
    assert live(programmes, programme) == {f"{free}S1", "M2S2"}
    assert told(programmes, "pair-changed", programme, people) == ["S1"]
    assert told(programmes, "pair-published", programme, people) == ["M1", "M2", free, "S1", "S2"]
    assert told(programmes, "left-unpaired", programme, people) == ["M1", free]
    everything = programmes.get(OWNER, f"/api/programmes/{programme}/pairs")["items"]
    ended = [one for one in everything if one["ended"]]
    assert [(one["ended"]["how"], one["waiting_for"]) for one in ended] == [("declined", [])]
    assert "schedule" not in str(everything) + str(mine(programmes, people, "M1"))
    assert programmes.database.endings.count_documents({"by": people["S1"].id, "reason": "schedule"}) == 1


def test_who_ends_a_pair_without_a_wish_gets_no_other(programmes: Programmes) -> None:
    programme, people = published(programmes, mentees=2)
    free = ({"M1", "M2", "M3"} - {two[:2] for two in live(programmes, programme)}).pop()
    for ref in ("M1", "S1"):
        answer(programmes, people, ref, "M1S1")
    path = f"/api/programmes/{programme}/pairs/M1/S1/end"
    token = programmes.pass_of(people["M1"])
    assert programmes.by_pass(token, "POST", path, {"reason": "schedule", "rematch": False}).status_code == 200
    programmes.solve()
    assert live(programmes, programme) == {"M2S2", f"{free}S1"}
    answer(programmes, people, "S1", f"{free}S1", accepted=False)
    programmes.solve()
    assert live(programmes, programme) == {"M2S2"}, "M1 rests, and M2 is taken"
    assert told(programmes, "left-unpaired", programme, people) == sorted([free, free, "S1"])


def test_new_pairs_never_break_a_reporting_line(programmes: Programmes) -> None:
    programme, people = programmes.cohort(mentees=2)
    changes = {"M3": {"ref": "M3", "manager_ref": "M2"}, "M2": {"manager_ref": "S1"}}
    for ref, change in changes.items():
        programmes.database.participants.update_one({"_id": people[ref].id}, {"$set": change})
    programmes.propose(programme)
    programmes.publish_proposal(programme, with_unpaired=True)
    assert "M3S1" not in live(programmes, programme)
    answer(programmes, people, "S1", "M1S1", accepted=False)
    programmes.solve()
    assert live(programmes, programme) == {"M2S2"}, "only M3 is free, and M2, whose manager is S1, is above M3"


def test_answer_and_lapse_at_once_leave_one_outcome(programmes: Programmes) -> None:
    seen = set()
    for _ in range(8):
        programme, people = published(programmes, mentors=1, mentees=1)
        begun = Time.now
        answer(programmes, people, "M1", "M1S1")
        pass_time(programmes, begun + WEEK / 2)
        Time.now = begun + WEEK
        pair = f"{programme}:{people['M1'].id}:{people['S1'].id}"
        token = programmes.pass_of(people["S1"])

        def accept(token: str = token, programme: str = programme) -> str:
            path = f"/api/programmes/{programme}/pairs/M1/S1/answer"
            return outcome(programmes.by_pass(token, "POST", path, {"accepted": True}))

        said, _ = together(accept, lambda pair=pair: programmes.fire_in("pairs", pair))  # type: ignore[misc]
        programmes.solve()
        [kept] = store.pairs_of(programmes.database, programme)
        ended = told(programmes, "needs-attention", programme, people)
        assert (said, kept.state, ended) in (("200", "active", []), ("pair-ended", "ended_early", ["owner"]))
        seen.add(said)
    print("outcomes:", seen)


def test_two_answers_at_once_activate_the_pair_once(programmes: Programmes) -> None:
    for _ in range(5):
        programme, people = published(programmes, mentors=1, mentees=1)

        def accept(ref: str, people: People = people) -> str:
            return outcome(answer(programmes, people, ref, "M1S1"))

        assert together(lambda: accept("M1"), lambda: accept("S1")) == ["200", "200"]
        assert told(programmes, "pair-active", programme, people) == ["M1", "S1"]
