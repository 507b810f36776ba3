"""The MongoDB store. Every read for a person takes that person as an argument and checks their access."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

from services.quotes.store import drafts, invitations, quotes, rounds, sketches
from services.quotes.store.drafts import drop_draft, my_draft, read_draft, save_draft
from services.quotes.store.invitations import add_invitations, close_to
from services.quotes.store.keys import KEYS, new_signer, signer
from services.quotes.store.quotas import check_claim, check_quote
from services.quotes.store.quotes import (
    erase_mentor,
    find_quote,
    my_quote,
    read_everything,
    read_own_quotes,
    read_quotes,
    save_quote,
    settle_quotes,
)
from services.quotes.store.rounds import (
    AT_RISK,
    BEYOND_FIVE,
    clients_round,
    count_invited,
    find_round,
    invited_round,
    read_round,
    read_rounds,
    read_rounds_at_risk,
    round_document,
    rounds_of,
    save_round,
)
from services.quotes.store.sketches import (
    brief_hashes,
    drop_sketches,
    find_sketch,
    read_flags,
    save_brief,
    save_sketch,
    settle_sketch,
    similar_sketches,
)

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "invitations": invitations.INDEXES,
    "drafts": drafts.INDEXES,
    "rounds": rounds.INDEXES,
    "quotes": quotes.INDEXES,
    **sketches.INDEXES,
}

WRAPPED = (KEYS,)
"""The collections that hold keys wrapped by the master key."""

__all__ = [
    "AT_RISK",
    "BEYOND_FIVE",
    "INDEXES",
    "WRAPPED",
    "add_invitations",
    "brief_hashes",
    "check_claim",
    "check_quote",
    "clients_round",
    "close_to",
    "count_invited",
    "drop_draft",
    "drop_sketches",
    "erase_mentor",
    "find_quote",
    "find_round",
    "find_sketch",
    "invited_round",
    "my_draft",
    "my_quote",
    "new_signer",
    "read_draft",
    "read_everything",
    "read_flags",
    "read_own_quotes",
    "read_quotes",
    "read_round",
    "read_rounds",
    "read_rounds_at_risk",
    "round_document",
    "rounds_of",
    "save_brief",
    "save_draft",
    "save_quote",
    "save_round",
    "save_sketch",
    "settle_quotes",
    "settle_sketch",
    "signer",
    "similar_sketches",
]
