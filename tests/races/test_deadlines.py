"""Races of people against deadlines, each run a hundred times; the workers' own timers fire the deadlines."""

import threading
from collections import Counter
from datetime import datetime, timedelta

from pymongo import UpdateOne

from chassis.unit import Unit
from services.quotes.handlers import pass_round_time
from services.quotes.model import Round
from tests.kit.answers import outcome
from tests.kit.examples import WINDOW, mentor
from tests.kit.market import Market
from tests.kit.oracle.agreement import Replay, check_round
from tests.kit.racing import TIMES, against_time
from tests.kit.waiting import until


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def all_closed(market: Market, rounds: list[Round]) -> bool:
    still = {"_id": {"$in": [round.id for round in rounds]}, "reason": None}
    return market.quotes.database.rounds.count_documents(still) == 0


def test_quote_at_the_windows_end_is_accepted_or_refused(market: Market) -> None:
    rounds = market.rounds(TIMES, quoted=2)
    answers = {}

    def act(project: str) -> bool:
        answers[project] = market.quote(project, 3)
        assert outcome(answers[project]) in ("201", "window-ended")
        return answers[project].status_code == 201

    balance = against_time(market.quotes, [r.id for r in rounds], lambda ends: market.put_ends(ends, rounds), act)
    with market.quotes.timers():
        until(lambda: all_closed(market, rounds))
    for round in rounds:
        replay = check_round(market, round.id, 3)
        assert replay.closed is not None
        assert replay.closed["reason"] == "deadline"
        assert instant(replay.closed["closed_at"]) == round.closes_at
        in_time = answers[round.id].status_code == 201
        assert (mentor(round.id, 3) in replay.live) == in_time
        if in_time:
            assert instant(answers[round.id].get_json()["receipt"]["received_at"]) < round.closes_at
    balance.assert_both_won()


def test_revision_at_the_windows_end_counts_or_is_refused(market: Market) -> None:
    rounds = market.rounds(TIMES, quoted=3)
    answers = {}

    def act(project: str) -> bool:
        answers[project] = market.revise(project, 3, days=9)
        assert outcome(answers[project]) in ("200", "window-ended")
        return answers[project].status_code == 200

    balance = against_time(market.quotes, [r.id for r in rounds], lambda ends: market.put_ends(ends, rounds), act)
    with market.quotes.timers():
        until(lambda: all_closed(market, rounds))
    for round in rounds:
        replay = check_round(market, round.id, 3)
        assert replay.closed is not None
        assert replay.names == ["quote.submitted"] * 3 + ["window.closed"]
        kept = market.quotes.database.quotes.find_one({"_id": replay.live[mentor(round.id, 3)]}) or {}
        in_time = answers[round.id].status_code == 200
        assert (kept["state"], kept["days"]) == (("revised", 9) if in_time else ("sealed", 3))
        if in_time:
            assert answers[round.id].get_json()["receipt"]["digest"] in replay.closed["digests"]
    balance.assert_both_won()


def test_withdrawal_at_the_windows_end_removes_the_quote_or_is_refused(market: Market) -> None:
    rounds = market.rounds(TIMES, quoted=3)
    answers = {}

    def act(project: str) -> bool:
        answers[project] = outcome(market.withdraw(project, 3))
        assert answers[project] in ("204", "window-ended")
        return answers[project] == "204"

    balance = against_time(market.quotes, [r.id for r in rounds], lambda ends: market.put_ends(ends, rounds), act)
    with market.quotes.timers():
        until(lambda: all_closed(market, rounds))
    for round in rounds:
        replay = check_round(market, round.id, 3)
        assert len(replay.live) == (2 if answers[round.id] == "204" else 3)
    balance.assert_both_won()


