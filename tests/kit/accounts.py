"""accounts in process."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.http.internal import HEADER
from chassis.mongo import Documents
from services.accounts.commands.departures import insist
from services.accounts.config import Config
from tests.kit.answers import body
from tests.kit.examples import EMAIL, PASSWORD, REGISTRATION
from tests.kit.services import SETTINGS, Running, internally
from tests.kit.tokens import KeyServer

CONFIG = Config.read(SETTINGS)
WRITES = {"op": {"$in": ["insert", "update", "remove", "command"]}, "ns": {"$not": {"$regex": "system|cmd"}}}


class Awards(KeyServer):
    """The part of projects that accounts calls: whether an award binds somebody, inside `with`."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.asked: list[str] = []
        self.away = False
        super().__init__()

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        account = path.removeprefix("/internal/commitments/")
        if method != "GET" or headers.get(HEADER) != internally("accounts", "projects")[HEADER]:
            return 403, {}
        self.asked.append(account)
        return (503, {}) if self.away else (200, {"bound": account in self.bound})


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
        wanted = {"name": "mail.requested", "payload.kind": kind}
        rows = self.database.outbox.find(wanted).sort([("time", 1), ("sequence", 1)])
        return [row["payload"]["mail_id"] for row in rows]

    def internal(self, method: str, path: str) -> TestResponse:
        """As notify asks."""
        return self.client.open(f"/internal/{path}", method=method, headers=internally("notify", "accounts"))

    def token(self, kind: str) -> str:
        """The token in the newest mail of this kind, as notify gets it to send the mail."""
        answer = self.internal("POST", f"mails/{self.mails(kind)[-1]}")
        assert answer.status_code == 200, answer.json
        return str(body(answer)["token"])

    def leave(self, email: str = EMAIL, password: str = PASSWORD) -> TestResponse:
        """Signs in and asks for one's erasure."""
        path, headers = "/api/accounts/me/erasure", self.bearer(email)
        return self.client.post(path, json={"password": password}, headers=headers)

    def departure(self, account: str) -> str:
        """Lets the time to change one's mind pass; the id of the question that projects gets."""
        past = {"$set": {"at": self.now, "due_at": self.now}}
        self.database.departures.update_one({"_id": account}, past)
        self.fire(account, "departures")
        return str(self.facts("departure.asked")[-1]["payload"]["departure"])

    def erase(self, account: str) -> None:
        """Erases an account as after a granted departure."""
        self.work.run(lambda unit: insist(unit, account, f"departure-of-{account}"))
        self.hear("departure.granted", self.departure(account), account=account)

    def confirm(self, password: str = PASSWORD) -> TestResponse:
        """Opens the link of the newest verification mail, and chooses this password."""
        return self.post(f"/api/accounts/verification/{self.token('verify-email')}", {"password": password})

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
