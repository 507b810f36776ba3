"""Commands on the real database, called as functions: no request, no token, no Flask."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pymongo.errors import OperationFailure

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.mongo import WRITE_CONFLICT, Documents
from chassis.unit import Unit, UnitOfWork
from contracts.events import CONTRACT
from contracts.market import SLOTS
from services.quotes import commands as quotes
from services.quotes import store as quotes_store
from services.quotes.model import open_round
from services.quotes.receipts import Signer
from tests.races.market import TERMS, posted_data

Work = Callable[[str], UnitOfWork]


@pytest.fixture
def work(database: Documents) -> Work:
    """Units of work of the service of this name, with nothing else of it."""
    return lambda service: UnitOfWork(database, service, CONTRACT)


def told(database: Documents) -> list[str]:
    """The events that wait to be published, in order."""
    return [row["name"] for row in database.outbox.find().sort([("subject", 1), ("sequence", 1)])]


def refusal(work: UnitOfWork, effect: Callable[[Unit], Any]) -> str:
    """The name of the refusal that an effect meets."""
    with pytest.raises(Refusal) as refused:
        work.run(effect)
    return refused.value.name


def mentor(number: int) -> Actor:
    return Actor(f"mentor-{number}", "mentor", "a session")


def test_the_fifth_quote_closes_the_round_and_is_timed_once(work: Work, database: Documents) -> None:
    units, key, body, tries = work("quotes"), Signer.new(), {**TERMS, "project_id": "p"}, itertools.count()

    def prepare(unit: Unit) -> None:
        quotes_store.save_round(unit, open_round("p", posted_data(posted_at=unit.now)), [])
        cards = [{"account": mentor(number).id, "mentor_id": f"card-{number}"} for number in range(SLOTS + 1)]
        quotes_store.add_invitations(unit, "p", cards)

    def last(unit: Unit) -> dict[str, Any]:
        answer = quotes.submit_quote(unit, mentor(4), body, [], key)
        if next(tries) == 0:
            raise OperationFailure("met another", WRITE_CONFLICT, {"errorLabels": ["TransientTransactionError"]})
        return answer

    def timed() -> float:
        return REGISTRY.get_sample_value("releve_time_to_five_quotes_seconds_count") or 0

    units.run(prepare)
    before = timed()
    for number in range(4):
        units.run(lambda unit, number=number: quotes.submit_quote(unit, mentor(number), body, [], key))
    assert timed() == before
    assert units.run(last)["state"] == "sealed"
    assert (next(tries), timed()) == (2, before + 1)
    assert told(database) == ["quote.submitted"] * SLOTS + ["window.closed"]
    assert refusal(units, lambda unit: quotes.submit_quote(unit, mentor(5), body, [], key)) == "window-ended"
    assert database.quotes.count_documents({}) == SLOTS
