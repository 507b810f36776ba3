"""A small sound run, written by hand: three projects with three different endings, and the evidence of them.

A test plants its fault in `Book`; the checker reads `evidence`.
"""

import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from chassis.events import rfc3339
from contracts.events import CONTRACT, EVENTS
from contracts.topics import SERVICES
from tests.kit.oracle.evidence import Evidence, Message

BEGAN = datetime(2031, 1, 6, 9, tzinfo=UTC).timestamp()
WINDOW_S = 20
CLIENT, MENTORS = "client-1", ("mentor-1", "mentor-2", "mentor-3", "mentor-4")
SECRETS = ["Zqbrandt", "marthe@zqbrandt.example"]
AWARDED, CANCELLED, UNFILLED = "project-1", "project-2", "project-3"


def moment(at: float) -> datetime:
    """The moment as the database returns it."""
    return datetime.fromtimestamp(at, UTC)


def digest(text: str) -> str:
    """A digest that looks like a receipt's."""
    return sha256(text.encode()).hexdigest()


@dataclass
class Book:
    """Everything that the evidence contains; ``at`` is the time of the next step."""

    at: float = BEGAN
    people: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    stores: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=lambda: {s: {} for s in SERVICES})
    inboxes: dict[str, set[str]] = field(default_factory=lambda: {service: set() for service in SERVICES})
    messages: list[Message] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    logs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def evidence(self) -> Evidence:
        """The evidence as of five minutes later."""
        return Evidence(
            self.people, self.attempts, self.stores, self.inboxes, self.messages, self.mails, self.logs, self.at + 300
        )

    def row(self, service: str, collection: str, **values: Any) -> dict[str, Any]:
        """Adds a row to a store."""
        self.stores[service].setdefault(collection, []).append(values)
        return values

    def find(self, service: str, collection: str, id: str) -> dict[str, Any]:
        """The row with this id, for a test to change."""
        return next(row for row in self.stores[service][collection] if row["_id"] == id)

    def publish(self, service: str, name: str, subject: str, **payload: Any) -> Message:
        """Adds an event to outbox, topic and inboxes; it must satisfy the contract."""
        CONTRACT.load(name, payload)
        source = f"urn:releve:service:{service}"
        sequence = 1 + sum((event.source, event.subject) == (source, subject) for event in self.messages)
        event = Message(
            CONTRACT.topic(service, name), zlib.crc32(subject.encode()) % 12, len(self.messages),
            f"event-{len(self.messages)}", source, name, subject, sequence, self.at, payload, f"{subject} {payload}",
        )  # fmt: skip
        self.messages.append(event)
        known = {"subject": subject, "sequence": sequence, "source": source, "name": name}
        self.row(service, "outbox", _id=event.id, topic=event.topic, time=moment(self.at), **known)
        for consumer in EVENTS[name, 1].consumers:
            self.inboxes[consumer].add(event.id)
        return event

    def answer(self, account: str, method: str, route: str, project: str | None = None, **more: Any) -> None:
        """Adds a line of the ledger and advances the time by a second."""
        known: dict[str, Any] = {"status": 200, "error": None, "heard": "", "got": {}} | more
        role = account.partition("-")[0]
        self.attempts.append({
            "sent": self.at - 0.1, "answered": self.at, "account": account, "role": role, "method": method,
            "route": route, "project": project, "wish": f"wish-{len(self.attempts)}", "number": 1, **known,
        })  # fmt: skip
        self.at += 1

    def notify(self, kind: str, account: str, project: str, **data: Any) -> None:
        """Adds a notification and its mail."""
        id = digest(f"{kind} {account} {project} {data}")[:24]
        row = {"kind": kind, "account": account, "project_id": project, "created_at": moment(self.at)}
        self.row("notify", "notifications", _id=id, data=data, read_at=None, **row)
        self.row("notify", "deliveries", _id=f"{id}.email", notification_id=id, state="sent", **row)
        to = f"{account}@example.org"
        self.mails.append({"to": to, "message_id": f"<{id}.email@x>", "notification": id, "text": f"{kind} {id}"})


