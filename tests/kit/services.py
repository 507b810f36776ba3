"""One service as its ``app.py`` composes it, on the real database: HTTP, handlers and deadlines, without Kafka."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from werkzeug.test import TestResponse

from chassis.clock import DATABASE_CLOCK, Clock
from chassis.events import Event, decode, encode
from chassis.http.app import create_app
from chassis.http.internal import HEADER
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.keyring import Keyring
from chassis.mongo import Document, Documents
from chassis.outbox import envelope
from chassis.service import Compose
from chassis.timers import Deadline, Timers
from chassis.unit import Unit
from contracts.events import CONTRACT, EVENTS
from contracts.parts import DRAWN, internal_secret, variable_of
from deploy.local.system import UNLIMITED
from services.accounts import app as accounts
from services.matching import app as matching
from services.notify import app as notify
from services.programmes import app as programmes
from services.projects import app as projects
from services.quotes import app as quotes
from tests.kit.databases import drop
from tests.kit.keys import MASTER_KEYS
from tests.kit.threads import running
from tests.kit.tokens import Signer, role_of

COMPOSE: Mapping[str, Compose] = {
    "accounts": accounts.compose,
    "projects": projects.compose,
    "matching": matching.compose,
    "quotes": quotes.compose,
    "notify": notify.compose,
    "programmes": programmes.compose,
}
BLIND_SECRET = "a secret of this test" * 2
INTERNAL: Mapping[str, str] = {
    variable_of(secret): f"{secret}-tök€n" for secret in DRAWN if secret.startswith("internal_")
}
"""The token of each pair of services that call each other."""
SETTINGS = {
    "RELEVE_MONGO_URI": "-",
    "RELEVE_KAFKA": "127.0.0.1:9",
    "RELEVE_ACCOUNTS_URL": "http://127.0.0.1:9",
    "RELEVE_PUBLIC_URL": "-",
    **INTERNAL,
    "RELEVE_BLIND_SECRET": BLIND_SECRET,
    **MASTER_KEYS,
    "RELEVE_QUIET_HOURS": "none",
    **UNLIMITED,
    "RELEVE_SKETCH_SECRET": "the key of sketches",
    "RELEVE_ERASURE_DELAY": "PT10M",
    "RELEVE_HASH_TIME_COST": "1",
    "RELEVE_HASH_MEMORY_KIB": "8",
    "RELEVE_HASHES_WAITING": "1000",
}
"""The environment of services in tests; nothing answers at these addresses."""


def internally(caller: str, callee: str) -> dict[str, str]:
    """The header with which one service calls another's internal routes."""
    return {HEADER: INTERNAL[variable_of(internal_secret(caller, callee))].encode().decode("latin-1")}


