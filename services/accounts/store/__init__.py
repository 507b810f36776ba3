"""Accounts and related documents in MongoDB. Reads for a person take that person as the actor."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pymongo import ASCENDING, IndexModel

from services.accounts.store.accounts import (
    BY_NAME,
    account_by_id,
    account_of,
    find_account,
    find_account_by_id,
    find_accounts,
    my_account,
    read_account,
    read_address,
    read_addresses,
    read_events,
    remove_account,
    replace_hash,
    save_account,
)
from services.accounts.store.addresses import (
    change_by_link,
    drop_changes,
    is_reserved,
    is_taken,
    read_changes,
    save_change,
)
from services.accounts.store.attempts import admit_network, count_attempt, drop_attempts, forget_guesses, read_attempts
from services.accounts.store.decoys import write_decoys
from services.accounts.store.departures import find_departure, read_departure, remove_departure, save_departure
from services.accounts.store.erasures import (
    add_erasure,
    find_erasure,
    find_stages,
    read_unfinished_erasures,
    save_erasure,
)
from services.accounts.store.factors import (
    FACTORS,
    drop_factor,
    find_factor,
    own_session,
    read_factor,
    save_factor,
    save_session,
)
from services.accounts.store.keys import KEYS, find_ring, read_ring, save_ring
from services.accounts.store.mails import (
    COUNT_MAILS,
    add_mail,
    count_mail,
    drop_links,
    drop_mails,
    forget_mail,
    link_owner,
    prepare_mail,
    use_accounts_link,
    use_link,
    use_mail,
)
from services.accounts.store.registrations import drop_registrations, registration_of, save_registration
from services.accounts.store.sessions import (
    bad_credentials,
    bad_refresh,
    check_session,
    end_own_session,
    end_session,
    end_sessions,
    find_refresh,
    read_session_page,
    read_sessions,
    rotate,
    start_session,
)

WRAPPED = (KEYS, FACTORS)
"""The collections that hold keys wrapped by the master key."""

__all__ = [
    "FACTORS",
    "INDEXES",
    "KEYS",
    "WRAPPED",
    "account_by_id",
    "account_of",
    "add_erasure",
    "add_mail",
    "admit_network",
    "bad_credentials",
    "bad_refresh",
    "change_by_link",
    "check_session",
    "count_attempt",
    "count_mail",
    "drop_attempts",
    "drop_changes",
    "drop_factor",
    "drop_links",
    "drop_mails",
    "drop_registrations",
    "end_own_session",
    "end_session",
    "end_sessions",
    "find_account",
    "find_account_by_id",
    "find_accounts",
    "find_departure",
    "find_erasure",
    "find_factor",
    "find_refresh",
    "find_ring",
    "find_stages",
    "forget_guesses",
    "forget_mail",
    "is_reserved",
    "is_taken",
    "link_owner",
    "my_account",
    "own_session",
    "prepare_mail",
    "read_account",
    "read_address",
    "read_addresses",
    "read_attempts",
    "read_changes",
    "read_departure",
    "read_events",
    "read_factor",
    "read_ring",
    "read_session_page",
    "read_sessions",
    "read_unfinished_erasures",
    "registration_of",
    "remove_account",
    "remove_departure",
    "replace_hash",
    "rotate",
    "save_account",
    "save_change",
    "save_departure",
    "save_erasure",
    "save_factor",
    "save_registration",
    "save_ring",
    "save_session",
    "start_session",
    "use_accounts_link",
    "use_link",
    "use_mail",
    "write_decoys",
]

FORGET_ATTEMPTS = timedelta(days=1)
KNOW_NETWORKS = timedelta(days=90)
KEEP_DECOYS = timedelta(hours=1)

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "accounts": [
        IndexModel([("email_key", ASCENDING)], unique=True),
        IndexModel([("display_name", ASCENDING)], collation=BY_NAME),
    ],
    "sessions": [
        IndexModel([("account", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "refresh_tokens": [IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0)],
    "attempts": [
        IndexModel([("email", ASCENDING)]),
        IndexModel([("at", ASCENDING)], expireAfterSeconds=int(FORGET_ATTEMPTS.total_seconds())),
    ],
    "guesses": [
        IndexModel([("email", ASCENDING)]),
        IndexModel([("at", ASCENDING)], expireAfterSeconds=int(FORGET_ATTEMPTS.total_seconds())),
    ],
    "known_networks": [
        IndexModel([("email", ASCENDING)]),
        IndexModel([("at", ASCENDING)], expireAfterSeconds=int(KNOW_NETWORKS.total_seconds())),
    ],
    "mails": [
        IndexModel([("digests", ASCENDING)], sparse=True),
        IndexModel([("account", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "mail_counts": [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(COUNT_MAILS.total_seconds()))],
    "erasures": [IndexModel([("completed_at", ASCENDING), ("requested_at", ASCENDING), ("_id", ASCENDING)])],
    "registrations": [
        IndexModel([("email_key", ASCENDING), ("created_at", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "departures": [IndexModel([("at", ASCENDING), ("_id", ASCENDING)])],
    "address_changes": [
        IndexModel([("account", ASCENDING), ("asked_at", ASCENDING)]),
        IndexModel([("email_key", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "decoys": [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(KEEP_DECOYS.total_seconds()))],
}
