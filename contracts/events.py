"""Every event of the market: its publishers, its consumers and its fields.

Within a version only optional fields are added. No field names a client: accounts are opaque ids. A field called
``account`` is such an id; ``mentor_id`` is the id of a mentor's card, which clients see.
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
from contracts.market import ENDED_BY, SIZES, SLOTS
from contracts.parts import DATABASES, part_of, topic_of
from contracts.wordings import SHOWN

TEXT_MOST = 20_000
Digests = fields.List(fields.String(validate=DIGEST), required=True)


class EventData(Schema):
    """The data of an event. Consumers ignore unknown fields, so that publishers may add some."""

    class Meta:
        unknown = EXCLUDE


class AccountRegistered(EventData):
    """A new account may sign in."""

    role = fields.String(required=True, validate=validate.OneOf(["client", "mentor", "operator"]))
    locale = fields.String(required=True, validate=validate.OneOf(["fr", "en"]))


class AccountChanged(EventData):
    """An account's preferred language has changed."""

    locale = fields.String(required=True, validate=validate.OneOf(["fr", "en"]))


class AccountVerified(EventData):
    """An account's e-mail address is verified. ``blind_domain`` is the digest of the address's domain
    (`contracts.blind.domain_digest`), or None for a provider that gives addresses to the public.
    """

    blind_domain = fields.String(required=True, allow_none=True, validate=DIGEST)


class AccountSuspended(EventData):
    """An operator has suspended an account, which can no longer sign in."""


class AccountReinstated(EventData):
    """An operator has reinstated a suspended account."""


class SessionsRevoked(EventData):
    """Access tokens are not valid any more: those of the session ``ended``, or, without one, those of every session
    that the account began until ``at``, but ``kept``. After ``until`` all of them have expired. The subject is the
    revocation.
    """

    account = Id(required=True)
    ended = Id(required=True, allow_none=True)
    kept = Id(required=True, allow_none=True)
    at = Instant(required=True)
    until = Instant(required=True)


class AccountErased(EventData):
    """An account is erased: each service erases the person's data and answers with ``erasure.done``."""

    role = fields.String(required=True, validate=validate.OneOf(["client", "mentor", "operator"]))


class DepartureAsked(EventData):
    """A person wants to leave, and the time to change their mind is over: may the account be erased?

    projects answers ``departure.granted`` or ``departure.refused`` with the same ``departure`` as the subject.
    """

    departure = Id(required=True)


class DepartureGranted(EventData):
    """No award binds the account, and none can bind it any more. The subject is the departure."""

    account = Id(required=True)


class DepartureRefused(EventData):
    """An award binds the account, which stays. The subject is the departure."""

    account = Id(required=True)


class ErasureDone(EventData):
    """A service has erased all data of the account. ``service`` is an id, so that a new service needs no new schema."""

    service = Id(required=True)


class MailRequested(EventData):
    """Accounts requests a mail. When notify sends it, it asks accounts for the recipient and the content."""

    mail_id = Id(required=True)
    kind = fields.String(
        required=True,
        validate=validate.OneOf(["verify-email", "password-reset", "already-registered", "erasure-done"]),
    )


class MailRequested2(EventData):
    """The same for kinds of mail that version 1 does not list. A further kind needs no further version."""

    mail_id = Id(required=True)
    kind = Id(required=True)


class Descriptor(EventData):
    """All that mentors learn about the client: its size and its sector.

    ``shown``, one of `contracts.descriptors.SHOWN`, says what of it mentors read. The sector is an id of
    `contracts.sectors`; older events hold the client's own words, which are mapped to one.
    """

    sector = Text(most=100, required=True)
    size = fields.String(required=True, validate=validate.OneOf(list(SIZES)))
    shown = fields.String(validate=validate.OneOf(SHOWN), load_default=SHOWN[0])


class ProjectPosted(EventData):
    """A project with an anonymous brief. The ``blind`` digests identify parties to keep apart, without naming them."""

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
    """A member joined or left the client's organisation. ``clients`` lists all accounts that now act for the client."""

    clients = fields.List(Id(), required=True)
    ended = fields.Boolean(required=True)


