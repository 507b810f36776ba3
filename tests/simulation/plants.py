"""Bugs that are planted one at a time; the simulation must find each, which shows that it can fail."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from chassis import outbox
from chassis.events import Event
from chassis.facts import Fact
from chassis.http.auth import Actor
from chassis.inbox import COLLECTION, Inbox
from chassis.mongo import Document, Documents
from chassis.unit import Unit, UnitOfWork
from contracts.facts import Descriptor, ProjectPosted
from services.matching import store as matching_store
from services.notify import handlers as notify_handlers
from services.notify.model import project as notify_project
from services.notify.model.audience import Notice
from services.notify.store import projects as notify_projects
from services.projects.model import posting
from services.projects.model.project import Project
from services.quotes import handlers as quotes_handlers
from services.quotes import store as quotes_store
from services.quotes.api import quotes as quotes_api
from services.quotes.model import Round
from tests.kit.examples import ORGANISATION
from tests.simulation.transport import Consuming, Relaying

EARLY = timedelta(minutes=30)
Planted = AbstractContextManager[object]


@dataclass(frozen=True)
class Plant:
    """A bug, and a pattern that the violation's text must match. ``near`` is the first seed to try."""

    name: str
    planted: Callable[[], Planted]
    found_as: str
    near: int = 0


def no_inbox() -> Planted:
    def effect(self: Inbox, events: Sequence[Event], unit: Unit) -> list[bool]:
        for event in events:
            self._handlers[event.name, event.version](event, unit, self._config)
        return [True] * len(events)

    return mock.patch.object(Inbox, "_effect", effect)


@contextmanager
def inbox_row_first() -> Iterator[None]:
    def apply(self: Inbox, event: Event) -> bool:
        row_id = f"{self._group}:{event.id}"

        def note(unit: Unit) -> bool:
            if unit.find(COLLECTION, {"_id": row_id}):
                return False
            unit.collection(COLLECTION).insert_one({"_id": row_id, "at": unit.now})
            return True

        if not self._work.run(note):
            return False
        self._work.run(lambda unit: self._handlers[event.name, event.version](event, unit, self._config))
        return True

    def apply_all(self: Inbox, events: Sequence[Event]) -> list[bool]:
        return [self.apply(event) for event in events]

    with mock.patch.object(Inbox, "apply", apply), mock.patch.object(Inbox, "apply_all", apply_all):
        yield


def offset_first() -> Planted:
    handle = Consuming.handle

    def early(self: Consuming, together: bool) -> str:
        self._committed[self._stream] = self._positions[self._stream]
        return handle(self, together)

    return mock.patch.object(Consuming, "handle", early)


def marked_first() -> Planted:
    step = Relaying.step

    def early(self: Relaying, chance: random.Random, dropping: float) -> str:
        reads = not self.batch
        said = step(self, chance, dropping)
        if reads:
            log = dict.fromkeys((row["topic"] for row in self.batch), "the log")
            outbox.mark_published(self.service.database, self.batch, log, self._clock)
        return said

    return mock.patch.object(Relaying, "step", early)


def failed_send_marked() -> Planted:
    step, mark = Relaying.step, outbox.mark_published

    def careless(self: Relaying, chance: random.Random, dropping: float) -> str:
        rows = self.batch
        said = step(self, chance, dropping)
        if said == "begins again":
            logs = dict.fromkeys((row["topic"] for row in rows), "the log")
            mark(self.service.database, rows, logs, self._clock)
        return said

    return mock.patch.object(Relaying, "step", careless)


def published_backwards() -> Planted:
    pending = outbox.pending
    return mock.patch.object(outbox, "pending", lambda *args: pending(*args)[::-1])


def sixth_slot() -> Planted:
    return mock.patch.object(Round, "_check_free", return_value=None)


@contextmanager
def closed_twice() -> Iterator[None]:
    def pass_time(self: Round, now: datetime) -> list[Fact]:
        facts = [] if self.settled else self._expire_claims(now) + self._extend(now)
        return [*facts, self._close("deadline", self.closes_at)] if now >= self.accepts_until else facts

    due = property(lambda self: min([self.closes_at, *(slot.expires_at for slot in self.slots if slot.expires_at)]))
    with mock.patch.object(Round, "pass_time", pass_time), mock.patch.object(Round, "due_at", due):
        yield


@contextmanager
def fired_early() -> Iterator[None]:
    pass_time, due_at = Round.pass_time, Round.due_at

    def due(self: Round) -> datetime | None:
        at: datetime | None = due_at.fget(self)  # type: ignore[attr-defined]
        return at - EARLY if at else None

    early = mock.patch.object(Round, "pass_time", lambda self, now: pass_time(self, now + EARLY))
    with early, mock.patch.object(Round, "due_at", property(due)):
        yield


def never_fired() -> Planted:
    due_at = Round.due_at
    due = property(lambda self: None if self.extended else due_at.fget(self))  # type: ignore[attr-defined]
    return mock.patch.object(Round, "due_at", due)


def unknown_round_dropped() -> Planted:
    def let_in(event: Event, unit: Unit, config: Any) -> None:
        if quotes_store.find_round(unit, event.subject) is not None:
            quotes_handlers.let_mentors_in(event, unit, config)

    return mock.patch.dict(quotes_handlers.HANDLERS, {"mentors.invited": let_in})


