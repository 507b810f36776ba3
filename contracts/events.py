"""Every event of the market: who publishes it, who listens, what it says.

Inside a version only optional fields are added. Nothing here names a client: accounts are opaque ids.
Where a field is called ``account``, it is such an id; ``mentor_id`` is the id of a mentor's card, the one
that clients see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from chassis.events import SchemaBroken
from contracts.fields import (
    DIGEST,
    LANGUAGE,
    AnyMoney,
    Day,
    Duration,
    HalfDays,
    Id,
    Instant,
    Text,
    Texts,
    WholeNumber,
    Zone,
)
from contracts.market import SIZES, SLOTS
from contracts.parts import DATABASES
from contracts.topics import topic_of

TEXT_MOST = 20_000
Digests = fields.List(fields.String(validate=DIGEST), required=True)


class EventData(Schema):
    """The data of an event. Consumers ignore what they do not know, so that producers may add."""

    class Meta:
        unknown = EXCLUDE


class AccountRegistered(EventData):
    """Somebody may now sign in."""

    role = fields.String(required=True, validate=validate.OneOf(["client", "mentor", "operator"]))
    locale = fields.String(required=True, validate=validate.OneOf(["fr", "en"]))


class AccountChanged(EventData):
    """Somebody wants to be written to in another language."""

    locale = fields.String(required=True, validate=validate.OneOf(["fr", "en"]))


class AccountVerified(EventData):
    """Somebody has shown that mail reaches them. ``blind_domain`` stands for the domain that it reaches them at
    (`contracts.blind.domain_digest`), None where that is one of the providers where anybody gets an address.
    """

    blind_domain = fields.String(required=True, allow_none=True, validate=DIGEST)


class AccountSuspended(EventData):
    """An operator keeps somebody from signing in."""


class AccountReinstated(EventData):
    """An operator lets somebody sign in again."""


class AccountErased(EventData):
    """Somebody goes for good: each service erases what it holds of them, and answers with ``erasure.done``."""

    role = fields.String(required=True, validate=validate.OneOf(["client", "mentor", "operator"]))


class ErasureDone(EventData):
    """This service holds nothing of the account any more. Which services there are is no business of the schema."""

    service = Id(required=True)


class MailRequested(EventData):
    """A mail of accounts is to be sent; to whom and what it says, notify asks accounts when it sends."""

    mail_id = Id(required=True)
    kind = fields.String(
        required=True,
        validate=validate.OneOf(["verify-email", "password-reset", "already-registered", "erasure-done"]),
    )


class Descriptor(EventData):
    """All that mentors learn of the client: how large, in what trade."""

    sector = Text(most=100, required=True)
    size = fields.String(required=True, validate=validate.OneOf(list(SIZES)))


class ProjectPosted(EventData):
    """A brief without a name. The ``blind`` digests say whom not to bring together, to nobody who can't name them."""

    client = Id(required=True)
    title = Text(most=200, required=True)
    brief = Text(most=TEXT_MOST, required=True)
    topics = Texts(most=20, required=True)
    languages = fields.List(fields.String(validate=LANGUAGE), required=True)
    descriptor = fields.Nested(Descriptor, required=True)
    budget = AnyMoney(allow_none=True, load_default=None)
    window = Duration(required=True)
    posted_at = Instant(required=True)
    close_early = fields.Boolean(required=True)
    auto_extend = fields.Boolean(required=True)
    blind_client = Digests
    blind_mentors = Digests
    blind_schools = Digests
    relaunched_from = Id(allow_none=True, load_default=None)
    clients = fields.List(Id(), allow_none=True, load_default=None)


class ProjectShared(EventData):
    """These accounts, and no others, are the client's from now on: somebody joined its organisation or left it."""

    clients = fields.List(Id(), required=True)
    ended = fields.Boolean(required=True)


class ProjectCancelled(EventData):
    """The client took it back while quotes were collected. The reason has been scanned for its name."""

    reason = Text(most=2000, required=True)


class ProjectRefused(EventData):
    """The client takes none of the quotes. The reason has been scanned for its name."""

    reason = Text(most=2000, required=True)


class ProjectExpired(EventData):
    """Nobody chose in time."""


class ProjectAwarded(EventData):
    """The client chose; ``account`` is the mentor's, ``client`` the one that posted."""

    quote_id = Id(required=True)
    account = Id(required=True)
    client = Id(allow_none=True, load_default=None)