def test_window_being_extended_refuses_no_quote_and_is_extended_once(market: Market) -> None:
    """The fifth quote closes it before or after the extension; with four quotes it is extended either way."""
    four = market.rounds(TIMES // 2, quoted=4, auto_extend=True)
    three = market.rounds(TIMES // 2, quoted=3, auto_extend=True)
    rounds = [round for pair in zip(four, three, strict=True) for round in pair]
    places = {round.id: len(round.quotes) + 1 for round in rounds}
    first_ends: dict[str, datetime] = {}

    def put(ends: dict[str, datetime]) -> None:
        first_ends.update(ends)
        market.put_ends(ends, rounds)

    def act(project: str) -> bool:
        assert outcome(market.quote(project, places[project])) == "201"
        names = Replay(market, project).names
        return "window.extended" not in names[: names.index("quote.submitted", places[project] - 1)]

    def settled_down() -> bool:
        waiting = {"_id": {"$in": list(places)}, "reason": None, "extended": False}
        return market.quotes.database.rounds.count_documents(waiting) == 0

    balance = against_time(market.quotes, [round.id for round in rounds], put, act)
    with market.quotes.timers():
        until(settled_down)
    ends = Counter[str]()
    for round in rounds:
        replay = check_round(market, round.id, places[round.id])
        row = market.quotes.database.rounds.find_one({"_id": round.id}) or {}
        assert row["closes_at"] == first_ends[round.id] + (WINDOW / 2 if replay.extended else timedelta(0))
        if places[round.id] == 5:
            assert replay.names[4:] in (
                ["quote.submitted", "window.closed"],
                ["window.extended", "quote.submitted", "window.closed"],
            )
            assert replay.closed is not None
            assert replay.closed["reason"] == "full"
        else:
            assert sorted(replay.names[3:]) == ["quote.submitted", "window.extended"]
        ends[" ".join(replay.names[places[round.id] - 1 :])] += 1
    print("ends:", dict(ends))
    balance.assert_both_won()


def test_slot_with_an_expired_claim_is_freed_once(market: Market) -> None:
    rounds = market.rounds(TIMES, quoted=4, claimed=1)
    answers = {}

    def put(ends: dict[str, datetime]) -> None:
        moved = [
            UpdateOne({"_id": project}, {"$set": {"slots.4.expires_at": end, "due_at": end}})
            for project, end in ends.items()
        ]
        market.quotes.database.rounds.bulk_write(moved)

    def act(project: str) -> bool:
        answers[project] = outcome(market.claim(project, 6))
        assert answers[project] in ("201", "round-full")
        return answers[project] == "round-full"

    balance = against_time(market.quotes, [round.id for round in rounds], put, act)
    with market.quotes.timers():
        until(lambda: all("slot.released" in Replay(market, round.id).names for round in rounds))
    for round in rounds:
        replay = check_round(market, round.id, 5, 6)
        assert replay.names[5:] == ["slot.released", *(["slot.claimed"] if answers[round.id] == "201" else [])]
        assert replay.claims == ({mentor(round.id, 6)} if answers[round.id] == "201" else set())
        assert outcome(market.claim(round.id, 5)) == ("claim-spent")
    balance.assert_both_won()


def test_workers_firing_the_same_deadlines_end_each_window_once(market: Market) -> None:
    rounds = market.rounds(TIMES, quoted=2, claimed=2)
    tries, ended = Counter[str](), dict[str, list[str]]()
    lock = threading.Lock()

    def watched(unit: Unit, project: str, config: object) -> None:
        before = unit.find("rounds", {"_id": project}) or {}
        pass_round_time(unit, project, config)
        after = unit.find("rounds", {"_id": project}) or {}
        with lock:
            tries[project] += 1
            if before.get("reason") is None and after.get("reason"):
                ended.setdefault(project, []).append(threading.current_thread().name)

    begin = market.quotes.now + timedelta(milliseconds=200)
    market.put_ends({one.id: begin + place * timedelta(milliseconds=10) for place, one in enumerate(rounds)}, rounds)
    with market.quotes.timers(workers=2, fire=watched):
        until(lambda: all_closed(market, rounds))
    for round in rounds:
        replay = check_round(market, round.id)
        assert replay.names[4:] == ["window.closed"]
    mine = {round.id for round in rounds}  # windows that an earlier test extended may end meanwhile
    winners = Counter(workers[-1] for project, workers in ended.items() if project in mine)
    print("tally:", dict(winners), "tries:", tries.total())
    assert winners.total() == TIMES
    assert tries.total() > TIMES
