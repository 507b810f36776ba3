"""Mails to be sent: stored here, and requested from notify."""

from collections.abc import Callable
from datetime import timedelta

from chassis.facts import Fact
from chassis.ids import new_id
from chassis.unit import Unit
from services.accounts import store
from services.accounts.clients.tokens import new_token
from services.accounts.model import Account, Address, Mail, digest_of

WRITES = 3
"""Writes per mail: the mail itself, the account's version, the event."""


def request(unit: Unit, account_id: str, kind: str, life: timedelta, to: Address | None = None) -> Fact:
    """Stores a mail and returns the fact that requests it. ``to`` is the address if the account no longer exists."""
    mail = Mail(new_id(), account_id, kind, unit.now + life, to)
    store.add_mail(unit, mail)
    return mail.request()


def request_for(unit: Unit, email_key: str, kind: str, life: timedelta, wanted: Callable[[Account], bool]) -> None:
    """Requests a mail to the account with this e-mail, if ``wanted`` and within the hourly limit.

    Otherwise makes as many writes without effect, so that the response time does not reveal whether it exists.
    """
    account = store.account_of(unit, email_key)
    few = store.count_mail(unit, email_key, kind)
    if account is not None and few and wanted(account):
        store.save_account(unit, account, [request(unit, account.id, kind, life)])
    else:
        store.write_decoys(unit, WRITES)


def link(unit: Unit, account_id: str, kind: str, life: timedelta) -> str:
    """Creates a link that is handed over directly, without a mail, and returns its token."""
    token = new_token()
    store.add_mail(unit, Mail(new_id(), account_id, kind, unit.now + life, digests=(digest_of(token),)))
    return token
