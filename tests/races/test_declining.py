"""A mentor who declines leaves the round immediately, in whichever order events arrive."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.ids import new_id
from tests.kit.answers import outcome
from tests.kit.examples import CLIENT, TERMS, mentor
from tests.kit.market import Market
from tests.kit.racing import Balance, at_once


def decline(market: Market, project_id: str, account: str) -> None:
    market.quotes.hear("invitation.declined", project_id, 2, account=account)


def test_five_mentors_who_claim_and_decline_leave_five_free_slots(market: Market) -> None:
    (round,) = market.rounds(1, claimed=5)
    assert outcome(market.claim(round.id, 6)) == "round-full"
    for number in range(1, 6):
        decline(market, round.id, mentor(round.id, number))
        decline(market, round.id, mentor(round.id, number))
    assert len(market.quotes.payloads(round.id, "slot.released")) == 5
    kept = market.quotes.database.rounds.find_one({"_id": round.id}) or {}
    assert kept["slots"] == []
    assert outcome(market.claim(round.id, 1)) == "declined"
    assert outcome(market.quote(round.id, 2)) == "declined"
    assert outcome(market.claim(round.id, 6)) == "201"


def test_decline_arriving_before_invitation_and_round_is_remembered(market: Market) -> None:
    project_id = new_id()
    one = mentor(project_id, 1)
    decline(market, project_id, one)
    assert outcome(market.claim(project_id, 1)) == "not-found"
    market.rounds(1, ids=[project_id])
    assert outcome(market.claim(project_id, 1)) == "declined"
    assert outcome(market.claim(project_id, 2)) == "201"


def test_decline_does_not_affect_a_submitted_quote(market: Market) -> None:
    (round,) = market.rounds(1, quoted=1)
    decline(market, round.id, mentor(round.id, 1))
    assert outcome(market.revise(round.id, 1, days=5)) == "200"
    assert outcome(market.quote(round.id, 1)) == "already-quoted"


def test_concurrent_claim_and_decline_leave_no_claim(market: Market) -> None:
    balance = Balance()
    with ThreadPoolExecutor(2) as pool:
        for round in market.rounds(40):
            one = mentor(round.id, 1)
            claimed = at_once(
                pool,
                lambda round=round: outcome(market.claim(round.id, 1)),  # type: ignore[misc]
                lambda round=round, one=one: str(decline(market, round.id, one)),  # type: ignore[misc,func-returns-value]
                lead=balance.lead,
            )[0]
            kept = market.quotes.database.rounds.find_one({"_id": round.id}) or {}
            assert kept["slots"] == []
            assert claimed in ("201", "declined")
            balance.won(claimed, first=claimed == "201")
    balance.assert_both_won()


def test_concurrent_requests_relaunch_a_project_once(market: Market) -> None:
    with ThreadPoolExecutor(4) as pool:
        for project_id in market.posted(8, received=0):
            path = f"/api/projects/{project_id}/relaunch"
            answers = at_once(pool, *[lambda path=path: market.projects.call(CLIENT, "POST", path)] * 4)
            assert sorted(map(outcome, answers)) == ["201"] + ["already-relaunched"] * 3
            first = next(answer.get_json()["id"] for answer in answers if answer.status_code == 201)
            assert {a.get_json(force=True)["project_id"] for a in answers if a.status_code == 409} == {first}
            assert market.projects.database.projects.count_documents({"relaunched_from": project_id}) == 1


@pytest.mark.parametrize("last_day", ["too-early", "missing"])
def test_quote_expiring_before_the_windows_end_is_refused_on_that_field(market: Market, last_day: str) -> None:
    (round,) = market.rounds(1)
    today = round.opened_at.date().isoformat()
    body = {**TERMS, "project_id": round.id, "valid_until": today}
    if last_day == "missing":
        del body["valid_until"]
    answer = market.quotes.call(mentor(round.id, 1), "POST", "/api/quotes", body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json(force=True)["errors"]] == ["valid_until"]
