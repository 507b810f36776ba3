"""What is shown of an order."""

from chassis.mongo import Document
from services.projects.model.orders import amounts, missing, revision
from services.projects.views.paper import notes, vat_note

ORDER_SHOWN = (
    *("number", "awarded_at", "issued_at", "revised_at"),
    *("title", "client", "scope", "days", "starts_on", "price"),
)


def order_view(order: Document, language: str, receipt_keys: str) -> Document:
    """An order, the same to both sides; of the mentor it shows the card's id, never the account's."""
    quote, price, vat, found = order["quote"], order["price"], order["vat"], amounts(order)
    tax, total = found or (None, None)
    taxed = {"amount": {**price, "amount": tax}} if tax else {}
    return {
        "project_id": order["_id"],
        "revision": revision(order),
        **{name: order[name] for name in ORDER_SHOWN},
        "mentor": {"id": order["mentor"]["mentor_id"], "billing": order["mentor"]["billing"]},
        "quote": {**quote, "id": quote["quote_id"], "receipt_keys": receipt_keys},
        "vat": {**(vat or {"regime": None}), **taxed, "note": vat_note(order, language)},
        **({"total": {**price, "amount": total}} if total else {}),
        "missing": missing(order),
        "notes": notes(order, language),
    }