class ProjectCompleted(EventData):
    """The client says that the work is done; the accounts are those of ``project.awarded``."""

    account = Id(required=True)
    client = Id(allow_none=True, load_default=None)


class QuestionAsked(EventData):
    """An invited mentor asked; what it says stays with projects, where each reader sees what they may."""

    question_id = Id(required=True)
    account = Id(required=True)


class QuestionAnswered(EventData):
    """The client answered; what it says stays with projects."""

    question_id = Id(required=True)


class Invited(EventData):
    """One invitation: the mentor's account, its card, and the time of the invitation's end."""

    account = Id(required=True)
    mentor_id = Id(required=True)


class MentorsInvited(EventData):
    """A wave of invitations to one project."""

    wave = WholeNumber(required=True, validate=validate.Range(1))
    mentors = fields.List(fields.Nested(Invited), required=True)


class ProfileChanged(EventData):
    """A mentor's profile names another time zone; without a word of it, a person's is `contracts.market.DEFAULT_ZONE`.

    The subject is the mentor's card. Nothing else of a profile passes.
    """

    account = Id(required=True)
    timezone = Zone(required=True)


class InvitationDeclined(EventData):
    """A mentor would rather not; it never counts against them."""

    account = Id(required=True)


class SlotClaimed(EventData):
    """A mentor keeps one of the five slots for a while."""

    account = Id(required=True)
    expires_at = Instant(required=True)


class SlotReleased(EventData):
    """A claim ended without a quote: the slot is free."""

    account = Id(required=True)


class QuoteSubmitted(EventData):
    """A sealed quote came in; ``received`` is how many the round now holds."""

    quote_id = Id(required=True)
    account = Id(required=True)
    received = WholeNumber(required=True, validate=validate.Range(1, SLOTS))


class QuoteWithdrawn(EventData):
    """A mentor took the quote back while the window was open: the slot is free."""

    quote_id = Id(required=True)
    account = Id(required=True)


class WindowExtended(EventData):
    """Fewer than five had come in at the deadline: once, half the window more."""

    closes_at = Instant(required=True)


class ReceivedQuote(EventData):
    """A quote in the closed round: whose it is, never what it says."""

    quote_id = Id(required=True)
    account = Id(required=True)
    mentor_id = Id(required=True)
    valid_until = Day(load_default=None, allow_none=True)


class WindowClosed(EventData):
    """The anonymity window ended, once. ``digests`` are the receipts', sorted."""

    reason = fields.String(required=True, validate=validate.OneOf(["full", "deadline"]))
    closed_at = Instant(required=True)
    quotes = fields.List(fields.Nested(ReceivedQuote), required=True, validate=validate.Length(max=SLOTS))
    digests = Digests


class Settled(EventData):
    """How one quote ended."""

    quote_id = Id(required=True)
    account = Id(required=True)
    outcome = fields.String(
        required=True, validate=validate.OneOf(["accepted", "not_chosen", "refused", "lapsed", "destroyed"])
    )


class QuoteAccepted(EventData):
    """The chosen quote with what it says: for the order, after the award and of no other quote."""

    quote_id = Id(required=True)
    account = Id(required=True)
    mentor_id = Id(required=True)
    price = AnyMoney(required=True)
    days = HalfDays(required=True)
    starts_on = Day(required=True)
    valid_until = Day(required=True)
    proposal = Text(most=TEXT_MOST, required=True)
    digest = fields.String(required=True, validate=DIGEST)
    received_at = Instant(required=True)


class QuotesSettled(EventData):
    """Every quote of the round has its outcome: no mentor is left without an answer."""

    quotes = fields.List(fields.Nested(Settled), required=True)


@dataclass(frozen=True)
class EventType:
    """One version of one event. A version with other fields is another event to its readers."""

    name: str
    publishers: tuple[str, ...]
    consumers: tuple[str, ...]
    schema: type[Schema]
    version: int = 1

    @property
    def kind(self) -> str:
        """Its name, with its version from the second on: what handlers, examples and messages are called by."""
        return self.name if self.version == 1 else f"{self.name}.v{self.version}"


ERASING = tuple(name for name in DATABASES if name != "accounts")
"""The services that erase a person's data when accounts publishes ``account.erased``."""

