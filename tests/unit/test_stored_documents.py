"""Stored documents survive a round trip through the dataclasses of the rules unchanged."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.keyring import Keyring
from chassis.sealing import place
from services.accounts.store.accounts import account_document, account_from
from services.accounts.store.addresses import change_document, change_from
from services.accounts.store.erasures import erasure_document, erasure_from
from services.accounts.store.factors import factor_document, factor_from
from services.accounts.store.keys import ring_document, ring_from
from services.accounts.store.mails import mail_document, mail_from
from services.accounts.store.registrations import registration_document, registration_from
from services.accounts.store.sessions import session_document, session_from
from services.matching.store.profiles import profile_document, profile_from
from services.matching.store.shortlists import shortlist_document, shortlist_from
from services.notify.store.deliveries import delivery_document, delivery_from
from services.notify.store.notifications import notification_document, notification_from
from services.notify.store.projects import project_document, project_from
from services.projects.store.orders import order_document, order_from
from services.projects.store.organisations import organisation_document, organisation_from
from services.quotes.store.quotes import quote_document, quote_from

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PRICE = {"amount": 120_000, "currency": "EUR"}
TERMS = {"price": PRICE, "days": 6.5, "starts_on": "2026-04-01", "proposal": "Une idée.", "valid_until": "2026-06-01"}
RECEIPT = {"nonce": "00", "digest": "11", "received_at": AT, "jws": "a.b.c"}
QUOTE = {"_id": "q", "project_id": "p", "account": "a", "mentor_id": "m", "state": "sealed", "created_at": AT}
QUOTE |= {"version": 3}
ORGANISATION = {
    "_id": "o",
    "shared_id": "s",
    "version": 2,
    "verified": True,
    "members": [{"account": "a", "role": "owner", "display_name": ""}],
    "sector_shown": "food",
    "name": "Nestlé Waters",
    "aliases": ["NWMT"],
    "domains": ["nestle-waters.com"],
    "people": ["Hélène"],
    "products": [],
    "sector": "food",
    "size": "group",
    "contact": {"name": "Hélène", "email": "helene@nestle-waters.com"},
}
INVITATIONS = [{"digest": "d", "role": "member", "expires_at": AT}]
ORDER = {
    "_id": "p",
    "version": 1,
    "organisation": "o",
    "number": 12,
    "awarded_at": AT,
    "issued_at": AT,
    "revised_at": None,
    "title": "Former au CRM",
    "client": {"name": "Nestlé Waters", "contact": {"name": "Hélène"}, "billing": None},
    "mentor": {"account": "a", "mentor_id": "m", "billing": None},
    "quote": {"quote_id": "q", "digest": "11", "received_at": AT, "valid_until": "2026-06-01"},
    "scope": "Une idée.",
    "days": 6,
    "starts_on": "2026-04-01",
    "price": PRICE,
    "vat": None,
}
BILLED = {"legal_name": "Thomas Łuk", "vat_regime": "exempt"}

TO = {"email": "a@example.org", "display_name": "Thomas", "locale": "fr"}
ACCOUNT: dict[str, Any] = {"_id": "a", "email": "A@example.org", "email_key": "a@example.org"}
ACCOUNT |= {"password_hash": "h", "role": "mentor"}
ACCOUNT |= {"display_name": "Thomas", "locale": "fr", "created_at": AT, "verified_at": None, "suspended_at": None}
ACCOUNT |= {"version": 2}
SESSION: dict[str, Any] = {
    "_id": "s",
    "account": "a",
    "created_at": AT,
    "refreshed_at": AT,
    "expires_at": AT,
    "version": 1,
}
SESSION |= {"methods": ["pwd"], "raised_at": None}
FACTOR: dict[str, Any] = {"_id": "a", "recovery": ["d"]}
FACTOR |= {"secret": {"by": "1", "data": b"s", "for": place("accounts", "factors", "a")}}
FACTOR |= {"enrol_until": None, "confirmed_at": AT, "used_step": 3, "wrong": 0, "blocked_until": None, "version": 2}
MAIL = {"_id": "m", "account": "a", "kind": "verify-email", "expires_at": AT}
WAITING: dict[str, Any] = {"_id": "r", "account": "a", "email": "A@example.org", "email_key": "a@example.org"}
WAITING |= {"role": "mentor", "display_name": "Thomas", "locale": "fr"}
WAITING |= {"created_at": AT, "expires_at": AT, "version": 1}
CHANGE: dict[str, Any] = {"_id": "c", "account": "a", "email": "B@example.org", "email_key": "b@example.org"}
CHANGE |= {"session": "s", "asked_at": AT, "expires_at": AT, "confirmed_at": None, "version": 1}
ERASURE = {"_id": "a", "requested_at": AT, "done": {"accounts": AT}, "completed_at": None, "version": 3}
PLACES = {name: place("accounts", "keys", name) for name in ("k", "next")}
KEY = {"id": "k", "private": {"by": "1", "data": b"pem", "for": PLACES["k"]}, "signs_from": AT}
RING = {
    "_id": "access-tokens",
    "keys": [KEY, {**KEY, "id": "next", "private": {"by": "1", "data": b"pem", "for": PLACES["next"]}}],
    "version": 1,
    "due_at": AT + timedelta(minutes=10),
}
PROFILE = {
    "_id": "a",
    "mentor_id": "card",
    "joined_at": AT,
    "written_at": AT,
    "invited_at": [AT],
    "free_from": None,
    "registered_at": AT,
    "verified_at": None,
    "excludes_since": AT,
    "version": 4,
    "display_name": "Thomas",
    "headline": "CRM",
    "school": "ESSEC",
    "bio": "",
    "skills": ["crm"],
    "languages": ["fr"],
    "day_rate": PRICE,
    "weekly_invitations": 5,
    "available_from": None,
    "excluded_organisations": [],
    "timezone": "Europe/Paris",
    "paused": False,
}
SHORTLIST: dict[str, Any] = {
    "_id": "p",
    "client": None,
    "clients": [],
    "brief": {},
    "blind": {},
    "window": 0.0,
    "posted_at": None,
    "closes_at": None,
    "auto_extend": False,
    "extended": False,
    "reason": None,
    "cancelled": False,
    "looked_at": None,
    "listed": 0,
    "place": 0,
    "waves": 0,
    "invited": 0,
    "declined": [],
    "standings": [{"account": "a", "state": "claimed", "sequence": 2}],
    "claimed_at": {"a": AT},
    "quoted_at": {},
    "stated": [[0, 0.5]],
    "by_chance": True,
    "ran_out": False,
    "next_wave_at": None,
    "version": 1,
}
BRIEF: dict[str, Any] = {"title": "CRM", "brief": "Un texte.", "topics": ["crm"], "languages": ["fr"], "budget": None}
BRIEF |= {"descriptor": {"size": "large", "sector": "food"}}
LISTED = {"client": "c", "clients": ["c"], "brief": BRIEF, "due_at": AT, "closes_at": AT, "window": 3600.0}
LISTED |= {"blind": {"client": ["d"], "mentors": [], "schools": []}}
NOTIFICATION = {"_id": "n", "account": "a", "kind": "chosen", "project_id": "p", "created_at": AT, "counter": 3}
NOTIFICATION |= {"data": {"title": "CRM"}, "read_at": None, "in_app": True}
DELIVERY: dict[str, Any] = {"_id": "n.email", "notification_id": "n", "account": "a", "kind": "chosen"}
DELIVERY |= {"project_id": "p"}
DELIVERY |= {"created_at": AT, "news_at": AT, "due_at": AT, "channel": "email", "state": "pending", "tries": 0}
SENT = {**DELIVERY, "state": "sent", "sent_at": AT}
del SENT["due_at"]
KNOWN = {
    "_id": "p",
    "title": "CRM",
    "clients": ["c"],
    "claimed": [],
    "told": ["c"],
    "posted_at": AT,
    "window": 172_800.0,
    "close_early": True,
    "auto_extend": False,
    "extended_to": None,
    "invited": ["a"],
    "invited_at": {"a": AT},
    "declined": [],
    "asked": [],
    "answered": {},
    "quoted": [],
    "received": [],
    "ended": {"reason": "window", "quoted": [], "at": AT},
    "cancelled": None,
    "refused": None,
    "expired": False,
    "nudged": [],
    "outcomes": {},
    "completed": False,
    "reminded": {},
    "made": ["n"],
    "left": {"b": 1},
    "version": 5,
    "touched_at": AT,
    "cancelled_by": "moderation",
    "leases": {"b": {"at": AT, "until": AT}},
    "claims_ending": {"c": {"at": AT, "until": AT}},
    "completed_at": AT,
    "reviews_shown": [1, 2],
}


def touched(project: Any) -> dict[str, Any]:
    return project_document(project, AT)


def rotating(ring: Any) -> dict[str, Any]:
    return ring_document(KEYS, ring, timedelta(minutes=10))


def read_rotating(row: dict[str, Any]) -> Any:
    return ring_from(KEYS, row)


def wrapped(factor: Any) -> dict[str, Any]:
    return factor_document(factor, KEYS.wrap(factor.secret, FACTOR["secret"]["for"]) if factor.secret else None)


def read_wrapped(row: dict[str, Any]) -> Any:
    return factor_from(row, row["secret"] and KEYS.unwrap(row["secret"], FACTOR["secret"]["for"]))


class Still:
    """A key service that encrypts nothing, so that a stored document can be compared."""

    version = "1"

    def wrap(self, key: bytes, place: str) -> tuple[str, bytes]:
        return self.version, key

    def unwrap(self, wrapped: bytes, place: str, version: str) -> bytes:
        return wrapped


KEYS = Keyring("accounts", Still())


Read = Callable[[dict[str, Any]], Any]
Write = Callable[[Any], dict[str, Any]]


@pytest.mark.parametrize(
    ("read", "write", "stored"),
    [
        (quote_from, quote_document, {**QUOTE, **TERMS, "receipt": RECEIPT}),
        (quote_from, quote_document, {**QUOTE, **TERMS, "receipt": RECEIPT, "state": "revised", "outcome": "accepted"}),
        (quote_from, quote_document, {**QUOTE, "receipt": RECEIPT, "outcome": "destroyed"}),
        (quote_from, quote_document, {**QUOTE, **TERMS, "account": "", "proposal": "", "outcome": "accepted"}),
        (organisation_from, organisation_document, ORGANISATION),
        (organisation_from, organisation_document, {**ORGANISATION, "siren": "542014428", "due_at": AT}),
        (organisation_from, organisation_document, {**ORGANISATION, "invitations": INVITATIONS}),
        (order_from, order_document, ORDER),
        (order_from, order_document, {**ORDER, "vat": {"regime": "exempt", "rate": 0}, "revised_at": AT}),
        (order_from, order_document, {**ORDER, "mentor": {"account": "a", "mentor_id": "m", "billing": BILLED}}),
        (account_from, account_document, ACCOUNT),
        (session_from, session_document, SESSION),
        (session_from, session_document, {**SESSION, "methods": ["pwd", "otp", "mfa"], "raised_at": AT}),
        (read_wrapped, wrapped, FACTOR),
        (read_wrapped, wrapped, {**FACTOR, "secret": None, "enrol_until": AT, "confirmed_at": None}),
        (mail_from, mail_document, MAIL),
        (registration_from, registration_document, WAITING),
        (change_from, change_document, CHANGE),
        (change_from, change_document, {**CHANGE, "confirmed_at": AT}),
        (mail_from, mail_document, {**MAIL, "kind": "erasure-done", "to": TO}),
        (mail_from, mail_document, {**MAIL, "digests": ["d"]}),
        (erasure_from, erasure_document, {**ERASURE, "waits_for": ["accounts", "quotes"], "to": TO}),
        (erasure_from, erasure_document, {**ERASURE, "completed_at": AT}),
        (read_rotating, rotating, RING),
        (profile_from, profile_document, PROFILE),
        (profile_from, profile_document, {**PROFILE, "available_from": "2026-04-01", "free_from": AT}),
        (shortlist_from, shortlist_document, SHORTLIST),
        (shortlist_from, shortlist_document, {**SHORTLIST, **LISTED}),
        (notification_from, notification_document, NOTIFICATION),
        (delivery_from, delivery_document, DELIVERY),
        (delivery_from, delivery_document, SENT),
        (delivery_from, delivery_document, {**DELIVERY, "notification_id": None, "project_id": None, "mail_id": "m"}),
        (project_from, touched, KNOWN),
    ],
)
def test_document_is_stored_as_it_was_read(read: Read, write: Write, stored: dict[str, Any]) -> None:
    assert write(read(stored)) == stored


def test_session_of_before_the_second_factor_is_one_of_a_password() -> None:
    older = {name: value for name, value in SESSION.items() if name not in ("methods", "raised_at")}
    assert session_from(older) == session_from(SESSION)
