"""A market in process: the services of a project's life, each with its own database, and the people in it.

Small projects and rounds are made in bulk through models and stores; the requests under test go over HTTP, through
`chassis.inbox.Inbox` and `chassis.timers.Timers`.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from secrets import token_bytes
from typing import Any

from pymongo import UpdateOne
from werkzeug.test import TestResponse

from chassis.clock import DATABASE_CLOCK, Clock
from chassis.facts import Fact
from chassis.ids import new_id
from chassis.mongo import connect
from chassis.unit import Unit
from services.quotes import store as quotes_store
from services.quotes.model import NONCE_BYTES, Quote, Round, Seat, Terms, open_round
from tests.kit.examples import CLIENT, ORGANISATION, PROJECT, TERMS, card, mentor, posted_data
from tests.kit.services import Running
from tests.kit.tokens import Signer

A_BATCH = 25
MENTORS = 6
FIRST_WAVE = 3


def seat(account: str) -> Seat:
    """A mentor's seat in a round."""
    return Seat(account, card(account)["mentor_id"])


def quote_of(account: str) -> str:
    """The id of a quote that only projects knows."""
    return f"quote-of-{account}"


class Market:
    """Each service starts on first use; the names of the databases begin with ``prefix``."""

    def __init__(self, mongo_uri: str, clock: Clock = DATABASE_CLOCK) -> None:
        self.mongo_uri, self.prefix, self.signer = mongo_uri, f"test_{new_id().replace('-', '_')}_", Signer()
        self._clock = clock

    quotes = cached_property(lambda self: self._run("quotes"))
    projects = cached_property(lambda self: self._run("projects"))
    matching = cached_property(lambda self: self._run("matching"))
    notify = cached_property(lambda self: self._run("notify"))

    def _run(self, name: str) -> Running:
        database = connect(self.mongo_uri, f"{self.prefix}{name}", app="test")
        return Running(name, database, signer=self.signer, clock=self._clock, RELEVE_WAVE_SIZE=str(FIRST_WAVE))

    @property
    def services(self) -> dict[str, Running]:
        """All four services, by name."""
        return {one.name: one for one in (self.quotes, self.projects, self.matching, self.notify)}

    def close(self) -> None:
        """Drops the databases."""
        for service in [one for one in vars(self).values() if isinstance(one, Running)]:
            service.drop()

    @cached_property
    def receipts(self) -> Any:
        """The key that signs receipts."""
        return quotes_store.signer(self.quotes.work)

    # In bulk.

    def rounds(
        self, count: int, *, quoted: int = 0, claimed: int = 0, ids: Iterable[str] = (), **written: Any
    ) -> list[Round]:
        """Open rounds with six mentors: the first ``quoted`` have quoted, the next ``claimed`` hold a claim."""
        chosen = list(ids) or [new_id() for _ in range(count)]
        return _in_batches(self.quotes, chosen, lambda unit, one: self._round(unit, one, quoted, claimed, written))

    def _round(self, unit: Unit, project_id: str, quoted: int, claimed: int, written: Mapping[str, Any]) -> Round:
        posted = posted_data(posted_at=unit.now, **written)
        round, facts, quotes = open_round(project_id, posted), list[Fact](), list[Quote]()
        accounts = [mentor(project_id, number) for number in range(1, MENTORS + 1)]
        for account in accounts[:quoted]:
            quote_id, terms = new_id(), Terms.of(TERMS)
            receipt = self.receipts.receipt(quote_id, project_id, terms, token_bytes(NONCE_BYTES), unit.now)
            facts += round.submit(seat(account), quote_id, receipt.digest, terms.valid_until, unit.now)
            quotes.append(Quote(quote_id, project_id, account, f"card-{account}", terms, receipt, unit.now))
        for account in accounts[quoted : quoted + claimed]:
            facts += round.claim(seat(account), unit.now)
        quotes_store.add_invitations(unit, project_id, [card(account) for account in accounts])
        quotes_store.save_round(unit, round, facts)
        for quote in quotes:
            quotes_store.save_quote(unit, quote)
        return round

    def posted(self, count: int, *, received: int | None = None, **written: Any) -> list[str]:
        """Projects that collect quotes, or, given ``received``, whose client chooses among that many; their ids."""
        self.projects.call(CLIENT, "PUT", "/api/organisations/me", ORGANISATION)

        def post(_number: int) -> str:
            answer = self.projects.call(CLIENT, "POST", "/api/projects", PROJECT | written)
            project_id = str(answer.get_json()["id"])
            if received is not None:
                mentors = [mentor(project_id, number) for number in range(1, received + 1)]
                quotes = [{"quote_id": quote_of(one), **card(one)} for one in mentors]
                closed = {"reason": "full", "closed_at": self.projects.now, "quotes": quotes, "digests": []}
                self.projects.hear("window.closed", project_id, **closed)
            return project_id

        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(post, range(count)))

    def put_ends(self, ends: Mapping[str, datetime], rounds: Iterable[Round]) -> None:
        """Moves the windows' ends; dependent fields follow the rules."""
        changes = []
        for round in [round for round in rounds if round.id in ends]:
            round.closes_at = ends[round.id]
            kept = {"closes_at": round.closes_at, "accepts_until": round.accepts_until, "due_at": round.due_at}
            changes.append(UpdateOne({"_id": round.id}, {"$set": kept}))
        self.quotes.database.rounds.bulk_write(changes)

    # People.

    def quote(self, project_id: str, number: int, **headers: str) -> TestResponse:
        """A mentor of the project submits a quote."""
        body = {**TERMS, "project_id": project_id}
        return self.quotes.call(mentor(project_id, number), "POST", "/api/quotes", body, **headers)

    def claim(self, project_id: str, number: int) -> TestResponse:
        """A mentor of the project claims a slot."""
        return self.quotes.call(mentor(project_id, number), "POST", f"/api/rounds/{project_id}/claim")

    def revise(self, project_id: str, number: int, **terms: Any) -> TestResponse:
        """A mentor of the project revises the quote."""
        path = f"/api/quotes/{self.quote_id(project_id, number)}"
        return self.quotes.call(mentor(project_id, number), "PATCH", path, terms)

    def withdraw(self, project_id: str, number: int) -> TestResponse:
        """A mentor of the project withdraws the quote."""
        path = f"/api/quotes/{self.quote_id(project_id, number)}"
        return self.quotes.call(mentor(project_id, number), "DELETE", path)

    def quote_id(self, project_id: str, number: int) -> str:
        """The id of the live quote of a mentor of the project."""
        live = {"project_id": project_id, "account": mentor(project_id, number), "state": {"$ne": "withdrawn"}}
        found = self.quotes.database.quotes.find_one(live, {"_id": 1})
        return str(found["_id"]) if found else "none"

    def choose(self, project_id: str, what: str, **body: Any) -> TestResponse:
        """The client's ``acceptance``, ``refusal`` or ``cancellation``."""
        return self.projects.call(CLIENT, "POST", f"/api/projects/{project_id}/{what}", body)


def _in_batches(running: Running, ids: list[str], make: Callable[[Unit, str], Any]) -> list[Any]:
    made = []
    for first in range(0, len(ids), A_BATCH):
        batch = ids[first : first + A_BATCH]
        made += running.work.run(lambda unit, batch=batch: [make(unit, one) for one in batch])  # type: ignore[misc]
    return made