EVENTS: dict[tuple[str, int], EventType] = {
    (event.name, event.version): event
    for event in (
        EventType("account.registered", ("accounts",), ("notify",), AccountRegistered),
        EventType("account.changed", ("accounts",), ("notify",), AccountChanged),
        EventType("account.verified", ("accounts",), ("projects",), AccountVerified),
        EventType("account.suspended", ("accounts",), ("matching",), AccountSuspended),
        EventType("account.reinstated", ("accounts",), ("matching",), AccountReinstated),
        EventType("account.erased", ("accounts",), ERASING, AccountErased),
        EventType("erasure.done", ERASING, ("accounts",), ErasureDone),
        EventType("mail.requested", ("accounts",), ("notify",), MailRequested),
        EventType("project.posted", ("projects",), ("quotes", "matching", "notify"), ProjectPosted),
        EventType("project.shared", ("projects",), ("quotes", "matching", "notify"), ProjectShared),
        EventType("project.cancelled", ("projects",), ("quotes", "matching", "notify"), ProjectCancelled),
        EventType("project.refused", ("projects",), ("quotes", "notify"), ProjectRefused),
        EventType("project.expired", ("projects",), ("quotes", "notify"), ProjectExpired),
        EventType("project.awarded", ("projects",), ("accounts", "quotes", "notify"), ProjectAwarded),
        EventType("project.completed", ("projects",), ("accounts", "notify"), ProjectCompleted),
        EventType("question.asked", ("projects",), ("notify",), QuestionAsked),
        EventType("question.answered", ("projects",), ("notify",), QuestionAnswered),
        EventType("mentors.invited", ("matching",), ("projects", "quotes", "notify"), MentorsInvited),
        EventType("profile.changed", ("matching",), ("notify",), ProfileChanged),
        EventType("invitation.declined", ("matching",), ("quotes", "notify"), InvitationDeclined),
        EventType("slot.claimed", ("quotes",), ("matching",), SlotClaimed),
        EventType("slot.released", ("quotes",), ("matching",), SlotReleased),
        EventType("quote.submitted", ("quotes",), ("matching", "notify"), QuoteSubmitted),
        EventType("quote.withdrawn", ("quotes",), ("matching", "notify"), QuoteWithdrawn),
        EventType("window.extended", ("quotes",), ("projects", "matching", "notify"), WindowExtended),
        EventType("window.closed", ("quotes",), ("projects", "matching", "notify"), WindowClosed),
        EventType("quotes.settled", ("quotes",), ("notify",), QuotesSettled),
        EventType("quote.accepted", ("quotes",), ("projects",), QuoteAccepted),
    )
}
"""By name and version. Who publishes what stands here alone."""


@cache
def _schema(name: str, version: int) -> Schema:
    return EVENTS[name, version].schema()


class MarketContract:
    """The contract as the chassis asks for it (`chassis.events.Contract`)."""

    def dump(self, name: str, data: Mapping[str, Any], version: int = 1) -> dict[str, Any]:
        """JSON values of an event about to be published; `SchemaBroken` for an unknown, missing or wrong field.

        What is optional for readers (older events lack it) is not for us who write: a forgotten field is an error.
        """
        schema = _schema(name, version)
        wrong_names = data.keys() ^ schema.fields.keys()
        if wrong_names:
            raise SchemaBroken(name, sorted(wrong_names))
        payload: dict[str, Any] = schema.dump(data)
        wrong = schema.validate(payload)
        if wrong:
            raise SchemaBroken(name, [str(field) for field in wrong])
        return payload

    def load(self, name: str, payload: Mapping[str, Any], version: int = 1) -> dict[str, Any]:
        """Python values of an event that came in, unknown fields left out; `SchemaBroken` when it does not fit."""
        try:
            data: dict[str, Any] = _schema(name, version).load(payload)
            return data
        except ValidationError as error:
            raise SchemaBroken(name, [str(field) for field in error.normalized_messages()]) from error

    def topic(self, service: str) -> str:
        """The publisher's topic."""
        return topic_of(service)

    def topics(self, name: str, version: int = 1) -> set[str]:
        """The topics of all its publishers."""
        return {topic_of(publisher) for publisher in EVENTS[name, version].publishers}

    def known(self, name: str, version: int) -> bool:
        """A version of an event listed here."""
        return (name, version) in EVENTS

    def publishes(self, service: str, name: str = "", version: int = 1) -> bool:
        """Whether it is among the publishers of this event, or without a name of any."""
        if not name:
            return any(service in event.publishers for event in EVENTS.values())
        return self.known(name, version) and service in EVENTS[name, version].publishers


CONTRACT = MarketContract()
