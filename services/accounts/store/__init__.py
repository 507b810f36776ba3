"""Accounts and related documents in MongoDB. Reads for a person take that person as the actor."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pymongo import ASCENDING, IndexModel

from services.accounts.store.accounts import (
    account_by_id,
    account_of,
    find_account,
    find_account_by_id,
    my_account,
    read_account,
    read_address,
    read_events,
    remove_account,
    replace_hash,
    save_account,
)
from services.accounts.store.attempts import count_attempt, drop_attempts, forget_attempts, read_attempts
from services.accounts.store.commitments import bind, is_bound, leave_commitments, release
from services.accounts.store.decoys import write_decoys
from services.accounts.store.erasures import add_erasure, find_erasure, save_erasure
from services.accounts.store.keys import find_ring, read_ring, save_ring
from services.accounts.store.mails import (
    COUNT_MAILS,
    add_mail,
    count_mail,
    drop_mails,
    forget_mail,
    link_owner,
    prepare_mail,
    use_link,
)
from services.accounts.store.sessions import (
    bad_credentials,
    end_own_session,
    end_session,
    end_sessions,
    find_refresh,
    read_session_page,
    read_sessions,
    rotate,
    start_session,
)

__all__ = [
    "INDEXES",
    "account_by_id",
    "account_of",
    "add_erasure",
    "add_mail",
    "bad_credentials",
    "bind",
    "count_attempt",
    "count_mail",
    "drop_attempts",
    "drop_mails",
    "end_own_session",
    "end_session",
    "end_sessions",
    "find_account",
    "find_account_by_id",
    "find_erasure",
    "find_refresh",
    "find_ring",
    "forget_attempts",
    "forget_mail",
    "is_bound",
    "leave_commitments",
    "link_owner",
    "my_account",
    "prepare_mail",
    "read_account",
    "read_address",
    "read_attempts",
    "read_events",
    "read_ring",
    "read_session_page",
    "read_sessions",
    "release",
    "remove_account",
    "replace_hash",
    "rotate",
    "save_account",
    "save_erasure",
    "save_ring",
    "start_session",
    "use_link",
    "write_decoys",
]

FORGET_ATTEMPTS = timedelta(days=1)
KEEP_DECOYS = timedelta(hours=1)
KEEP_COMMITMENTS = timedelta(days=180)
"""Retention after their end: longer than any event can be late."""

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "accounts": [IndexModel([("email_key", ASCENDING)], unique=True)],
    "sessions": [
        IndexModel([("account", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "refresh_tokens": [IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0)],
    "attempts": [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(FORGET_ATTEMPTS.total_seconds()))],
    "mails": [
        IndexModel([("digests", ASCENDING)], sparse=True),
        IndexModel([("account", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "mail_counts": [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(COUNT_MAILS.total_seconds()))],
    "commitments": [
        IndexModel([("people", ASCENDING)]),
        IndexModel([("over_at", ASCENDING)], expireAfterSeconds=int(KEEP_COMMITMENTS.total_seconds())),
    ],
    "decoys": [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(KEEP_DECOYS.total_seconds()))],
}