class Running:
    """One service over one database. It trusts tokens of ``signer`` without asking accounts.

    ``config`` and ``keys`` replace the service's own; the other settings come from `SETTINGS` and ``settings``.
    """

    def __init__(
        self,
        name: str,
        database: Documents,
        *,
        signer: Signer | None = None,
        clock: Clock = DATABASE_CLOCK,
        config: Any = None,
        keys: Keyring | None = None,
        **settings: str,
    ) -> None:
        service = COMPOSE[name](SETTINGS | settings)
        own = replace(service.settings, database=database.name)
        self.service = replace(
            service, settings=own, config=config or service.config, clock=clock, keys=keys or service.keys
        )
        self.name, self.database, self.config = name, database, self.service.config
        self.service.ensure_indexes(database)
        self.work = self.service.work(database)
        self.inbox = Inbox(self.work, name, self.service.handlers, self.config)
        self.app = create_app(own, database, self.service.blueprints(self.work, self.config))
        self.signer = signer or Signer()
        if name != "accounts":  # accounts verifies with its own keys
            self.app.extensions["releve_keys"] = self.signer
        self._tokens = dict[tuple[str, str], dict[str, str]]()

    @property
    def now(self) -> datetime:
        """The time of the service's clock."""
        return self.work.now()

    # Over HTTP.

    def call(
        self, who: str, method: str, path: str, body: Any = None, *, role: str = "", **headers: str
    ) -> TestResponse:
        """Sends one request of this person; ``If_Match`` becomes ``If-Match``. Fails on a 5xx without Retry-After.

        By default the role follows from the name (`role_of`).
        """
        answer = self.send(who, method, path, body, role=role, **headers)
        assert answer.status_code < 500 or "Retry-After" in answer.headers, (method, path, answer.text)
        return answer

    def send(
        self, who: str, method: str, path: str, body: Any = None, *, role: str = "", **headers: str
    ) -> TestResponse:
        """Like `call`, but accepts any answer."""
        known = (who, role or role_of(who))
        token = self._tokens.get(known) or self._tokens.setdefault(known, self.signer.header(*known))
        sent = token | {name.replace("_", "-"): text for name, text in headers.items()}
        return self.app.test_client().open(path, method=method, json=body, headers=sent)

    def get(self, who: str, path: str, *, role: str = "", **headers: str) -> Any:
        """The body that this person reads; fails unless the status is 200."""
        answer = self.call(who, "GET", path, role=role, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    # Events and time.

    def event(self, name: str, subject: str, sequence: int = 1, /, **data: Any) -> Event:
        """An event as a handler receives it, dated now."""
        return Event(new_id(), name, subject, sequence, self.now, data)

    def hear(self, name: str, subject: str, sequence: int = 1, /, **data: Any) -> Event:
        """Delivers an event; it takes effect."""
        event = self.event(name, subject, sequence, **data)
        assert self.inbox.apply(event)
        return event

    @property
    def deadline(self) -> Deadline:
        """The service's deadline for documents about a project."""
        return next(one for one in self.service.deadlines if one.collection in ("rounds", "projects", "shortlists"))

    def fire(self, document_id: str, collection: str = "") -> None:
        """Fires the deadline of this document now; without a collection, that of a project."""
        found = [one for one in self.service.deadlines if one.collection == collection] or [self.deadline]
        self.work.run(lambda unit: found[0].fire(unit, document_id, self.config))

    @contextmanager
    def timers(self, workers: int = 1, fire: Callable[[Unit, str, Any], None] | None = None) -> Iterator[None]:
        """Runs workers that fire this service's deadlines; ``fire`` wraps the effect."""
        watched = replace(self.deadline, fire=fire or self.deadline.fire)
        stop = threading.Event()
        with running(*(Timers(self.work, watched, self.config, stop).run for _ in range(workers)), stop=stop):
            yield

    # Published events.

    def outbox(self, subject: str) -> list[Document]:
        """The events about a subject, in order."""
        return list(self.database.outbox.find({"subject": subject}).sort("sequence", 1))

    def payloads(self, subject: str, name: str) -> list[Document]:
        """The payloads of these events of a subject."""
        return [row["payload"] for row in self.outbox(subject) if row["name"] == name]

    def facts(self, name: str) -> list[Document]:
        """The events with this name, for any subject."""
        return list(self.database.outbox.find({"name": name}).sort("sequence", 1))

    def drop(self) -> None:
        """Leaves nothing behind."""
        drop(self.database)
        self.database.client.close()


def event_of(row: Document) -> Event:
    """An outbox row as a handler receives it: serialised, parsed, and validated by the contract."""
    _, value, headers = encode(envelope(row))
    came = decode(value, headers)
    data = CONTRACT.load(came.name, came.payload, came.version)
    return Event(came.id, came.name, came.subject, came.sequence, came.time, data, version=came.version)


def kind_of(row: Document) -> str:
    """What a handler for this outbox row is registered for: ``window.closed``, or ``window.closed.v2``."""
    return EVENTS[row["name"], row["event_version"]].kind
