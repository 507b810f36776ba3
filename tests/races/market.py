"""Services as their ``app.py`` composes them, on the real database: HTTP, handlers and deadlines, no Kafka between.

Small projects and rounds are made through the models and the stores, many at once; what a test is about goes over HTTP,
through `chassis.consumer.Inbox` and `chassis.timers.Timers`.
"""

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from secrets import token_bytes
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from pymongo import UpdateOne
from werkzeug.test import TestResponse

from chassis.clock import DATABASE_CLOCK, Clock
from chassis.events import Event, decode, encode
from chassis.facts import Fact
from chassis.http.app import create_app
from chassis.http.auth import AUDIENCE, ISSUER
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.mongo import Document
from chassis.outbox import envelope
from chassis.service import Compose
from chassis.timers import Deadline, Timers
from chassis.unit import Unit
from contracts.events import CONTRACT
from services.projects import app as projects_app
from services.quotes import app as quotes_app
from services.quotes import store as quotes_store
from services.quotes.model import NONCE_BYTES, Quote, Round, Seat, Terms, open_round
from stories.people import in_days
from tests.kit.examples import live_example

WINDOW = timedelta(hours=48)
A_BATCH = 25
A_DAY_S = 24 * 3600
MENTORS = 6
CLIENT = "the-client"
ORGANISATION: dict[str, Any] = {
    "name": "Nestlé Waters",
    "sector": "agroalimentaire",
    "size": "large",
    "contact": {"name": "Camille Bernard", "email": "camille@nestle.example"},
}
WRITTEN: dict[str, Any] = {
    "title": "Coacher nos équipes",
    "brief": "Nos équipes veulent apprendre le CRM et les réseaux sociaux.",
    "topics": ["crm"],
    "languages": ["fr"],
    "window": "PT48H",
}
TERMS: dict[str, Any] = {
    "price": {"amount": 120_000, "currency": "EUR"},
    "days": 3,
    "starts_on": in_days(30),
    "valid_until": in_days(90),
    "proposal": "Deux ateliers par équipe, puis un suivi chaque semaine. " * 5,
}


class KeyServer(http.server.ThreadingHTTPServer):
    """What every service asks of accounts: the keys that tokens are signed with."""

    daemon_threads = True

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        super().__init__(("127.0.0.1", 0), _KeyHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def token(self, account: str, role: str) -> str:
        claims: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "sub": account, "role": role, "sid": "s"}
        claims["exp"] = time.time() + A_DAY_S
        return jwt.encode(claims, self.key, "ES256", headers={"kid": "k", "typ": "at+jwt"})


