"""An order with fixed times in the past, for rules that get the time as an argument."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.projects.model.orders import Client, Order, issue
from services.projects.model.project import Project

NOW = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
KEYS = "https://releve.example/.well-known/receipts-jwks.json"
ADDRESS = {"street": "12, allée de l'Église", "postal_code": "59000", "city": "Lille", "country": "FR"}
MENTOR: dict[str, Any] = {"legal_name": "Thomas Łuk", "address": ADDRESS, "siren": "912345678"}
CLIENT: dict[str, Any] = {"legal_name": "NW SAS", "address": ADDRESS, "purchase_order": "PO-7"}
TERMS: dict[str, Any] = {
    "quote_id": "q1",
    "account": "account-of-thomas",
    "mentor_id": "card-of-thomas",
    "price": {"amount": 390_000, "currency": "EUR"},
    "days": 6.5,
    "starts_on": "2026-12-07",
    "valid_until": "2026-12-24",
    "proposal": "Un diagnostic.\n\nSix ateliers :\n- site\n- CRM",
    "digest": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    "received_at": NOW - timedelta(hours=30),
}
IDENTITY = Client(
    organisation={"name": "Nestlé Waters", "sector": "food", "size": "group", "verified": True},
    contact={"name": "Hélène", "email": "helene@nestle-waters.com"},
)


def project() -> Project:
    fixed: dict[str, Any] = {"topics": [], "languages": [], "budget": None, "window": timedelta(hours=48)}
    fixed |= {"close_early": True, "auto_extend": False, "created_at": NOW, "closes_at": NOW}
    return Project(id="p", client="c", title="Former au CRM", brief="…", organisation="org", awarded_at=NOW, **fixed)


def order(client: Any = CLIENT, regime: str | None = "franchise", **terms: Any) -> Order:
    mentor = MENTOR | {"vat_regime": regime} if regime else None
    issued = issue(project(), TERMS | terms, IDENTITY, 12, {"client": client, "mentor": mentor}, NOW)
    return replace(issued, version=1)  # as it is stored
