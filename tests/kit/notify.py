"""The surroundings of notify: accounts, a mail server, and the events of one project."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs

from aiosmtpd.controller import Controller

from chassis.events import Event
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.mongo import Document, database_now
from chassis.unit import UnitOfWork
from deploy.local.ports import free_port
from services.notify import handlers
from services.notify.config import Config
from services.notify.jobs.deliveries import Postman
from tests.kit.examples import WINDOW, card
from tests.kit.tokens import KeyServer

TOKENS = {
    "RELEVE_INTERNAL_NOTIFY_ACCOUNTS": "token-of-accounts",
    "RELEVE_INTERNAL_NOTIFY_PROGRAMMES": "token-of-programmes",
}
TO_ACCOUNTS, TO_PROGRAMMES = TOKENS.values()


class Accounts(KeyServer):
    """The part of accounts that notify calls: the keys, and addresses for the internal token."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, str]] = {}
        self.mails: dict[str, dict[str, str | None]] = {}
        self.asked: list[str] = []
        self.forgotten: list[str] = []
        self.away = self.keeps_mails = self.older = False
        super().__init__()

    def token(self, account: str, life: float = 600) -> dict[str, str]:
        return self.signer.header(account, "mentor", life_s=life)

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        known = headers.get("X-Releve-Internal") == TO_ACCOUNTS
        if method == "DELETE":
            self.forgotten.append(path)
            return 204 if known and not (self.away or self.keeps_mails) else 503, None
        if self.away:
            return 503, {}
        if path == "/.well-known/jwks.json":
            return super().answer(method, path, headers)
        if not known:
            return 403, {}
        self.asked.append(path)
        if path.startswith("/internal/addresses?") and not self.older:
            wanted = parse_qs(path.partition("?")[2])["id"]
            return 200, {"addresses": {id: self.people[id] for id in wanted if id in self.people}}
        found = self.people.get(path.removeprefix("/internal/addresses/")) or self.mails.get(path.rpartition("/")[2])
        return (200, found) if found else (404, {})


