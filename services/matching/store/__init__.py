"""Profiles, shortlists and invitations in MongoDB. Reads for a person take that person as the actor."""

from collections.abc import Mapping, Sequence

from pymongo import ASCENDING, IndexModel

from services.matching.store.accounts import account_times, read_account, record_registration, record_verification
from services.matching.store.answers import (
    KEPT,
    count_round,
    erase_answers,
    newest_ended,
    read_chance,
    read_market,
    read_own_record,
    read_records,
    read_round,
    read_unlikely,
    save_market,
    unlikely,
)
from services.matching.store.decisions import add_decision, erase_from_decisions, read_decisions, settled_of
from services.matching.store.exposure import (
    count_tally,
    erase_exposure,
    read_exposure,
    read_own_exposure,
    waiting_tallies,
)
from services.matching.store.invitations import (
    Placed,
    add_invitations,
    give_back_invitations,
    is_invited,
    my_invitation,
    read_every_invitation,
    read_invitations,
    save_decline,
    see_invitation,
)
from services.matching.store.listings import add_listing, find_listed, listed_accounts, listings
from services.matching.store.portraits import catch_up, find_asked, forget_missing, keep_asked, store_new
from services.matching.store.profiles import (
    admitted_since,
    count_invitations,
    erase_person,
    find_own_profile,
    find_profile,
    invitable_profiles,
    my_profile,
    profiles_of,
    read_cards,
    read_profile,
    save_profile,
)
from services.matching.store.shortlists import (
    find_shortlist,
    read_posted,
    save_shortlist,
    shortlists_of,
)
from services.matching.store.suspensions import set_suspended

__all__ = [
    "INDEXES",
    "Placed",
    "account_times",
    "add_decision",
    "add_invitations",
    "add_listing",
    "admitted_since",
    "catch_up",
    "count_invitations",
    "count_round",
    "count_tally",
    "erase_answers",
    "erase_exposure",
    "erase_from_decisions",
    "erase_person",
    "find_asked",
    "find_listed",
    "find_own_profile",
    "find_profile",
    "find_shortlist",
    "forget_missing",
    "give_back_invitations",
    "invitable_profiles",
    "is_invited",
    "keep_asked",
    "listed_accounts",
    "listings",
    "my_invitation",
    "my_profile",
    "newest_ended",
    "profiles_of",
    "read_account",
    "read_cards",
    "read_chance",
    "read_decisions",
    "read_every_invitation",
    "read_exposure",
    "read_invitations",
    "read_market",
    "read_own_exposure",
    "read_own_record",
    "read_posted",
    "read_profile",
    "read_records",
    "read_round",
    "read_unlikely",
    "record_registration",
    "record_verification",
    "save_decline",
    "save_market",
    "save_profile",
    "save_shortlist",
    "see_invitation",
    "set_suspended",
    "settled_of",
    "shortlists_of",
    "store_new",
    "unlikely",
    "waiting_tallies",
]

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "profiles": [
        IndexModel([("written_at", ASCENDING)]),
        IndexModel([("joined_at", ASCENDING)]),
        IndexModel([("registered_at", ASCENDING)]),
        IndexModel([("verified_at", ASCENDING)]),
        IndexModel([("mentor_id", ASCENDING)], unique=True),
    ],
    "shortlists": [IndexModel([("clients", ASCENDING)]), IndexModel([("shown", ASCENDING)], sparse=True)],
    "portraits": [],
    "needs": [],
    "answers": [],
    "ended": [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(KEPT.total_seconds()))],
    "market": [],
    "decisions": [
        IndexModel([("project_id", ASCENDING), ("at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("rows.account", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "suspensions": [],
    "accounts": [],
    "exposure": [],
    "tallies": [IndexModel([("at", ASCENDING)]), IndexModel([("codes.account", ASCENDING)])],
    "listings": [
        IndexModel([("project_id", ASCENDING), ("last", ASCENDING)]),
        IndexModel([("rows.account", ASCENDING)]),
    ],
    "invitations": [
        IndexModel([("project_id", ASCENDING), ("account", ASCENDING)], unique=True),
        IndexModel([("account", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
    ],
}
