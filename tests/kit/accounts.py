"""accounts in process."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.mongo import Documents
from services.accounts.config import Config
from tests.kit.answers import body
from tests.kit.examples import EMAIL, PASSWORD, REGISTRATION
from tests.kit.services import INTERNAL, SETTINGS, Running

CONFIG = Config.read(SETTINGS)
WRITES = {"op": {"$in": ["insert", "update", "remove", "command"]}, "ns": {"$not": {"$regex": "system|cmd"}}}


class Accounts(Running):
    """The service over one database."""

    def __init__(self, database: Documents, config: Config = CONFIG) -> None:
        super().__init__("accounts", database, config=config)

    def fresh(self, **settings: Any) -> "Accounts":
        """The application of another process on the same database, with other settings."""
        return Accounts(self.database, replace(self.config, **settings))

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def post(self, path: str, body: dict[str, Any]) -> TestResponse:
        return self.client.post(path, json=body)

    def register(self, **other: str) -> TestResponse:
        return self.post("/api/accounts", REGISTRATION | other)

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
        """The ids of the mails of one kind that notify is to send, oldest first."""
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

    def key_ids(self) -> list[str]:
        return [key["kid"] for key in body(self.client.get("/.well-known/jwks.json"))["keys"]]


def written(accounts: Accounts, action: Callable[[], TestResponse]) -> int:
    """Number of writes that an action causes, by MongoDB's profile of this database."""
    accounts.database.command("profile", 2)
    before = accounts.database["system.profile"].count_documents(WRITES)
    assert action().status_code < 300
    after = accounts.database["system.profile"].count_documents(WRITES)
    accounts.database.command("profile", 0)
    return after - before


def ttl(accounts: Accounts, collection: str) -> tuple[str, int]:
    """The field and the number of seconds after which rows expire."""
    indexes = accounts.database[collection].index_information().values()
    (found,) = [index for index in indexes if "expireAfterSeconds" in index]
    return found["key"][0][0], found["expireAfterSeconds"]


class Recorder:
    """Records log calls instead of writing them."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __getattr__(self, level: str) -> Callable[..., None]:
        return lambda event, **fields: self.lines.append(f"{level} {event} {fields}")