def sound() -> Book:
    """A run that keeps every promise."""
    book = Book()
    for account in (CLIENT, *MENTORS):
        role = account.partition("-")[0]
        secrets = SECRETS if role == "client" else []
        email = f"{account}@example.org"
        book.people.append({"account": account, "role": role, "email": email, "secrets": secrets})
        book.row("accounts", "accounts", _id=account)
        book.publish("accounts", "account.registered", account, role=role, locale="fr")
        if role == "mentor":
            book.row("matching", "profiles", _id=account)
            book.answer(account, "PUT", "/api/mentors/me")
    book.row("projects", "organisations", _id="org-1", name=SECRETS[0], members=[{"account": CLIENT}])
    book.answer(CLIENT, "PUT", "/api/organisations/me")
    _awarded(book)
    _cancelled(book)
    _unfilled(book)
    return book


def _posted(book: Book, project: str, invited: tuple[str, ...]) -> float:
    posted_at, terms = book.at, {"close_early": True, "auto_extend": False}
    title = f"Coaching {project}"
    nobody: dict[str, Any] = {"quote_id": None, "chosen": None, "relaunched_from": None, "reviews": []}
    book.row("projects", "projects", _id=project, title=title, state="collecting", **nobody)
    book.row("projects", "vault/clients", _id=project, organisation={"name": SECRETS[0]})
    book.row("matching", "shortlists", _id=project, declined=[])
    book.row("quotes", "rounds", _id=project, slots=[], reason=None)
    book.publish(
        "projects", "project.posted", project, client=CLIENT, clients=[CLIENT], title=title, brief="Un brief.",
        topics=["crm"], languages=["fr"], descriptor={"sector": "eau", "size": "group"}, budget=None,
        window=f"PT{WINDOW_S}S", posted_at=rfc3339(moment(posted_at)), blind_client=[], blind_mentors=[],
        blind_schools=[], relaunched_from=None, **terms,
    )  # fmt: skip
    book.answer(CLIENT, "POST", "/api/projects", project, status=201, got={"title": title})
    if invited:
        mentors = [{"account": account, "mentor_id": f"card-{account}"} for account in invited]
        book.publish("matching", "mentors.invited", project, wave=1, mentors=mentors)
    for account in invited:
        book.notify("invited", account, project)
        book.answer(account, "GET", "/api/invitations", heard=f"{project}: Un brief.")
    return posted_at + WINDOW_S


def quote(book: Book, project: str, account: str, received: int) -> str:
    """A mentor submits a quote."""
    quote_id, found = f"quote-{project}-{account}", book.find("quotes", "rounds", project)
    found["slots"].append({"account": account, "quote_id": quote_id, "digest": digest(quote_id)})
    row = {"project_id": project, "account": account, "state": "sealed", "receipt": {"digest": digest(quote_id)}}
    book.row("quotes", "quotes", _id=quote_id, **row)
    book.publish("quotes", "quote.submitted", project, quote_id=quote_id, account=account, received=received)
    if received < 5:
        book.notify("quote-received", CLIENT, project, received=received)
    got = {"quote_id": quote_id, "digest": digest(quote_id), "version": 1}
    book.answer(account, "POST", "/api/quotes", project, status=201, got=got)
    return quote_id


def _close(book: Book, project: str, at: float) -> None:
    book.at, round = at, book.find("quotes", "rounds", project)
    round["reason"] = "deadline"
    mine = [{"quote_id": s["quote_id"], "account": s["account"], "mentor_id": "card"} for s in round["slots"]]
    digests = sorted(slot["digest"] for slot in round["slots"])
    end = {"reason": "deadline", "closed_at": rfc3339(moment(at)), "quotes": mine, "digests": digests}
    book.publish("quotes", "window.closed", project, **end)
    book.find("projects", "projects", project)["state"] = "choosing" if mine else "unfilled"
    if mine:
        book.notify("window-ended", CLIENT, project, quotes=len(mine))
    else:
        book.notify("project-unfilled", CLIENT, project)


