"""The MongoDB store. Every read for a person takes that person as an argument and checks their access."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

from services.quotes.store import invitations, quotes, rounds
from services.quotes.store.invitations import add_invitations, close_to
from services.quotes.store.keys import new_signer, signer
from services.quotes.store.quotes import (
    erase_mentor,
    find_quote,
    my_quote,
    read_everything,
    read_quotes,
    save_quote,
    settle_quotes,
)
from services.quotes.store.rounds import (
    AT_RISK,
    BEYOND_FIVE,
    find_round,
    invited_round,
    read_round,
    read_rounds_at_risk,
    round_document,
    rounds_of,
    save_round,
)

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "invitations": invitations.INDEXES,
    "rounds": rounds.INDEXES,
    "quotes": quotes.INDEXES,
}

__all__ = [
    "AT_RISK",
    "BEYOND_FIVE",
    "INDEXES",
    "add_invitations",
    "close_to",
    "erase_mentor",
    "find_quote",
    "find_round",
    "invited_round",
    "my_quote",
    "new_signer",
    "read_everything",
    "read_quotes",
    "read_round",
    "read_rounds_at_risk",
    "round_document",
    "rounds_of",
    "save_quote",
    "save_round",
    "settle_quotes",
    "signer",
]
