"""Views of accounts and mails."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from chassis.mongo import Document
from services.accounts.model import (
    OVERDUE,
    Account,
    Address,
    AddressChange,
    Departure,
    Erasure,
    Factor,
    Mail,
    Session,
    change_shown,
)

SHOWN = ("id", "email", "role", "display_name", "locale", "created_at")


def account_view(account: Account) -> Document:
    """An account as its owner sees it."""
    return {**{name: getattr(account, name) for name in SHOWN}, "verified": account.verified_at is not None}


def found_view(account: Account, erasure: str | None) -> Document:
    """An account's state, for operators: neither name nor e-mail."""
    known = {"id": account.id, "role": account.role, "verified": account.verified_at is not None}
    return {**known, "created_at": account.created_at, "suspended_at": account.suspended_at, "erasure": erasure}


def gone_view(account_id: str, erasure: str) -> Document:
    """What is left of an erased account, for operators."""
    known = {"id": account_id, "role": "", "verified": False, "created_at": None}
    return {**known, "suspended_at": None, "erasure": erasure}


def address_view(to: Address) -> Document:
    """A person's address for notify."""
    return asdict(to)


def mail_view(mail: Mail, to: Address, token: str) -> Document:
    """The data for sending an account mail; the token is None if the mail needs none."""
    return {**asdict(to), "kind": mail.kind, "token": token if mail.has_link else None, **mail.data}


def erasure_view(erasure: Erasure, now: datetime) -> Document:
    """An unfinished erasure, for operators."""
    confirmed, overdue = sorted(erasure.done), now - erasure.requested_at > OVERDUE
    known = {"id": erasure.account, "requested_at": erasure.requested_at, "confirmed": confirmed}
    return {**known, "missing": erasure.missing, "overdue": overdue}


def session_view(session: Session, current: str) -> Document:
    """One of the caller's sessions; ``current`` is the id of the one that asks."""
    shown = {name: getattr(session, name) for name in ("id", "created_at", "refreshed_at", "expires_at")}
    return {**shown, "current": session.id == current}


def export_view(
    account: Account,
    sessions: Sequence[Session],
    failed: int,
    events: Sequence[Document],
    departure: Departure | None,
    factor: Factor | None,
    changes: Sequence[AddressChange],
) -> Document:
    """All data stored of the caller, except secrets: the password's hash, digests, and the second factor's."""
    return {
        "account": {**account_view(account), "erasure_at": departure.at if departure else None},
        "sessions": [asdict(session) for session in sessions],
        "failed_sign_ins": failed,
        "second_factor": factor_view(factor) if factor else None,
        "events": list(events),
        "email_changes": [change_shown(change) for change in changes],
    }


def factor_view(factor: Factor) -> Document:
    """A second factor as its owner sees it."""
    return {
        "confirmed_at": factor.confirmed_at,
        "enrol_until": factor.enrol_until,
        "recovery_codes": len(factor.recovery),
    }
