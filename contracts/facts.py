"""The facts that services publish: a frozen dataclass for each version of an event, with the fields of its schema.

Rules return these, so that mypy finds a misspelt or missing field. The last line of this module compares every
dataclass with its schema in `contracts.events`, so that an error surfaces at the latest on import.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, TypedDict

from chassis.facts import Fact
from contracts.events import EVENTS, EventType


class Descriptor(TypedDict):
    """All that mentors learn about a client."""

    sector: str
    size: str
    shown: str


class Invited(TypedDict):
    """One invitation."""

    account: str
    mentor_id: str


class ReceivedQuote(TypedDict):
    """A quote in a closed round. ``valid_until`` is an ISO 8601 date."""

    quote_id: str
    account: str
    mentor_id: str
    valid_until: str | None


class Settled(TypedDict):
    """The outcome of one quote."""

    quote_id: str
    account: str
    outcome: str


class RequestedMessage(TypedDict):
    """One message to one person; ``account`` is None for somebody without an account."""

    message_id: str
    kind: str
    account: str | None


@dataclass(frozen=True, kw_only=True)
class AccountRegistered(Fact, name="account.registered"):
    """A new account may sign in."""

    role: str
    locale: str


@dataclass(frozen=True, kw_only=True)
class AccountChanged(Fact, name="account.changed"):
    """An account's preferred language has changed."""

    locale: str


@dataclass(frozen=True, kw_only=True)
class AccountVerified(Fact, name="account.verified"):
    """An account's e-mail address is verified."""

    blind_domain: str | None


@dataclass(frozen=True, kw_only=True)
class AccountSuspended(Fact, name="account.suspended"):
    """An operator has suspended an account."""


@dataclass(frozen=True, kw_only=True)
class AccountReinstated(Fact, name="account.reinstated"):
    """An operator has reinstated a suspended account."""


@dataclass(frozen=True, kw_only=True)
class SessionsRevoked(Fact, name="sessions.revoked"):
    """Access tokens are not valid any more: those of a session, or of all that began until ``at``, but ``kept``."""

    account: str
    ended: str | None
    kept: str | None
    at: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class AccountErased(Fact, name="account.erased"):
    """An account is erased."""

    role: str


@dataclass(frozen=True, kw_only=True)
class DepartureAsked(Fact, name="departure.asked"):
    """The time to change one's mind is over: may the account be erased?"""

    departure: str


@dataclass(frozen=True, kw_only=True)
class DepartureGranted(Fact, name="departure.granted"):
    """No award binds the account, and none can bind it any more. The subject is the departure."""

    account: str


@dataclass(frozen=True, kw_only=True)
class DepartureRefused(Fact, name="departure.refused"):
    """An award binds the account, which stays. The subject is the departure."""

    account: str


@dataclass(frozen=True, kw_only=True)
class ErasureDone(Fact, name="erasure.done"):
    """A service has erased all data of the account."""

    service: str


@dataclass(frozen=True, kw_only=True)
class MailRequested(Fact, name="mail.requested"):
    """Accounts requests a mail."""

    mail_id: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class MailRequested2(Fact, name="mail.requested", version=2):
    """Accounts requests a mail of a kind that version 1 does not list."""

    mail_id: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class ProjectPosted(Fact, name="project.posted"):
    """A project with an anonymous brief. ``budget`` is an amount with its currency."""

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
    """The accounts that act for the client have changed."""

    clients: Sequence[str]
    ended: bool


@dataclass(frozen=True, kw_only=True)
class ProjectCancelled(Fact, name="project.cancelled"):
    """The project was cancelled while it collected quotes, ``by`` one of `contracts.market.ENDED_BY`."""

    reason: str
    by: str = "client"


@dataclass(frozen=True, kw_only=True)
class ProjectRefused(Fact, name="project.refused"):
    """All quotes were refused, ``by`` as in `ProjectCancelled`."""

    reason: str
    by: str = "client"


@dataclass(frozen=True, kw_only=True)
class ProjectExpired(Fact, name="project.expired"):
    """The client chose no quote in time."""


@dataclass(frozen=True, kw_only=True)
class ProjectAwarded(Fact, name="project.awarded"):
    """The client chose a quote. ``account`` is the mentor's, ``client`` the account that posted the project."""

    quote_id: str
    account: str
    client: str


