"""The rules of rounds and quotes. Pure: time is an argument, no I/O."""

from services.quotes.model.drafts import DRAFTED, Draft
from services.quotes.model.flags import REASONS, Flag, Sketched, find_flags
from services.quotes.model.quotas import DAY, WEEK, Quotas
from services.quotes.model.quote import Quote, accepted
from services.quotes.model.receipts import NONCE_BYTES, Receipt, Signer, digest_of
from services.quotes.model.round import LATE_SHARE, Round, open_round
from services.quotes.model.sketches import STEPS, Sketch, all_hashes, sketch
from services.quotes.model.slots import Seat, Slot, check_willing
from services.quotes.model.terms import OFFERED, Terms, check_terms, forms

__all__ = [
    "DAY",
    "DRAFTED",
    "LATE_SHARE",
    "NONCE_BYTES",
    "OFFERED",
    "REASONS",
    "STEPS",
    "WEEK",
    "Draft",
    "Flag",
    "Quotas",
    "Quote",
    "Receipt",
    "Round",
    "Seat",
    "Signer",
    "Sketch",
    "Sketched",
    "Slot",
    "Terms",
    "accepted",
    "all_hashes",
    "check_terms",
    "check_willing",
    "digest_of",
    "find_flags",
    "forms",
    "open_round",
    "sketch",
]
