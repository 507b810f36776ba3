"""Concurrent requests of one person succeed: they do not queue behind one another's documents."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from werkzeug.test import TestResponse

from chassis import guards, telemetry
from chassis.ids import new_id
from chassis.unit import Unit
from services.quotes import store as quotes_store
from tests.kit.examples import CLIENT, PROJECT, card, mentor
from tests.kit.market import Market

AT_ONCE = 32
EACH = 8


def retries() -> float:
    """Number of transactions retried in this process."""
    return float(telemetry.TRANSACTION_RETRIES._value.get())


def all_at_once(call: Callable[[int], TestResponse], count: int) -> Counter[int]:
    """Makes ``count`` calls, `AT_ONCE` of them at a time; returns their statuses."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(answer.status_code for answer in pool.map(call, range(count)))


def test_concurrent_postings_of_one_client_do_not_conflict(market: Market) -> None:
    market.posted(1)
    before = retries()
    path = "/api/projects"
    said = all_at_once(lambda _: market.projects.call(CLIENT, "POST", path, PROJECT), AT_ONCE * EACH)
    assert said == {201: AT_ONCE * EACH}
    assert retries() - before <= AT_ONCE  # if they conflicted, most would retry several times


def test_concurrent_quotes_of_one_mentor_do_not_conflict(market: Market) -> None:
    ids = [new_id() for _ in range(AT_ONCE)]
    market.rounds(AT_ONCE, ids=ids)
    one = f"busy-{new_id()}"

    def invite(unit: Unit) -> None:
        for project_id in ids:
            cards = [{"account": one, "mentor_id": "card"}]
            quotes_store.add_invitations(unit, project_id, cards)

    market.quotes.work.run(invite)
    before = retries()
    said = all_at_once(lambda number: market.quotes.call(one, "POST", f"/api/rounds/{ids[number]}/claim"), AT_ONCE)
    assert said == {201: AT_ONCE}
    assert retries() - before <= AT_ONCE / 4


def test_concurrent_questions_of_all_mentors_are_accepted(market: Market) -> None:
    (project_id,) = market.posted(1)
    mentors = [mentor(project_id, number) for number in range(20)]
    market.projects.hear("mentors.invited", project_id, mentors=[card(account) for account in mentors], wave=1)

    def ask(number: int) -> TestResponse:
        path = f"/api/projects/{project_id}/questions"
        return market.projects.call(mentors[number], "POST", path, {"text": "Combien de personnes ?"})

    assert all_at_once(ask, len(mentors)) == {201: len(mentors)}
    assert len(market.projects.payloads(project_id, "question.asked")) == len(mentors)


def test_closing_a_guard_conflicts_with_every_transaction_that_passes_it(market: Market) -> None:
    """Closing retries one of two open transactions, whichever lane the other uses; two that only pass both commit."""
    name, runs = new_id(), Counter[str]()
    work = market.projects.work

    def passes(unit: Unit) -> None:
        runs["passing"] += 1
        guards.passing(unit, name)
        if runs["passing"] == 1:
            with ThreadPoolExecutor(1) as other:
                other.submit(work.run, lambda beside: guards.passing(beside, name)).result(30)

    work.run(passes)
    assert runs["passing"] == 1, "two transactions that pass the guard do not conflict"

    def is_closed_meanwhile(unit: Unit) -> None:
        runs["met"] += 1
        unit.find("projects", {"_id": "none"})  # the snapshot is taken here
        if runs["met"] == 1:
            with ThreadPoolExecutor(1) as other:
                other.submit(work.run, lambda beside: guards.closing(beside, name)).result(30)
        guards.passing(unit, name)

    work.run(is_closed_meanwhile)
    assert runs["met"] > 1, "a transaction that passes a guard closed meanwhile is retried"