def unknown_project_dropped() -> Planted:
    def tell(event: Event, unit: Unit, config: Any) -> None:
        if notify_projects.find_project(unit, event.subject).posted_at is not None:
            notify_handlers.notify_invited_mentors(event, unit, config)

    return mock.patch.dict(notify_handlers.HANDLERS, {"mentors.invited": tell})


def invited_again() -> Planted:
    listings = matching_store.listings
    return mock.patch.object(matching_store, "listings", lambda unit, project_id, _place: listings(unit, project_id, 0))


def notified_again() -> Planted:
    counter = iter(range(10**9))
    return mock.patch.object(Notice, "id", property(lambda _notice: f"notice-{next(counter)}"))


def late_quote_let_in() -> Planted:
    save = quotes_store.save_round

    def careless(unit: Unit, round: Round, facts: Sequence[Fact], *, within_window: bool = False) -> None:
        save(unit, round, facts)

    return mock.patch.object(quotes_store, "save_round", careless)


def accepted_twice() -> Planted:
    return mock.patch.object(Project, "_check_unfinished", return_value=None)


def withdrawn_quote_kept() -> Planted:
    withdraw = Round.withdraw

    def forget(self: Round, account: str, now: datetime) -> list[Fact]:
        slots = list(self.slots)
        facts = withdraw(self, account, now)
        self.slots = slots
        return facts

    return mock.patch.object(Round, "withdraw", forget)


def seal_broken() -> Planted:
    def read(database: Documents, project_id: str, actor: Actor) -> list[Document]:
        quotes_store.read_round(database, project_id, actor)
        return list(database.quotes.find({"project_id": project_id}))

    return mock.patch.object(quotes_store, "read_quotes", read)


def client_named() -> Planted:
    post = posting.post_project

    def careless(*args: Any) -> tuple[Project, list[Fact]]:
        project, (fact,) = post(*args)
        assert isinstance(fact, ProjectPosted)
        descriptor = Descriptor(sector=ORGANISATION["name"], size=fact.descriptor["size"], shown="both")
        return project, [replace(fact, descriptor=descriptor)]

    return mock.patch.object(posting, "post_project", careless)


def review_never_due() -> Planted:
    due = property(lambda self: self.choose_until if self.state == "choosing" else None)
    return mock.patch.object(Project, "due_at", due)


def claim_kept_after_its_quote() -> Planted:
    release = notify_project.Project.release

    def keep(self: notify_project.Project, account: str, at: datetime) -> None:
        leases, reminded = dict(self.leases), dict(self.claims_ending)
        release(self, account, at)
        self.leases, self.claims_ending = leases, reminded

    return mock.patch.object(notify_project.Project, "release", keep)


def answers_forgotten() -> Planted:
    def command(work: UnitOfWork, _actor: Actor, effect: Callable[[Unit], Any]) -> Any:
        return work.run(effect)

    return mock.patch.object(quotes_api, "command", command)


PLANTS = (
    Plant("the inbox does not check whether the event was handled", no_inbox, "applied an event twice|never handled"),
    Plant("the inbox row is committed before the effect", inbox_row_first, "has lost an event|still collects"),
    Plant("the offset is committed before the effect", offset_first, "has lost an event|never handled"),
    Plant("an outbox row is marked before it is published", marked_first, "lies in the outbox|is not in its topic"),
    Plant(
        "a row whose send failed is marked as published", failed_send_marked, "lies in the outbox|is not in its topic"
    ),
    Plant("the relay publishes an aggregate out of order", published_backwards, "published after a later event"),
    Plant("a sixth slot", sixth_slot, "a sixth slot", near=60),
    Plant("a window is closed twice", closed_twice, "window.closed after the"),
    Plant("a window is closed early", fired_early, "early", near=3),
    Plant("an extended window never ends", never_fired, "still open|ended otherwise", near=12),
    Plant(
        "quotes drops events of a project that it does not know yet", unknown_round_dropped, "lets others in", near=2
    ),
    Plant(
        "notify drops events of a project that it does not know yet",
        unknown_project_dropped,
        "was never notified",
        near=9,
    ),
    Plant("a mentor is invited again by the next wave", invited_again, "invited twice|cannot fire"),
    Plant("a notification is sent again", notified_again, "is sent again|is sent twice"),
    Plant("a quote delayed past the window's end is accepted", late_quote_let_in, "after the window's end"),
    Plant("a second acceptance also wins", accepted_twice, r"project\.\w+ after project", near=6),
    Plant("a withdrawn quote keeps its slot", withdrawn_quote_kept, "the slots differ from the events"),
    Plant("the client reads sealed quotes", seal_broken, "before the window's end"),
    Plant("an event names the client", client_named, "reveals who the client is"),
    Plant("a lonely review never shows", review_never_due, "a review never showed"),
    Plant("a claim is reminded of after its quote", claim_kept_after_its_quote, "reminded of a claim that was over"),
    Plant("an answer is not stored under its key", answers_forgotten, "the same request is answered", near=10),
)
