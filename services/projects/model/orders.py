"""The rules of an order: its contents, number, value added tax and completion. Pure.

An order confirms the award for the client's purchasing and the mentor's invoice. It is issued once and does not
change, except that a side whose billing details were missing may add them, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from chassis.facts import Refusal, wrong
from services.projects.model.project import Project

REGIMES = ("franchise", "standard", "reverse-charge", "exempt")
STANDARD_RATE = 20
"""Per cent; article 278 of the French tax code."""
SIDES = ("client", "mentor")


@dataclass(frozen=True)
class Client:
    """The client at the time of posting: ``organisation`` has a ``name``, ``contact`` has an ``email``.

    The vault keeps it for the chosen mentor.
    """

    organisation: Mapping[str, Any]
    contact: Mapping[str, Any]


@dataclass(frozen=True)
class Billing:
    """Billing details of an organisation or a mentor; ``details`` is None until they are given.

    ``orders`` counts its orders; a client's order numbers come from it.
    """

    party: str
    orders: int = 0
    details: Mapping[str, Any] | None = None
    version: int = 0


@dataclass(frozen=True)
class Buyer:
    """The client on an order."""

    name: str
    contact: Mapping[str, str]
    billing: Mapping[str, Any] | None


@dataclass(frozen=True)
class Seller:
    """The mentor on an order; ``mentor_id`` is the id of the public card."""

    account: str
    mentor_id: str
    billing: Mapping[str, Any] | None


@dataclass(frozen=True)
class OrderedQuote:
    """The accepted quote and its receipt's data. ``valid_until`` is an ISO 8601 date."""

    quote_id: str
    digest: str
    received_at: datetime
    valid_until: str


@dataclass(frozen=True)
class Vat:
    """The mentor's VAT regime, one of `REGIMES`, and its rate in per cent."""

    regime: str
    rate: int


@dataclass(frozen=True)
class Order:
    """The order confirmation of an award. ``id`` is the project's; ``number`` counts within the organisation.

    ``price`` is an amount in minor units and a currency.
    """

    id: str
    organisation: str
    number: int
    awarded_at: datetime | None
    issued_at: datetime
    revised_at: datetime | None
    title: str
    client: Buyer
    mentor: Seller
    quote: OrderedQuote
    scope: str
    days: float
    starts_on: str
    price: Mapping[str, Any]
    vat: Vat | None
    version: int = 0

    @property
    def missing(self) -> list[str]:
        """The sides whose billing details are unknown; the invoice must supply them."""
        sides: dict[str, Buyer | Seller] = {"client": self.client, "mentor": self.mentor}
        return [name for name in SIDES if sides[name].billing is None]

    @property
    def revision(self) -> int:
        """0 when issued; incremented for each side that completes it later."""
        return self.version - 1

    @property
    def amounts(self) -> tuple[int, int] | None:
        """The tax and the total in minor units, halves rounded up; None while the VAT regime is unknown."""
        if self.vat is None:
            return None
        price: int = self.price["amount"]
        tax = (price * self.vat.rate + 50) // 100
        return tax, price + tax


def check_billing(details: Mapping[str, Any], role: str) -> None:
    """Raises ``invalid`` for details that this side may not give, or that are missing under its VAT regime."""
    errors = []
    if role == "mentor" and "vat_regime" not in details:
        errors.append(wrong("vat_regime", "missing", "State the VAT regime of your invoices."))
    if role == "mentor" and "purchase_order" in details:
        errors.append(wrong("purchase_order", "client-only", "Only the client gives this field."))
    if role == "client" and "vat_regime" in details:
        errors.append(wrong("vat_regime", "mentor-only", "Only the mentor gives this field."))
    if details.get("vat_regime") in ("standard", "reverse-charge") and "vat_number" not in details:
        errors.append(wrong("vat_number", "missing", "This VAT regime requires a VAT number."))
    if errors:
        raise Refusal("invalid", errors=errors)


def issue(
    project: Project,
    terms: Mapping[str, Any],
    client: Client,
    number: int,
    billing: Mapping[str, Mapping[str, Any] | None],
    now: datetime,
) -> Order:
    """The order of an awarded project. ``terms`` are those of the accepted quote; ``client`` comes from the vault.

    ``billing`` has the details of each of `SIDES`, or None where not given yet.
    """
    contact = {name: client.contact[name] for name in ("name", "email", "phone") if name in client.contact}
    return Order(
        id=project.id,
        organisation=project.organisation,
        number=number,
        awarded_at=project.awarded_at,
        issued_at=now,
        revised_at=None,
        title=project.title,
        client=Buyer(client.organisation["name"], contact, billing["client"]),
        mentor=Seller(terms["account"], terms["mentor_id"], billing["mentor"]),
        quote=OrderedQuote(**{field.name: terms[field.name] for field in fields(OrderedQuote)}),
        scope=terms["proposal"],
        days=terms["days"],
        starts_on=terms["starts_on"],
        price=dict(terms["price"]),
        vat=vat_under(billing["mentor"]),
    )


def vat_under(billing: Mapping[str, Any] | None) -> Vat | None:
    """The VAT regime and its current rate; None until the mentor gives billing details."""
    if billing is None:
        return None
    regime = billing["vat_regime"]
    return Vat(regime, STANDARD_RATE if regime == "standard" else 0)
