"""Documents keep their shape between a database and the dataclasses of the rules."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

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
    "version": 2,
    "verified": True,
    "members": [{"account": "a", "role": "owner"}],
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
    ],
)
def test_a_document_is_stored_as_it_was_read(read: Read, write: Write, stored: dict[str, Any]) -> None:
    assert write(read(stored)) == stored
