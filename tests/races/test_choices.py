"""Races for a project's single choice and for its end, each run a hundred times."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from pymongo import UpdateOne

from chassis.mongo import Document
from tests.kit.answers import outcome
from tests.kit.examples import mentor
from tests.kit.market import Market, quote_of
from tests.kit.oracle.agreement import check_project, check_round
from tests.kit.racing import TIMES, Balance, against_time, at_once, side_by_side
from tests.kit.services import Running, event_of
from tests.kit.waiting import until

REASON = "Le budget a changé."


def test_one_of_two_concurrent_acceptances_wins_permanently(market: Market) -> None:
    projects, balance = market.posted(TIMES, received=2), Balance()

    def race(number: int, pool: ThreadPoolExecutor) -> None:
        project = projects[number]
        quotes = [quote_of(mentor(project, one)) for one in (1, 2)]
        calls = [lambda one=one: market.choose(project, "acceptance", quote_id=one) for one in quotes]  # type: ignore[misc]
        answers = at_once(pool, *calls, lead=balance.lead)
        names = [outcome(answer) for answer in answers]
        assert sorted(names) == ["200", "already-awarded"]
        winner = names.index("200")
        assert check_project(market, project) == "awarded"
        row = market.projects.database.projects.find_one({"_id": project}) or {}
        assert (row["quote_id"], row["chosen"]) == (quotes[winner], mentor(project, 1 + winner))
        again = [outcome(market.choose(project, "acceptance", quote_id=one)) for one in quotes]
        assert again == names
        balance.won(f"quote {1 + winner}", first=winner == 0)

    side_by_side(TIMES, race)
    balance.assert_both_won()


def test_project_is_accepted_or_refused_never_both(market: Market) -> None:
    projects, balance = market.posted(TIMES, received=2), Balance()

    def race(number: int, pool: ThreadPoolExecutor) -> None:
        project = projects[number]
        quote_id = quote_of(mentor(project, 1))
        names = at_once(
            pool,
            lambda: outcome(market.choose(project, "acceptance", quote_id=quote_id)),
            lambda: outcome(market.choose(project, "refusal", reason=REASON)),
            lead=balance.lead,
        )
        state = check_project(market, project)
        assert (state, *names) in (("awarded", "200", "already-awarded"), ("refused", "already-ended", "200"))
        balance.won(state, first=state == "awarded")

    side_by_side(TIMES, race)
    balance.assert_both_won()


def test_choice_at_the_deadline_is_made_or_lapses_never_both(market: Market) -> None:
    projects = market.posted(TIMES, received=2)
    answers = {}

    def put(ends: dict[str, datetime]) -> None:
        moved = [UpdateOne({"_id": one}, {"$set": {"choose_until": end, "due_at": end}}) for one, end in ends.items()]
        market.projects.database.projects.bulk_write(moved)

    def act(project: str) -> bool:
        quote_id = quote_of(mentor(project, 2))
        answers[project] = outcome(market.choose(project, "acceptance", quote_id=quote_id))
        assert answers[project] in ("200", "already-ended")
        return answers[project] == "200"

    def over() -> bool:
        return market.projects.database.projects.count_documents({"_id": {"$in": projects}, "state": "choosing"}) == 0

    balance = against_time(market.projects, projects, put, act)
    with market.projects.timers():
        until(over)
    for project in projects:
        state = check_project(market, project)
        assert (state, answers[project]) in (("awarded", "200"), ("expired", "already-ended"))
    balance.assert_both_won()


class Courier:
    """Delivers a project's events between the two services, each once or twice, as Kafka does."""

    def __init__(self, market: Market, project: str) -> None:
        self.project = project
        self.ways = [(market.projects, market.quotes), (market.quotes, market.projects)]
        self.place = [0, 0]

    def carry(self, way: int) -> bool:
        """Delivers the next event in one direction, if there is one; every third is delivered twice."""
        source, target = self.ways[way]
        rows = source.outbox(self.project)
        if self.place[way] >= len(rows):
            return False
        for _ in range(2 if self.place[way] % 3 else 1):
            _hear(target, rows[self.place[way]])
        self.place[way] += 1
        return True

    def carry_until(self, done: threading.Event) -> None:
        """Delivers events until ``done`` is set and none is left."""
        idle = threading.Event()
        chance = random.Random(self.project)
        while True:
            last = done.is_set()
            moved = [self.carry(way) for way in chance.sample((0, 1), 2)]
            if last and not any(moved):
                return
            idle.wait(0.002)


def _hear(target: Running, row: Document) -> None:
    if row["name"] in target.service.handlers:
        target.inbox.apply(event_of(row))


def test_cancellation_and_fifth_quote_leave_both_services_in_the_same_state(market: Market) -> None:
    """Events are delivered while both happen: either the client or the mentor may be too late."""
    projects = market.posted(TIMES)
    market.rounds(0, quoted=4, ids=projects)
    market.quotes.database.inbox.insert_many(  # the rounds exist already and must not be opened again
        [{"_id": f"quotes:{market.projects.outbox(one)[0]['_id']}", "at": market.quotes.now} for one in projects]
    )
    slot, news, ends = Balance(), Balance(0.05), Counter[str]()

    def race(number: int, pool: ThreadPoolExecutor) -> None:
        project, done = projects[number], threading.Event()
        courier = pool.submit(Courier(market, project).carry_until, done)
        # the client races the mentor or, delayed in every third race, the event that the window has ended
        balance = news if number % 3 == 0 else slot
        try:
            cancelled, quoted = at_once(
                pool,
                lambda: outcome(market.choose(project, "cancellation", reason=REASON)),
                lambda: outcome(market.quote(project, 5)),
                lead=balance.lead,
            )
        finally:
            done.set()
        courier.result(30)
        state, replay = check_project(market, project), check_round(market, project, 5)
        row = market.quotes.database.rounds.find_one({"_id": project}) or {}
        if cancelled == "200":
            assert quoted in ("201", "window-ended")
            assert (state, row["reason"]) == ("cancelled", "cancelled")
            assert replay.settled is not None
            assert len(replay.settled) == (5 if quoted == "201" else 4)
            assert {one["outcome"] for one in replay.settled} == {"destroyed"}
        else:
            assert (cancelled, quoted) == ("window-ended", "201")
            assert (state, row["reason"], replay.settled) == ("choosing", "full", None)
            received = market.projects.database.projects.find_one({"_id": project}) or {}
            assert {one["quote_id"] for one in received["received"]} == set(replay.live.values())
        ends[f"cancellation {cancelled}, quote {quoted}"] += 1
        client_first = cancelled == "200" if balance is news else quoted == "window-ended"
        balance.won("client" if client_first else "news" if balance is news else "mentor", first=client_first)

    side_by_side(TIMES, race, racers=3)
    print("ends:", dict(ends))
    assert len(ends) == 3
    slot.assert_both_won()
    news.assert_both_won()
