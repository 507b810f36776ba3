"""Views of accounts and mails."""

from collections.abc import Sequence
from dataclasses import asdict

from chassis.mongo import Document
from services.accounts.model import Account, Address, Mail, Session

SHOWN = ("id", "email", "role", "display_name", "locale", "created_at")


def account_view(account: Account) -> Document:
    """An account as its owner sees it."""
    return {**{name: getattr(account, name) for name in SHOWN}, "verified": account.verified_at is not None}


def address_view(to: Address) -> Document:
    """A person's address for notify."""
    return asdict(to)


def mail_view(mail: Mail, to: Address, token: str) -> Document:
    """The data for sending an account mail; the token is None if the mail needs none."""
    return {**asdict(to), "kind": mail.kind, "token": token if mail.has_link else None}


def session_view(session: Session, current: str) -> Document:
    """One of the caller's sessions; ``current`` is the id of the one that asks."""
    shown = {name: getattr(session, name) for name in ("id", "created_at", "refreshed_at", "expires_at")}
    return {**shown, "current": session.id == current}


def export_view(account: Account, sessions: Sequence[Session], failed: int, events: Sequence[Document]) -> Document:
    """All data stored of the caller, except the password's hash and the tokens' digests."""
    return {
        "account": account_view(account),
        "sessions": [asdict(session) for session in sessions],
        "failed_sign_ins": failed,
        "events": list(events),
    }