class Programmes(KeyServer):
    """The part of programmes that notify calls: messages, for the internal token, until they are forgotten."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.fetched: list[str] = []
        self.forgotten: list[str] = []
        self.away = False
        super().__init__()

    def holds(self, kind: str, **changes: Any) -> str:
        """A message to Anne, who has no account; returns its id."""
        values = {"programme": "Horizons", "host": "PWN Paris", "contact_name": "", "contact_email": "", "until": None}
        usual = {"kind": kind, "account": None, "email": "anne@example.org", "display_name": "Anne", "locale": "fr"}
        usual |= {"page": "pair", "token": "t0k3n", "timezone": ""}
        values |= changes.pop("values", {})
        message_id = new_id()
        self.messages[message_id] = usual | {"values": values} | changes
        return message_id

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        _, internal, kind, message_id = path.split("/")
        if (internal, kind) != ("internal", "messages") or method not in ("POST", "DELETE"):
            return 405, {}
        if headers.get("X-Releve-Internal") != TO_PROGRAMMES:
            return 403, {}
        if self.away:
            return 503, {}
        if method == "DELETE":
            self.forgotten.append(message_id)
            return 204, None
        self.fetched.append(message_id)
        found = self.messages.get(message_id)
        return (200, found) if found else (404, {})


class Letterbox:
    """A real SMTP server's mails; ``answer`` is the reply to the next mail, ``once`` that to a single command."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answer = "250 OK"
        self.once: dict[str, str] = {}

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, options: Any) -> str:
        if "MAIL" in self.once:
            return self.once.pop("MAIL")
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if "RCPT" in self.once:
            return self.once.pop("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if "DATA" in self.once:
            return self.once.pop("DATA")
        if self.answer.startswith("2"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
            self.recipients.append(envelope.rcpt_tos)
        return self.answer


@contextmanager
def smtp_server(**options: Any) -> Iterator[tuple[Letterbox, int]]:
    box, port = Letterbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    yield box, port
    controller.stop()


def config_of(accounts_url: str, smtp_port: int = 1, quiet: str = "none", programmes_url: str = "") -> Config:
    said = TOKENS | {"RELEVE_ACCOUNTS_URL": accounts_url, "RELEVE_QUIET_HOURS": quiet}
    said |= {"RELEVE_PROGRAMMES_URL": programmes_url} if programmes_url else {}
    return Config.read(said | {"RELEVE_SMTP": f"127.0.0.1:{smtp_port}"})


class Story:
    """The events of one project, with people whose names belong to this project only."""

    def __init__(self, work: UnitOfWork, posted_at: datetime | None = None, window: timedelta = WINDOW) -> None:
        self.work = work
        self.id = new_id()
        self.window = window
        self.posted_at = posted_at or database_now(work.database)
        self.inbox = Inbox(work, "notify", handlers.HANDLERS, None)

    def who(self, name: str) -> str:
        return f"{self.id}-{name}"

    def event(self, name: str, subject: str | None = None, **data: Any) -> Event:
        return Event(new_id(), name, subject or self.id, 1, self.posted_at, data)

    def registered(self, name: str, locale: str) -> Event:
        return self.event("account.registered", self.who(name), role="mentor", locale=locale)

    def lives(self, name: str, zone: str, sequence: int) -> Event:
        event = self.event("profile.changed", f"card-{name}", account=self.who(name), timezone=zone)
        return replace(event, sequence=sequence)

    def posted(self, title: str = "CRM", **changes: Any) -> Event:
        data: dict[str, Any] = {"client": self.who("client"), "title": title, "close_early": True, "auto_extend": False}
        data |= {"posted_at": self.posted_at, "window": self.window}
        return self.event("project.posted", None, **(data | changes))

    def invited(self, *names: str) -> Event:
        mentors = [card(self.who(name)) for name in names]
        return self.event("mentors.invited", wave=1, mentors=mentors)

    def asked(self, question_id: str, name: str) -> Event:
        return self.event("question.asked", question_id=f"{self.id}-{question_id}", account=self.who(name))

    def answered(self, question_id: str) -> Event:
        return self.event("question.answered", question_id=f"{self.id}-{question_id}")

    def declined(self, name: str) -> Event:
        return self.event("invitation.declined", account=self.who(name))

    def claimed(self, name: str, life: timedelta = timedelta(hours=8)) -> Event:
        return self.event("slot.claimed", account=self.who(name), expires_at=self.posted_at + life)

    def submitted(self, name: str, received: int) -> Event:
        return self.event("quote.submitted", quote_id=f"q-{name}", account=self.who(name), received=received)

    def closed(self, *names: str, reason: str = "deadline") -> Event:
        quotes = [{"quote_id": f"q-{name}", **card(self.who(name))} for name in names]
        return self.event("window.closed", reason=reason, closed_at=self.posted_at, quotes=quotes, digests=[])

    def cancelled(self) -> Event:
        return self.event("project.cancelled", reason="Le budget manque.")

    def awarded(self, name: str) -> Event:
        return self.event("project.awarded", quote_id=f"q-{name}", account=self.who(name))

    def settled(self, **outcomes: str) -> Event:
        quotes = [{"quote_id": "q", "account": self.who(name), "outcome": how} for name, how in outcomes.items()]
        return self.event("quotes.settled", quotes=quotes)

    def happens(self, *events: Event) -> "Story":
        for event in events:
            self.inbox.apply(event)
        return self

    def state(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[Document]]:
        """The notifications, the mails to send, and the people, without this story's own ids and times."""

        def plain(row: Document) -> tuple[Any, ...]:
            data = {name: value for name, value in row.get("data", {}).items() if name != "closes_at"}
            return row["kind"], row["account"].removeprefix(self.id), json.dumps(data, sort_keys=True)

        mine = {"project_id": self.id}
        notifications = list(self.work.database["notifications"].find(mine))
        deliveries = list(self.work.database["deliveries"].find(mine))
        people = self.work.database["people"].find({"_id": {"$regex": f"^{self.id}"}}, {"counter": 0}).sort("_id")
        known = [{**row, "_id": row["_id"].removeprefix(self.id)} for row in people]
        return sorted(map(plain, notifications)), sorted(map(plain, deliveries)), known


class Post:
    """A story whose mails go to the letterbox."""

    def __init__(self, work: UnitOfWork, accounts: Accounts, letterbox: tuple[Letterbox, int]) -> None:
        self.work, self.accounts = work, accounts
        self.box, self.port = letterbox
        self.postman = self.hired()

    def hired(self, quiet: str = "none") -> Postman:
        return Postman(self.work, config_of(self.accounts.url, self.port, quiet), lambda: 0.5)

    def invite(self, posted_at: datetime | None = None, locale: str = "fr", names: Sequence[str] = ("a",)) -> Story:
        story = Story(self.work, posted_at)
        for name in names:
            email = f"{name}-{story.id[:6].lower()}@example.org"
            self.accounts.people[story.who(name)] = {"email": email, "display_name": "Inès", "locale": locale}
        return story.happens(story.posted("CRM\r\nBcc: x@example.org"), story.invited(*names))

    def delivery(self, story: Story, name: str = "a") -> Document:
        found = self.work.database["deliveries"].find_one({"project_id": story.id, "account": story.who(name)})
        assert found
        return found

    def hurry(self) -> None:
        """Makes every waiting delivery due."""
        due = {"due_at": {"$exists": True}}
        now = database_now(self.work.database) - timedelta(seconds=1)
        self.work.database["deliveries"].update_many(due, {"$set": {"due_at": now}})
