"""The evidence of a run as plain data: people's answers over HTTP, and the contents of every store, topic and mail.

A test may build one by hand; `tests.faults.collect` reads one from a system.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from contracts.topics import SERVICES

Row = Mapping[str, Any]
DEAD = ".dlq"


@dataclass(frozen=True)
class Message:
    """One message of a topic. Without an ``id`` it could not be decoded; ``at`` is the event's time, unix seconds.

    ``text`` is the raw key, value and headers; it may be left out if no planted word is in it.
    """

    topic: str
    partition: int
    offset: int
    id: str = ""
    source: str = ""
    name: str = ""
    subject: str = ""
    sequence: int = 0
    at: float = 0.0
    payload: Row = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True)
class Finding:
    """A broken promise; ``at`` is the time of the write that it concerns, if known."""

    kind: str
    subject: str
    detail: str
    at: float | None = None


@dataclass(frozen=True)
class Evidence:
    """One run.

    ``people``: account, role, email and ``secrets`` (planted words) of everybody that the load made.
    ``attempts``: those of the ledger, see `tests.faults.ledger`. ``stores``: by service and collection; collections
    that the checker does not read may hold only the rows with a planted word. ``inboxes``: by service, the ids of the
    handled events. ``mails``: to, message_id, notification (its id, or empty) and text. ``logs``: file and line.
    """

    people: Sequence[Row] = ()
    attempts: Sequence[Row] = ()
    stores: Mapping[str, Mapping[str, Sequence[Row]]] = field(default_factory=dict)
    inboxes: Mapping[str, Set[str]] = field(default_factory=dict)
    messages: Sequence[Message] = ()
    mails: Sequence[Row] = ()
    logs: Sequence[Row] = ()
    collected_at: float = 0.0
    services: Sequence[str] = SERVICES
    """The services that took part; the checker expects nothing from others."""

    def rows(self, service: str, collection: str) -> Sequence[Row]:
        """All rows of a collection; empty if it does not exist."""
        return self.stores.get(service, {}).get(collection, ())

    def by_id(self, service: str, collection: str) -> dict[str, Row]:
        """The rows of a collection by their ids."""
        return {row["_id"]: row for row in self.rows(service, collection)}

    def acknowledged(self, method: str, route: str) -> list[Row]:
        """The acknowledged writes of this kind, in the order of the answers."""
        return [a for a in self.acknowledgements if a["method"] == method and a["route"] == route]

    @cached_property
    def acknowledgements(self) -> list[Row]:
        """The attempts answered with a 2xx, in the order of the answers."""
        done = [one for one in self.attempts if one["status"] is not None and 200 <= one["status"] < 300]
        return sorted(done, key=lambda one: float(one["answered"]))

    @cached_property
    def events(self) -> list[Message]:
        """Each event once, at its first place in its topic; without dead letters."""
        there = [m for m in self.messages if m.id and not m.topic.endswith(DEAD)]
        there.sort(key=lambda message: (message.topic, message.partition, message.offset))
        first: dict[str, Message] = {}
        for message in there:
            first.setdefault(message.id, message)
        return list(first.values())

    @cached_property
    def by_name_and_subject(self) -> Mapping[tuple[str, str], list[Message]]:
        """The events by name and subject."""
        found: dict[tuple[str, str], list[Message]] = defaultdict(list)
        for event in self.events:
            found[event.name, event.subject].append(event)
        return found

    def about(self, name: str, subject: str) -> list[Message]:
        """The events with this name about this subject; may be empty."""
        return self.by_name_and_subject.get((name, subject), [])

    @cached_property
    def dead(self) -> list[Message]:
        """Dead letters."""
        return [message for message in self.messages if message.topic.endswith(DEAD)]

    @cached_property
    def gone(self) -> Set[str]:
        """The accounts that were erased. Nothing of theirs is expected, and nothing about them may be kept for them."""
        return {event.subject for event in self.events if event.name == "account.erased"}

    @cached_property
    def posted(self) -> dict[str, Message]:
        """Every published project, with its ``project.posted``."""
        return {event.subject: event for event in reversed(self.events) if event.name == "project.posted"}


class Secrets:
    """The planted words of some people, found in upper or lower case."""

    def __init__(self, people: Sequence[Row]) -> None:
        self._words = sorted({word.lower() for person in people for word in person["secrets"]})

    def inside(self, text: str) -> bool:
        """Whether the text contains any of the words."""
        folded = text.lower()
        return any(word in folded for word in self._words)

    def hide(self, text: str) -> str:
        """The text with the words removed."""
        for word in self._words:
            text = re.sub(re.escape(word), "[…]", text, flags=re.IGNORECASE)
        return text
