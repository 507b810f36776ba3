"""What the services state: a frozen dataclass for each event and version, with the fields of its schema.

A rule returns these, so that a misspelt or forgotten field fails in mypy, and at the latest when this module is
imported: its last line compares every dataclass with its schema in `contracts.events`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, TypedDict

from chassis.facts import Fact
from contracts.events import EVENTS, EventType


class Descriptor(TypedDict):
    """All that mentors learn of a client."""

    sector: str
    size: str


class Invited(TypedDict):
    """One invitation."""

    account: str
    mentor_id: str


class ReceivedQuote(TypedDict):
    """A quote in a closed round. ``valid_until`` is an ISO 8601 day."""

    quote_id: str
    account: str
    mentor_id: str
    valid_until: str | None


class Settled(TypedDict):
    """How one quote ended."""

    quote_id: str
    account: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class AccountRegistered(Fact, name="account.registered"):
    """Somebody may now sign in."""

    role: str
    locale: str


@dataclass(frozen=True, kw_only=True)
class AccountChanged(Fact, name="account.changed"):
    """Somebody wants to be written to in another language."""

    locale: str


@dataclass(frozen=True, kw_only=True)
class AccountVerified(Fact, name="account.verified"):
    """Somebody has shown that mail reaches them."""

    blind_domain: str | None


@dataclass(frozen=True, kw_only=True)
class AccountSuspended(Fact, name="account.suspended"):
    """An operator keeps somebody from signing in."""


@dataclass(frozen=True, kw_only=True)
class AccountReinstated(Fact, name="account.reinstated"):
    """An operator lets somebody sign in again."""


@dataclass(frozen=True, kw_only=True)
class AccountErased(Fact, name="account.erased"):
    """Somebody goes for good."""

    role: str


@dataclass(frozen=True, kw_only=True)
class ErasureDone(Fact, name="erasure.done"):
    """This service holds nothing of the account any more."""

    service: str


@dataclass(frozen=True, kw_only=True)
class MailRequested(Fact, name="mail.requested"):
    """A mail of accounts is to be sent."""

    mail_id: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class ProjectPosted(Fact, name="project.posted"):
    """A brief without a name. ``budget`` is an amount with its currency."""

    client: str
    title: str
    brief: str
    topics: Sequence[str]
    languages: Sequence[str]
    descriptor: Descriptor
    budget: Mapping[str, Any] | None
    window: timedelta
    posted_at: datetime
    close_early: bool
    auto_extend: bool
    blind_client: Sequence[str]
    blind_mentors: Sequence[str]
    blind_schools: Sequence[str]
    relaunched_from: str | None
    clients: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ProjectShared(Fact, name="project.shared"):
    """Other accounts act for the client from now on."""

    clients: Sequence[str]
    ended: bool


@dataclass(frozen=True, kw_only=True)
class ProjectCancelled(Fact, name="project.cancelled"):
    """The client took it back while quotes were collected."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ProjectRefused(Fact, name="project.refused"):
    """The client takes none of the quotes."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ProjectExpired(Fact, name="project.expired"):
    """No quote was chosen in time."""


@dataclass(frozen=True, kw_only=True)
class ProjectAwarded(Fact, name="project.awarded"):
    """The client chose; ``account`` is the mentor's, ``client`` the one that posted."""

    quote_id: str
    account: str
    client: str


@dataclass(frozen=True, kw_only=True)
class ProjectCompleted(Fact, name="project.completed"):
    """The client says that the work is done."""

    account: str
    client: str


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Fact, name="question.asked"):
    """An invited mentor asked."""

    question_id: str
    account: str


@dataclass(frozen=True, kw_only=True)
class QuestionAnswered(Fact, name="question.answered"):
    """The client answered."""

    question_id: str


@dataclass(frozen=True, kw_only=True)
class MentorsInvited(Fact, name="mentors.invited"):
    """A wave of invitations to one project; waves are counted from 1."""

    wave: int
    mentors: Sequence[Invited]


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(Fact, name="profile.changed"):
    """A mentor's profile names another time zone (IANA)."""

    account: str
    timezone: str


@dataclass(frozen=True, kw_only=True)
class InvitationDeclined(Fact, name="invitation.declined"):
    """A mentor would rather not."""

    account: str


@dataclass(frozen=True, kw_only=True)
class SlotClaimed(Fact, name="slot.claimed"):
    """A mentor keeps one of the five slots for a while."""

    account: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class SlotReleased(Fact, name="slot.released"):
    """A claim ended without a quote."""

    account: str


@dataclass(frozen=True, kw_only=True)
class QuoteSubmitted(Fact, name="quote.submitted"):
    """A sealed quote came in; ``received`` is how many the round now holds."""

    quote_id: str
    account: str
    received: int


@dataclass(frozen=True, kw_only=True)
class QuoteWithdrawn(Fact, name="quote.withdrawn"):
    """A mentor took the quote back while the window was open."""

    quote_id: str
    account: str


@dataclass(frozen=True, kw_only=True)
class WindowExtended(Fact, name="window.extended"):
    """Fewer than five quotes had come in at the deadline."""

    closes_at: datetime


@dataclass(frozen=True, kw_only=True)
class WindowClosed(Fact, name="window.closed"):
    """The anonymity window ended. ``digests`` are the receipts', sorted."""

    reason: str
    closed_at: datetime
    quotes: Sequence[ReceivedQuote]
    digests: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class QuotesSettled(Fact, name="quotes.settled"):
    """Every quote of the round has its outcome."""

    quotes: Sequence[Settled]


@dataclass(frozen=True, kw_only=True)
class QuoteAccepted(Fact, name="quote.accepted"):
    """The chosen quote with what it says. Days are ISO 8601, ``price`` is an amount with its currency."""

    quote_id: str
    account: str
    mentor_id: str
    price: Mapping[str, Any]
    days: str
    starts_on: str
    valid_until: str
    proposal: str
    digest: str
    received_at: datetime


def check(stated: Iterable[type[Fact]], events: Mapping[tuple[str, int], EventType]) -> None:
    """Raises `TypeError` unless each event has its one dataclass, with the fields of its schema."""
    known = {(fact.name, fact.version): fact for fact in stated}
    if known.keys() != events.keys():
        raise TypeError(f"events without a dataclass, or the other way round: {sorted(known.keys() ^ events.keys())}")
    for key, fact in known.items():
        wrong = {field.name for field in fields(fact)} ^ events[key].schema().fields.keys()
        if wrong:
            raise TypeError(f"{fact.__name__} and the schema of {events[key].kind} differ in {sorted(wrong)}")


check([fact for fact in Fact.__subclasses__() if fact.__module__ == __name__], EVENTS)