@dataclass(frozen=True, kw_only=True)
class ProjectReopened(Fact, name="project.reopened"):
    """A mentor has left. ``quotes`` remain to choose from until ``choose_until``; without any, it is None."""

    account: str
    quotes: int
    choose_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class ProjectCompleted(Fact, name="project.completed"):
    """The client confirmed that the work is done."""

    account: str
    client: str


@dataclass(frozen=True, kw_only=True)
class ReviewsShown(Fact, name="reviews.shown"):
    """Both sides may read the reviews now. ``account`` is the mentor's; there are one or two ``reviews``."""

    account: str
    reviews: int


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Fact, name="question.asked"):
    """An invited mentor asked a question."""

    question_id: str
    account: str


@dataclass(frozen=True, kw_only=True)
class QuestionAnswered(Fact, name="question.answered"):
    """The client answered a question."""

    question_id: str


@dataclass(frozen=True, kw_only=True)
class MentorsInvited(Fact, name="mentors.invited"):
    """A wave of invitations to one project; waves are counted from 1."""

    wave: int
    mentors: Sequence[Invited]


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(Fact, name="profile.changed"):
    """The time zone (IANA) in a mentor's profile changed."""

    account: str
    timezone: str


@dataclass(frozen=True, kw_only=True)
class InvitationDeclined(Fact, name="invitation.declined"):
    """A mentor declined the invitation."""

    account: str


@dataclass(frozen=True, kw_only=True)
class SlotClaimed(Fact, name="slot.claimed"):
    """A mentor claimed one of the five slots until ``expires_at``."""

    account: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class SlotReleased(Fact, name="slot.released"):
    """A claim ended without a quote."""

    account: str


@dataclass(frozen=True, kw_only=True)
class QuoteSubmitted(Fact, name="quote.submitted"):
    """A mentor submitted a sealed quote. ``received`` is the number of quotes in the round."""

    quote_id: str
    account: str
    received: int


@dataclass(frozen=True, kw_only=True)
class QuoteWithdrawn(Fact, name="quote.withdrawn"):
    """A mentor withdrew a quote while the window was open."""

    quote_id: str
    account: str


@dataclass(frozen=True, kw_only=True)
class WindowExtended(Fact, name="window.extended"):
    """The round had fewer than five quotes at the deadline, so the window was extended."""

    closes_at: datetime


@dataclass(frozen=True, kw_only=True)
class WindowClosed(Fact, name="window.closed"):
    """The anonymity window ended. ``digests`` are those of the receipts, sorted."""

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
    """The terms of the chosen quote. Dates are ISO 8601, ``price`` is an amount with its currency."""

    quote_id: str
    account: str
    mentor_id: str
    price: Mapping[str, Any]
    days: float
    starts_on: str
    valid_until: str
    proposal: str
    digest: str
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class QuoteMissing(Fact, name="quote.missing"):
    """The chosen quote is gone with its mentor."""

    quote_id: str


@dataclass(frozen=True, kw_only=True)
class OrganisationShared(Fact, name="organisation.shared"):
    """The accounts that act for an organisation from now on."""

    members: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class MessagesRequested(Fact, name="messages.requested"):
    """Programmes requests mails from notify: 1 to 200, all of one programme."""

    programme: str
    messages: Sequence[RequestedMessage]


@dataclass(frozen=True, kw_only=True)
class PairingProposed(Fact, name="pairing.proposed"):
    """A proposal is ready. ``account`` asked for it."""

    account: str
    pairs: int
    unpaired: int


@dataclass(frozen=True, kw_only=True)
class ProgrammePublished(Fact, name="programme.published"):
    """A programme's pairs or teams are published."""

    participants: int


@dataclass(frozen=True, kw_only=True)
class ProgrammeClosed(Fact, name="programme.closed"):
    """A programme has ended."""


def check(stated: Iterable[type[Fact]], events: Mapping[tuple[str, int], EventType]) -> None:
    """Raises `TypeError` unless each event has exactly one dataclass, with the fields of its schema."""
    known = {(fact.name, fact.version): fact for fact in stated}
    if known.keys() != events.keys():
        raise TypeError(f"events without a dataclass, or the reverse: {sorted(known.keys() ^ events.keys())}")
    for key, fact in known.items():
        wrong = {field.name for field in fields(fact)} ^ events[key].schema().fields.keys()
        if wrong:
            raise TypeError(f"{fact.__name__} and the schema of {events[key].kind} differ in {sorted(wrong)}")


check([fact for fact in Fact.__subclasses__() if fact.__module__ == __name__], EVENTS)