class ProjectCancelled(EventData):
    """The project was cancelled while it collected quotes. The reason has been scanned for the client's name.

    ``by`` says who ended it, one of `ENDED_BY`; older events lack it.
    """

    reason = Text(most=2000, required=True)
    by = fields.String(validate=validate.OneOf(ENDED_BY), load_default=None, allow_none=True)


class ProjectRefused(EventData):
    """All quotes were refused. The reason has been scanned for the client's name.

    ``by`` as in ``project.cancelled``.
    """

    reason = Text(most=2000, required=True)
    by = fields.String(validate=validate.OneOf(ENDED_BY), load_default=None, allow_none=True)


class ProjectExpired(EventData):
    """The client chose no quote in time."""


class ProjectAwarded(EventData):
    """The client chose a quote. ``account`` is the mentor's, ``client`` the account that posted the project."""

    quote_id = Id(required=True)
    account = Id(required=True)
    client = Id(allow_none=True, load_default=None)


class ProjectReopened(EventData):
    """A mentor has left: the chosen one, the last one to choose from, or one whose quote was in at the window's end.

    ``account`` stands for all who had left at the window's end. The client chooses among the remaining ``quotes`` until
    ``choose_until``; without any, the project ends unfilled.
    """

    account = Id(required=True)
    quotes = WholeNumber(required=True, validate=validate.Range(0, SLOTS - 1))
    choose_until = Instant(required=True, allow_none=True)


class ProjectCompleted(EventData):
    """The client confirmed that the work is done. The accounts are those of ``project.awarded``."""

    account = Id(required=True)
    client = Id(allow_none=True, load_default=None)


class ReviewsShown(EventData):
    """Both sides may read the reviews now: both are in, or only one of them is and its period is over.

    A second one that comes later than that is shown at once, by another such event. ``account`` is the mentor's.
    """

    account = Id(required=True)
    reviews = WholeNumber(required=True, validate=validate.Range(1, 2))


class QuestionAsked(EventData):
    """An invited mentor asked a question. Its text stays in projects, which decides who may read it."""

    question_id = Id(required=True)
    account = Id(required=True)


class QuestionAnswered(EventData):
    """The client answered a question. The text stays in projects."""

    question_id = Id(required=True)


class Invited(EventData):
    """One invitation: the mentor's account and card."""

    account = Id(required=True)
    mentor_id = Id(required=True)


class MentorsInvited(EventData):
    """A wave of invitations to one project; waves are counted from 1."""

    wave = WholeNumber(required=True, validate=validate.Range(1))
    mentors = fields.List(fields.Nested(Invited), required=True)


class ProfileChanged(EventData):
    """The time zone in a mentor's profile changed. Without this event it is `contracts.market.DEFAULT_ZONE`.

    The subject is the mentor's card. No other field of the profile is published.
    """

    account = Id(required=True)
    timezone = Zone(required=True)


class InvitationDeclined(EventData):
    """A mentor declined the invitation. It never counts against them."""

    account = Id(required=True)


class SlotClaimed(EventData):
    """A mentor claimed one of the five slots until ``expires_at``."""

    account = Id(required=True)
    expires_at = Instant(required=True)


class SlotReleased(EventData):
    """A claim ended without a quote: the slot is free."""

    account = Id(required=True)


class QuoteSubmitted(EventData):
    """A mentor submitted a sealed quote. ``received`` is the number of quotes in the round."""

    quote_id = Id(required=True)
    account = Id(required=True)
    received = WholeNumber(required=True, validate=validate.Range(1, SLOTS))


class QuoteWithdrawn(EventData):
    """A mentor withdrew a quote while the window was open: the slot is free."""

    quote_id = Id(required=True)
    account = Id(required=True)


class WindowExtended(EventData):
    """The round had fewer than five quotes at the deadline. The window is extended once, by half its length."""

    closes_at = Instant(required=True)


class ReceivedQuote(EventData):
    """A quote in a closed round: its mentor and its validity, never its terms."""

    quote_id = Id(required=True)
    account = Id(required=True)
    mentor_id = Id(required=True)
    valid_until = Day(load_default=None, allow_none=True)