def _settle(book: Book, project: str, outcomes: dict[str, str]) -> None:
    settled = []
    for quote_id, outcome in outcomes.items():
        row = book.find("quotes", "quotes", quote_id)
        row["outcome"] = outcome
        settled.append({"quote_id": quote_id, "account": row["account"], "outcome": outcome})
    book.publish("quotes", "quotes.settled", project, quotes=settled)


def _awarded(book: Book) -> None:
    """Claimed, quoted, revised, withdrawn, declined, and one quote accepted."""
    project, (one, two, three, four) = AWARDED, MENTORS
    end = _posted(book, project, MENTORS)
    book.publish("quotes", "slot.claimed", project, account=one, expires_at=rfc3339(moment(end)))
    book.answer(one, "POST", "/api/rounds/{project_id}/claim", project, status=201)
    first, second = quote(book, project, one, 1), quote(book, project, two, 2)
    third = quote(book, project, three, 3)
    round = book.find("quotes", "rounds", project)
    revised = digest("revised")
    round["slots"][0]["digest"] = book.find("quotes", "quotes", first)["receipt"]["digest"] = revised
    got = {"quote_id": first, "digest": revised, "version": 2}
    book.answer(one, "PATCH", "/api/quotes/{quote_id}", project, got=got)
    book.find("quotes", "quotes", third)["state"] = "withdrawn"
    round["slots"].pop()
    book.publish("quotes", "quote.withdrawn", project, quote_id=third, account=three)
    got = {"quote_id": third}
    book.answer(three, "DELETE", "/api/quotes/{quote_id}", project, status=204, got=got)
    book.find("matching", "shortlists", project)["declined"].append(four)
    book.publish("matching", "invitation.declined", project, account=four)
    book.answer(four, "POST", "/api/invitations/{invitation_id}/decline", project)
    _close(book, project, end)
    book.notify("round-over", three, project)
    chosen = book.find("projects", "projects", project)
    chosen |= {"state": "awarded", "quote_id": first, "chosen": one, "awarded_at": moment(book.at)}
    book.publish("projects", "project.awarded", project, quote_id=first, account=one, client=CLIENT)
    book.answer(CLIENT, "POST", "/api/projects/{project_id}/acceptance", project, got={"quote_id": first})
    _settle(book, project, {first: "accepted", second: "not_chosen"})
    book.row("projects", "orders", _id=project, organisation="org-1", number=1)
    book.notify("chosen", one, project)
    book.notify("not-chosen", two, project)
    book.answer(one, "GET", "/api/projects/{project_id}/client", project, heard=f"organisation: {SECRETS[0]}")
    book.answer(two, "GET", "/api/projects/{project_id}/client", project, status=404, heard="not-found")


def _cancelled(book: Book) -> None:
    """One quote, deleted unopened."""
    project = CANCELLED
    _posted(book, project, MENTORS[:2])
    quote_id = quote(book, project, MENTORS[0], 1)
    book.find("projects", "projects", project)["state"] = "cancelled"
    book.publish("projects", "project.cancelled", project, reason="Le budget a changé.")
    book.answer(CLIENT, "POST", "/api/projects/{project_id}/cancellation", project)
    book.find("quotes", "rounds", project).update(slots=[], reason="cancelled")
    _settle(book, project, {quote_id: "destroyed"})
    for account in MENTORS[:2]:
        book.notify("project-cancelled", account, project)


def _unfilled(book: Book) -> None:
    """No mentor quoted."""
    end = _posted(book, UNFILLED, MENTORS[3:])
    _close(book, UNFILLED, end)
    book.notify("round-over", MENTORS[3], UNFILLED)
