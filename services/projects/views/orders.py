"""Response bodies for orders."""

from chassis.mongo import Document
from services.projects.model.orders import Order
from services.projects.views.paper import notes, vat_note

ORDER_SHOWN = (
    *("number", "awarded_at", "issued_at", "revised_at"),
    *("title", "client", "scope", "days", "starts_on", "price"),
)


def order_view(order: Order, language: str, receipt_keys: str) -> Document:
    """An order, the same for both sides; the mentor is identified by the card's id, never by the account."""
    tax, total = order.amounts or (None, None)
    taxed = {"amount": {**order.price, "amount": tax}} if tax else {}
    return {
        "project_id": order.id,
        "revision": order.revision,
        **{name: getattr(order, name) for name in ORDER_SHOWN},
        "mentor": {"id": order.mentor.mentor_id, "billing": order.mentor.billing},
        "quote": {**vars(order.quote), "id": order.quote.quote_id, "receipt_keys": receipt_keys},
        "vat": {**(vars(order.vat) if order.vat else {"regime": None}), **taxed, "note": vat_note(order, language)},
        **({"total": {**order.price, "amount": total}} if total else {}),
        "missing": order.missing,
        "notes": notes(order, language),
    }