class _KeyHandler(http.server.BaseHTTPRequestHandler):
    server: KeyServer

    def do_GET(self) -> None:
        jwk = ECAlgorithm.to_jwk(self.server.key.public_key(), as_dict=True)
        body = json.dumps({"keys": [{**jwk, "kid": "k", "alg": "ES256", "use": "sig"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def environ(mongo_uri: str, keys: KeyServer, prefix: str) -> dict[str, str]:
    """The settings of every service of one market; its databases begin with ``prefix``."""
    return {
        "RELEVE_MONGO_URI": mongo_uri,
        "RELEVE_KAFKA": "127.0.0.1:9",
        "RELEVE_DB_PREFIX": prefix,
        "RELEVE_ACCOUNTS_URL": keys.url,
        "RELEVE_INTERNAL_TOKEN": "internal-token",
        "RELEVE_BLIND_SECRET": "a secret of this test",
        "RELEVE_QUIET_HOURS": "none",
    }


def event_of(row: Document) -> Event:
    """An outbox row as it reaches a handler: written to bytes, read again, checked by the contract."""
    _, value, headers = encode(envelope(row))
    came = decode(value, headers)
    return Event(came.id, came.name, came.subject, came.sequence, came.time, CONTRACT.load(came.name, came.payload))


class Running:
    """One service of the market on a database of its own."""

    def __init__(
        self, compose: Compose, settings: Mapping[str, str], keys: KeyServer, clock: Clock = DATABASE_CLOCK
    ) -> None:
        self.service = replace(compose(settings), clock=clock)
        self.name = self.service.settings.service
        self.database = self.service.database("test")
        self.service.ensure_indexes(self.database)
        self.work = self.service.work(self.database)
        self.inbox = Inbox(self.work, self.name, self.service.handlers, self.service.config)
        self._keys, self._tokens = keys, dict[tuple[str, str], str]()
        blueprints = self.service.blueprints(self.work, self.service.config)
        self._app = create_app(self.service.settings, self.database, blueprints)

    @property
    def now(self) -> datetime:
        """The time of the service's clock."""
        return self.work.now()

    def call(
        self, who: str, role: str, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        """One request of this person, in a client of its own; nothing here may ever answer 5xx."""
        token = self._tokens.get((who, role)) or self._keys.token(who, role)
        self._tokens[who, role] = token
        sent = {"Authorization": f"Bearer {token}", **(headers or {})}
        answer = self._app.test_client().open(path, method=method, json=body, headers=sent)
        assert answer.status_code < 500 or "Retry-After" in answer.headers, (method, path, answer.text)
        return answer

    def outbox(self, subject: str) -> list[Document]:
        """What this service has told of a project, in order."""
        return list(self.database.outbox.find({"subject": subject}).sort("sequence", 1))

    def told(self, subject: str, name: str) -> list[Document]:
        """The payloads of these events of a project."""
        return [row["payload"] for row in self.outbox(subject) if row["name"] == name]

    @property
    def deadline(self) -> Deadline:
        """What time does to the documents of this service that one project is about."""
        return next(one for one in self.service.deadlines if one.collection in ("rounds", "projects", "shortlists"))

    def hear(self, name: str, subject: str, data: Mapping[str, Any], sequence: int = 1) -> None:
        """An event comes in."""
        self.inbox.apply(Event(new_id(), name, subject, sequence, self.now, dict(data)))

    @contextmanager
    def timers(self, workers: int = 1, fire: Callable[[Unit, str, Any], None] | None = None) -> Iterator[None]:
        """Workers that fire this service's deadlines; ``fire`` stands in front of the effect."""
        watched = replace(self.deadline, fire=fire or self.deadline.fire)
        stop = threading.Event()
        threads = [
            threading.Thread(target=Timers(self.work, watched, self.service.config, stop).run, name=f"worker-{number}")
            for number in range(1, workers + 1)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def drop(self) -> None:
        """Leaves nothing behind."""
        self.database.client.drop_database(self.database.name)
        self.database.client.close()


def mentor(project_id: str, number: int) -> str:
    """The account of the project's mentor of this number."""
    return f"{project_id}-m{number}"


def seat(account: str) -> Seat:
    """A mentor's seat in a round; the card is named after the account."""
    return Seat(account, f"card-{account}")


def quote_of(account: str) -> str:
    """The id of a quote that only projects knows of."""
    return f"quote-of-{account}"


def posted_data(client: str = CLIENT, **changes: Any) -> dict[str, Any]:
    """The data of a ``project.posted`` as a handler gets it: the contract's example, changed."""
    example = live_example("project.posted", datetime.now(UTC))
    loaded = CONTRACT.load("project.posted", example | {"client": client, "clients": [client]})
    return {**loaded, "window": WINDOW, "budget": None, **changes}


class Market:
    """quotes and projects, each on a database of its own."""

    def __init__(self, mongo_uri: str, clock: Clock = DATABASE_CLOCK) -> None:
        self.keys = KeyServer()
        self.environ = environ(mongo_uri, self.keys, f"test_{new_id().replace('-', '_')}_")
        self.quotes = Running(quotes_app.compose, self.environ, self.keys, clock)
        self.projects = Running(projects_app.compose, self.environ, self.keys, clock)

    def close(self) -> None:
        """Drops the databases."""
        self.quotes.drop()
        self.projects.drop()
        self.keys.shutdown()
        self.keys.server_close()

    @cached_property
    def signer(self) -> Any:
        """The key that receipts are signed with."""
        return quotes_store.signer(self.quotes.database)

    # Many at once.

    def rounds(
        self, count: int, *, quoted: int = 0, claimed: int = 0, ids: Iterable[str] = (), **written: Any
    ) -> list[Round]:
        """Open rounds of six mentors: the first ``quoted`` have quoted, the next ``claimed`` keep a slot."""
        chosen = list(ids) or [new_id() for _ in range(count)]
        return _in_batches(self.quotes, chosen, lambda unit, one: self._round(unit, one, quoted, claimed, written))

    def _round(self, unit: Unit, project_id: str, quoted: int, claimed: int, written: Mapping[str, Any]) -> Round:
        posted = posted_data(posted_at=unit.now, **written)
        round, facts, quotes = open_round(project_id, posted), list[Fact](), list[Quote]()
        accounts = [mentor(project_id, number) for number in range(1, MENTORS + 1)]
        for account in accounts[:quoted]:
            quote_id, terms = new_id(), Terms.of(TERMS)
            receipt = self.signer.receipt(quote_id, project_id, terms, token_bytes(NONCE_BYTES), unit.now)
            facts += round.submit(seat(account), quote_id, receipt.digest, terms.valid_until, unit.now)
            quotes.append(Quote(quote_id, project_id, account, f"card-{account}", terms, receipt, unit.now))
        for account in accounts[quoted : quoted + claimed]:
            facts += round.claim(seat(account), unit.now)
        cards = [{"account": account, "mentor_id": f"card-{account}"} for account in accounts]
        quotes_store.add_invitations(unit, project_id, cards)
        quotes_store.save_round(unit, round, facts)
        for quote in quotes:
            quotes_store.save_quote(unit, quote)
        return round

    def posted(self, count: int, *, received: int | None = None, **written: Any) -> list[str]:
        """Projects that collect quotes, or whose client chooses among so many received ones; their ids."""
        self.projects.call(CLIENT, "client", "PUT", "/api/organisations/me", ORGANISATION)

        def post(_number: int) -> str:
            answer = self.projects.call(CLIENT, "client", "POST", "/api/projects", WRITTEN | written)
            project_id = str(answer.get_json()["id"])
            if received is not None:
                mentors = [mentor(project_id, number) for number in range(1, received + 1)]
                quotes = [{"quote_id": quote_of(one), "account": one, "mentor_id": f"card-{one}"} for one in mentors]
                closed = {"reason": "full", "closed_at": self.projects.now, "quotes": quotes, "digests": []}
                self.projects.hear("window.closed", project_id, closed)
            return project_id

        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(post, range(count)))

    def put_ends(self, ends: Mapping[str, datetime], rounds: Iterable[Round]) -> None:
        """Moves the windows' ends; what is kept beside them goes by the rules."""
        changes = []
        for round in [round for round in rounds if round.id in ends]:
            round.closes_at = ends[round.id]
            kept = {"closes_at": round.closes_at, "accepts_until": round.accepts_until, "due_at": round.due_at}
            changes.append(UpdateOne({"_id": round.id}, {"$set": kept}))
        self.quotes.database.rounds.bulk_write(changes)

    # People.

    def quote(self, project_id: str, number: int, headers: Mapping[str, str] | None = None) -> TestResponse:
        """A mentor of the project hands in a quote."""
        body = {**TERMS, "project_id": project_id}
        return self.quotes.call(mentor(project_id, number), "mentor", "POST", "/api/quotes", body, headers)

    def claim(self, project_id: str, number: int) -> TestResponse:
        """A mentor of the project keeps a slot."""
        return self.quotes.call(mentor(project_id, number), "mentor", "POST", f"/api/rounds/{project_id}/claim")

    def revise(self, project_id: str, number: int, **terms: Any) -> TestResponse:
        """A mentor of the project changes the quote."""
        path = f"/api/quotes/{self.quote_id(project_id, number)}"
        return self.quotes.call(mentor(project_id, number), "mentor", "PATCH", path, terms)

    def withdraw(self, project_id: str, number: int) -> TestResponse:
        """A mentor of the project takes the quote back."""
        path = f"/api/quotes/{self.quote_id(project_id, number)}"
        return self.quotes.call(mentor(project_id, number), "mentor", "DELETE", path)

    def quote_id(self, project_id: str, number: int) -> str:
        """The live quote of a mentor of the project."""
        live = {"project_id": project_id, "account": mentor(project_id, number), "state": {"$ne": "withdrawn"}}
        found = self.quotes.database.quotes.find_one(live, {"_id": 1})
        return str(found["_id"]) if found else "none"

    def choose(self, project_id: str, what: str, **body: Any) -> TestResponse:
        """The client's ``acceptance``, ``refusal`` or ``cancellation``."""
        return self.projects.call(CLIENT, "client", "POST", f"/api/projects/{project_id}/{what}", body)


def _in_batches(running: Running, ids: list[str], make: Callable[[Unit, str], Any]) -> list[Any]:
    made = []
    for first in range(0, len(ids), A_BATCH):
        batch = ids[first : first + A_BATCH]
        made += running.work.run(lambda unit, batch=batch: [make(unit, one) for one in batch])  # type: ignore[misc]
    return made
