"""The rules of an order: what stands in it, its number, value added tax, and how it is completed. Pure.

An order confirms the award on paper for the client's purchasing and the mentor's invoice. It is issued once and never
changed, but that a side whose billing details were missing completes it, once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.facts import Refusal
from services.projects.model.project import Project

REGIMES = ("franchise", "standard", "reverse-charge", "exempt")
STANDARD_RATE = 20
"""Per cent: article 278 of the French tax code."""
SIDES = ("client", "mentor")


def check_billing(details: Mapping[str, Any], role: str) -> None:
    """``invalid`` for details that this side does not give, or that its regime demands and that are missing."""
    wrong = []
    if role == "mentor" and "vat_regime" not in details:
        wrong.append({"field": "vat_regime", "message": "Say under which regime you invoice."})
    if role == "mentor" and "purchase_order" in details:
        wrong.append({"field": "purchase_order", "message": "This is the client's to give."})
    if role == "client" and "vat_regime" in details:
        wrong.append({"field": "vat_regime", "message": "This is the mentor's to give."})
    if details.get("vat_regime") in ("standard", "reverse-charge") and "vat_number" not in details:
        wrong.append({"field": "vat_number", "message": "An invoice under this regime needs it."})
    if wrong:
        raise Refusal("invalid", errors=wrong)


def issue(
    project: Project,
    terms: Mapping[str, Any],
    identity: Mapping[str, Any],
    number: int,
    billing: Mapping[str, Mapping[str, Any] | None],
    now: datetime,
) -> dict[str, Any]:
    """The order of an awarded project. ``terms`` are the accepted quote's, ``identity`` comes from the vault.

    ``billing`` holds what each of `SIDES` has given so far, or None.
    """
    contact = {name: identity["contact"][name] for name in ("name", "email", "phone") if name in identity["contact"]}
    mentor = {"account": terms["account"], "mentor_id": terms["mentor_id"], "billing": billing["mentor"]}
    return {
        "_id": project.id,
        "version": 0,
        "organisation": project.organisation,
        "number": number,
        "awarded_at": project.awarded_at,
        "issued_at": now,
        "revised_at": None,
        "title": project.title,
        "client": {"name": identity["organisation"]["name"], "contact": contact, "billing": billing["client"]},
        "mentor": mentor,
        "quote": {name: terms[name] for name in ("quote_id", "digest", "received_at", "valid_until")},
        "scope": terms["proposal"],
        "days": terms["days"],
        "starts_on": terms["starts_on"],
        "price": dict(terms["price"]),
        "vat": vat_under(billing["mentor"]),
    }


def vat_under(billing: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The regime and its rate in per cent as of now; None while the mentor has not said it."""
    if billing is None:
        return None
    regime = billing["vat_regime"]
    return {"regime": regime, "rate": STANDARD_RATE if regime == "standard" else 0}


def completion(side: str, details: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What a side's first details change in the orders that were issued without them, by path."""
    change = {f"{side}.billing": dict(details), "revised_at": now}
    return change | ({"vat": vat_under(details)} if side == "mentor" else {})


def missing(order: Mapping[str, Any]) -> list[str]:
    """The sides whose billing details are not known: the invoice completes them."""
    return [side for side in SIDES if order[side]["billing"] is None]


def revision(order: Mapping[str, Any]) -> int:
    """0 as issued, one more for each side that completed it."""
    return int(order["version"]) - 1


def amounts(order: Mapping[str, Any]) -> tuple[int, int] | None:
    """The tax and the total in minor units, a half rounded up; None while the regime is not known."""
    if order["vat"] is None:
        return None
    price: int = order["price"]["amount"]
    tax = (price * order["vat"]["rate"] + 50) // 100
    return tax, price + tax
