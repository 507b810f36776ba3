"""Mails that somebody is to have: kept here, and requested from notify."""

from collections.abc import Callable
from datetime import timedelta

from chassis.facts import Fact
from chassis.ids import new_id
from chassis.unit import Unit
from services.accounts import store
from services.accounts.clients.tokens import new_token
from services.accounts.model import Account, Address, Mail, digest_of

WRITES = 3
"""What a mail costs: the mail itself, the account's version, the event."""


def request(unit: Unit, account_id: str, kind: str, life: timedelta, to: Address | None = None) -> Fact:
    """A mail to be sent, and the news that asks for it. ``to`` is the address, where the account no longer has it."""
    mail = Mail(new_id(), account_id, kind, unit.now + life, to)
    store.add_mail(unit, mail)
    return mail.request()


def request_for(unit: Unit, email_key: str, kind: str, life: timedelta, wanted: Callable[[Account], bool]) -> None:
    """Requests a mail to whoever has this e-mail, if they are to have it and have not had many.

    Where there is nobody, as much is written to no effect, so that the time of the answer does not tell.
    """
    account = store.account_of(unit, email_key)
    few = store.count_mail(unit, email_key, kind)
    if account is not None and few and wanted(account):
        store.save_account(unit, account, [request(unit, account.id, kind, life)])
    else:
        store.write_decoys(unit, WRITES)


def link(unit: Unit, account_id: str, kind: str, life: timedelta) -> str:
    """A link that is handed over at once and by no mail; its token."""
    token = new_token()
    store.add_mail(unit, Mail(new_id(), account_id, kind, unit.now + life, digests=(digest_of(token),)))
    return token
