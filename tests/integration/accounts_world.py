"""The accounts service over one database, for the tests of its parts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.events import Event
from chassis.http.app import create_app
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.mongo import Documents, database_now
from chassis.service import Service
from chassis.settings import Settings
from contracts.events import CONTRACT
from services.accounts import api, handlers, store
from services.accounts.config import Config
from tests.kit.answers import body

INTERNAL = "internal-tök€n"
SECRET = b"blind" * 8
EMAIL = "Thomas.Martin@example.org"
PASSWORD = "une phrase que lui seul connaît"
WISH = {"email": EMAIL, "password": PASSWORD, "role": "mentor", "display_name": "Thomas", "locale": "fr"}
CONFIG = Config(
    internal_token=INTERNAL,
    blind_secret=SECRET,
    verify_email=False,
    link_life=timedelta(hours=24),
    reset_life=timedelta(hours=1),
    access_token_life=timedelta(minutes=10),
    refresh_life=timedelta(days=30),
    refresh_grace=timedelta(seconds=30),
    key_life=timedelta(days=30),
    hash_time_cost=1,
    hash_memory_kib=8,
)


class Accounts:
    """The service over one database. `fresh` gives another process's application of it, with other settings."""

    def __init__(self, database: Documents, mongo_uri: str, config: Config) -> None:
        environ = {"RELEVE_MONGO_URI": mongo_uri, "RELEVE_KAFKA": "none:1", "RELEVE_INTERNAL_TOKEN": INTERNAL}
        self.database, self.config, self._uri = database, config, mongo_uri
        self.service = Service(
            settings=replace(Settings.read("accounts", environ), database=database.name),
            config=config,
            contract=CONTRACT,
            handlers=handlers.HANDLERS,
            deadlines=handlers.DEADLINES,
            indexes=store.INDEXES,
            blueprints=api.blueprints,
        )
        self.service.ensure_indexes(database)
        self.work = self.service.work(database)
        self.app = create_app(self.service.settings, database, api.blueprints(self.work, config))

    def fresh(self, **settings: Any) -> "Accounts":
        return Accounts(self.database, self._uri, replace(self.config, **settings))

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def post(self, path: str, body: dict[str, Any]) -> TestResponse:
        return self.client.post(path, json=body)

    def register(self, **other: str) -> TestResponse:
        return self.post("/api/accounts", WISH | other)

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> TestResponse:
        return self.post("/api/sessions", {"email": email, "password": password})

    def refresh(self, token: str) -> TestResponse:
        return self.post("/api/sessions/refresh", {"refresh_token": token})

    def tokens(self, email: str = EMAIL) -> dict[str, Any]:
        answer = self.sign_in(email)
        assert answer.status_code == 201, answer.json
        return dict(body(answer))

    def bearer(self, email: str = EMAIL) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens(email)['access_token']}"}

    def mails(self, kind: str) -> list[str]:
        """The mails of one kind that notify is asked for, oldest first: their ids."""
        rows = self.database.outbox.find({"name": "mail.requested", "payload.kind": kind}).sort("sequence")
        return [row["payload"]["mail_id"] for row in rows]

    def internal(self, method: str, path: str) -> TestResponse:
        """As notify asks."""
        headers = {"X-Releve-Internal": INTERNAL.encode().decode("latin-1")}
        return self.client.open(f"/internal/{path}", method=method, headers=headers)

    def token(self, kind: str) -> str:
        """The token in the newest mail of this kind, as notify gets it to send the mail."""
        answer = self.internal("POST", f"mails/{self.mails(kind)[-1]}")
        assert answer.status_code == 200, answer.json
        return str(body(answer)["token"])

    def hear(self, name: str, subject: str, **data: Any) -> None:
        """An event of another service."""
        event = Event(new_id(), name, subject, 1, database_now(self.database), data)
        Inbox(self.work, "accounts", handlers.HANDLERS, self.config).apply(event)

    def facts(self, name: str) -> list[dict[str, Any]]:
        """The events of this name that were published."""
        return list(self.database.outbox.find({"name": name}).sort("sequence"))

    def key_ids(self) -> list[str]:
        return [key["kid"] for key in body(self.client.get("/.well-known/jwks.json"))["keys"]]