class WindowClosed(EventData):
    """The anonymity window ended. ``digests`` are those of the receipts, sorted."""

    reason = fields.String(required=True, validate=validate.OneOf(["full", "deadline"]))
    closed_at = Instant(required=True)
    quotes = fields.List(fields.Nested(ReceivedQuote), required=True, validate=validate.Length(max=SLOTS))
    digests = Digests


class Settled(EventData):
    """The outcome of one quote."""

    quote_id = Id(required=True)
    account = Id(required=True)
    outcome = fields.String(
        required=True, validate=validate.OneOf(["accepted", "not_chosen", "refused", "lapsed", "destroyed"])
    )


class QuoteAccepted(EventData):
    """The terms of the chosen quote, for the order. Published after the award, and for no other quote."""

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


class QuoteMissing(EventData):
    """The chosen quote is gone with its mentor, who has left: the award is void."""

    quote_id = Id(required=True)


class QuotesSettled(EventData):
    """Every quote of the round has its outcome, so that every mentor gets an answer."""

    quotes = fields.List(fields.Nested(Settled), required=True)


class OrganisationShared(EventData):
    """The accounts that act for an organisation from now on. The subject is opaque and names nobody."""

    members = fields.List(Id(), required=True)


class RequestedMessage(EventData):
    """One message to one person; ``account`` is None for somebody without an account."""

    message_id = Id(required=True)
    kind = Id(required=True)
    account = Id(required=True, allow_none=True)


class MessagesRequested(EventData):
    """Programmes requests mails. When notify sends one, it asks programmes for the recipient and the words' values.

    ``programme`` is the id of the one that all these messages are about.
    """

    programme = Id(required=True)
    messages = fields.List(fields.Nested(RequestedMessage), required=True, validate=validate.Length(1, 200))


class PairingProposed(EventData):
    """A proposal for a programme is ready to be reviewed. ``account`` is the one that asked for it."""

    account = Id(required=True)
    pairs = WholeNumber(required=True, validate=validate.Range(0))
    unpaired = WholeNumber(required=True, validate=validate.Range(0))


class ProgrammePublished(EventData):
    """A programme's pairs or teams are published to its participants."""

    participants = WholeNumber(required=True, validate=validate.Range(0))


class ProgrammeClosed(EventData):
    """A programme has ended."""


@dataclass(frozen=True)
class EventType:
    """One version of one event. To consumers each version is an event of its own.

    With a ``channel`` it is in a topic that only its own consumers may read, not in its publisher's general one.
    """

    name: str
    publishers: tuple[str, ...]
    consumers: tuple[str, ...]
    schema: type[Schema]
    version: int = 1
    channel: str = ""

    @property
    def kind(self) -> str:
        """The event's name, with the version from version 2 on. It names handlers, examples and messages."""
        return self.name if self.version == 1 else f"{self.name}.v{self.version}"


ERASING = tuple(name for name in DATABASES if name != "accounts")
"""The services that erase a person's data when accounts publishes ``account.erased``."""

