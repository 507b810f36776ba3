"""Messages to people of a programme: mails that notify sends.

A row holds ids, numbers and instants only. Names, addresses and the token of the link are read when notify sends the
mail, so neither Kafka nor notify's database ever holds one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from contracts.facts import MessagesRequested, RequestedMessage
from contracts.messages import MESSAGES
from services.programmes.model.pairs import Pair
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme

KEPT = timedelta(days=30)
"""How long a link works, and how long a message may wait to be sent."""
KEPT_FAREWELL = timedelta(days=3)
"""How long the last mail to somebody who has objected may wait to be sent; it holds their address."""
RENEWABLE = timedelta(days=90)
"""How long an expired link can still be exchanged for a mail with a new one."""
AT_ONCE = 200
"""Messages in one event."""
FAREWELLS = ("objected", "pair-ended", "programme-closed")
"""The kinds that somebody who no longer takes part still receives."""
MOST_TOKENS = 20
"""Tokens kept per message; more than notify's attempts to send it."""


@dataclass(frozen=True)
class Message:
    """A message to a participant, or to an account that runs or organises a programme.

    ``email`` is set only for somebody who is neither: an invited organiser, or somebody who has objected. ``kind`` and
    the values that it needs are in `contracts.messages`; ``data`` holds those that are not read when it is sent.
    """

    id: str
    programme: str
    kind: str
    created_at: datetime
    participant: str | None = None
    account: str | None = None
    email: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    digests: Sequence[str] = ()
    kept: timedelta = KEPT

    @property
    def has_link(self) -> bool:
        """Whether its link needs a token: it does unless the recipient signs in with an account that runs it."""
        return self.participant is not None or (self.email is not None and self.kind not in FAREWELLS)

    @property
    def expires_at(self) -> datetime:
        """When its link stops working."""
        return self.created_at + self.kept

    @property
    def gone_at(self) -> datetime:
        """When it is deleted."""
        return self.expires_at + (RENEWABLE if self.participant is not None else timedelta(0))


@dataclass(frozen=True)
class Told:
    """A message with those whom its words are about, as they are when it is sent."""

    message: Message
    programme: Programme
    participant: Participant | None = None
    pair: Pair | None = None
    partner: Participant | None = None
    words: Mapping[str, str] = field(default_factory=dict)


def request(messages: Sequence[Message]) -> list[MessagesRequested]:
    """The facts that request these messages from notify, programme by programme.

    Raises ValueError for a kind that notify has no words for.
    """
    if wordless := {one.kind for one in messages} - MESSAGES.keys():
        raise ValueError(f"contracts/messages.py lists no {', '.join(sorted(wordless))}")
    facts = []
    for programme in dict.fromkeys(one.programme for one in messages):
        mine = [one for one in messages if one.programme == programme]
        rows = [RequestedMessage(message_id=one.id, kind=one.kind, account=one.account) for one in mine]
        batches = [rows[first : first + AT_ONCE] for first in range(0, len(rows), AT_ONCE)]
        facts += [MessagesRequested(programme=programme, messages=batch) for batch in batches]
    return facts


def digest_of(token: str) -> str:
    """The stored form of a token: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()
