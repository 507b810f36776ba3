"""The rules of rounds and quotes. Pure: time is an argument, no I/O."""

from services.quotes.model.quote import Quote, accepted
from services.quotes.model.receipts import NONCE_BYTES, Receipt, Signer, digest_of
from services.quotes.model.round import LATE_SHARE, Round, open_round
from services.quotes.model.slots import Seat, Slot
from services.quotes.model.terms import OFFERED, Terms, check_terms, forms

__all__ = [
    "LATE_SHARE",
    "NONCE_BYTES",
    "OFFERED",
    "Quote",
    "Receipt",
    "Round",
    "Seat",
    "Signer",
    "Slot",
    "Terms",
    "accepted",
    "check_terms",
    "digest_of",
    "forms",
    "open_round",
]
