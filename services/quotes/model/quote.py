"""A sealed quote, and the event that publishes an accepted one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chassis.facts import Fact, Refusal
from contracts.facts import QuoteAccepted
from services.quotes.model.receipts import Receipt
from services.quotes.model.terms import Terms


@dataclass(frozen=True)
class Quote:
    """A mentor's quote.

    ``state`` is ``sealed``, ``revised`` or ``withdrawn``; ``outcome`` is set when the round is settled. A destroyed
    quote has no terms, an erased mentor's accepted quote has no receipt.
    """

    id: str
    project_id: str
    account: str
    mentor_id: str
    terms: Terms | None
    receipt: Receipt | None
    created_at: datetime
    state: str = "sealed"
    outcome: str | None = None
    version: int = 0

    def changed(self, terms: Mapping[str, Any]) -> Terms:
        """Its terms with these changes; raises ``window-ended`` for a destroyed quote."""
        if self.terms is None:
            raise Refusal("window-ended", "The window of this project has ended.")
        return replace(self.terms, **terms)


def accepted(quote: Quote) -> Fact:
    """The event with the accepted quote's terms, for the order. No other quote's terms ever leave this service."""
    if quote.terms is None or quote.receipt is None:
        raise ValueError(f"quote {quote.id} was erased before it was accepted")
    return QuoteAccepted(
        quote_id=quote.id,
        account=quote.account,
        mentor_id=quote.mentor_id,
        digest=quote.receipt.digest,
        received_at=quote.receipt.received_at,
        **vars(quote.terms),
    )