EVENTS: dict[tuple[str, int], EventType] = {
    (event.name, event.version): event
    for event in (
        EventType("account.registered", ("accounts",), ("matching", "notify"), AccountRegistered),
        EventType("account.changed", ("accounts",), ("notify",), AccountChanged),
        EventType("account.verified", ("accounts",), ("projects", "matching"), AccountVerified),
        EventType("account.suspended", ("accounts",), ("matching",), AccountSuspended),
        EventType("account.reinstated", ("accounts",), ("matching",), AccountReinstated),
        EventType("account.erased", ("accounts",), ERASING, AccountErased),
        EventType("sessions.revoked", ("accounts",), ERASING, SessionsRevoked),
        EventType("departure.asked", ("accounts",), ("projects",), DepartureAsked),
        EventType("departure.granted", ("projects",), ("accounts",), DepartureGranted),
        EventType("departure.refused", ("projects",), ("accounts",), DepartureRefused),
        EventType("erasure.done", ERASING, ("accounts",), ErasureDone),
        EventType("mail.requested", ("accounts",), ("notify",), MailRequested, channel="mails"),
        EventType("mail.requested", ("accounts",), ("notify",), MailRequested2, 2, channel="mails"),
        EventType("project.posted", ("projects",), ("quotes", "matching", "notify"), ProjectPosted),
        EventType("project.shared", ("projects",), ("quotes", "matching", "notify"), ProjectShared),
        EventType("project.cancelled", ("projects",), ("quotes", "matching", "notify"), ProjectCancelled),
        EventType("project.refused", ("projects",), ("quotes", "notify"), ProjectRefused),
        EventType("project.expired", ("projects",), ("quotes", "notify"), ProjectExpired),
        EventType("project.awarded", ("projects",), ("quotes", "notify"), ProjectAwarded),
        EventType("project.reopened", ("projects",), ("notify",), ProjectReopened),
        EventType("project.completed", ("projects",), ("notify",), ProjectCompleted),
        EventType("reviews.shown", ("projects",), ("notify",), ReviewsShown),
        EventType("question.asked", ("projects",), ("notify",), QuestionAsked),
        EventType("question.answered", ("projects",), ("notify",), QuestionAnswered),
        EventType("mentors.invited", ("matching",), ("projects", "quotes", "notify"), MentorsInvited),
        EventType("profile.changed", ("matching",), ("notify",), ProfileChanged),
        EventType("invitation.declined", ("matching",), ("quotes", "notify"), InvitationDeclined),
        EventType("slot.claimed", ("quotes",), ("matching", "notify"), SlotClaimed),
        EventType("slot.released", ("quotes",), ("matching", "notify"), SlotReleased),
        EventType("quote.submitted", ("quotes",), ("matching", "notify"), QuoteSubmitted),
        EventType("quote.withdrawn", ("quotes",), ("matching", "notify"), QuoteWithdrawn),
        EventType("window.extended", ("quotes",), ("projects", "matching", "notify"), WindowExtended),
        EventType("window.closed", ("quotes",), ("projects", "matching", "notify"), WindowClosed),
        EventType("quotes.settled", ("quotes",), ("notify",), QuotesSettled),
        EventType("quote.accepted", ("quotes",), ("projects",), QuoteAccepted),
        EventType("quote.missing", ("quotes",), ("projects",), QuoteMissing),
        EventType("organisation.shared", ("projects",), ("programmes",), OrganisationShared),
        EventType("messages.requested", ("programmes",), ("notify",), MessagesRequested, channel="mails"),
        EventType("pairing.proposed", ("programmes",), ("notify",), PairingProposed),
        EventType("programme.published", ("programmes",), (), ProgrammePublished),
        EventType("programme.closed", ("programmes",), (), ProgrammeClosed),
    )
}
"""All events, by name and version. The only list of publishers and consumers."""


@cache
def _schema(name: str, version: int) -> Schema:
    return EVENTS[name, version].schema()


class MarketContract:
    """Implements the chassis's interface to the contract (`chassis.events.Contract`)."""

    def dump(self, name: str, data: Mapping[str, Any], version: int = 1) -> dict[str, Any]:
        """Converts an event's data to JSON values. Raises `SchemaBroken` for an unknown, missing or wrong field.

        A field that is optional for consumers, because older events lack it, is required here.
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
        """Converts a received payload to Python values, without unknown fields. Raises `SchemaBroken`."""
        try:
            data: dict[str, Any] = _schema(name, version).load(payload)
            return data
        except ValidationError as error:
            raise SchemaBroken(name, [str(field) for field in error.normalized_messages()]) from error

    def topic(self, service: str, name: str, version: int = 1) -> str:
        """The topic that this service publishes this event to."""
        return topic_of(service, EVENTS[name, version].channel)

    def topics_of(self, service: str) -> set[str]:
        """All topics that this service publishes to."""
        return set(part_of(service).topics)

    def topics(self, name: str, version: int = 1) -> set[str]:
        """The topics of all publishers of this event."""
        return {self.topic(publisher, name, version) for publisher in EVENTS[name, version].publishers}

    def known(self, name: str, version: int) -> bool:
        """Whether `EVENTS` lists this version of the event."""
        return (name, version) in EVENTS

    def publishes(self, service: str, name: str = "", version: int = 1) -> bool:
        """Whether the service publishes this event; without a name, whether it publishes any."""
        if not name:
            return any(service in event.publishers for event in EVENTS.values())
        return self.known(name, version) and service in EVENTS[name, version].publishers


CONTRACT = MarketContract()
