"""Mails to be sent: stored here, and requested from notify."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from chassis.facts import Fact
from chassis.ids import new_id
from chassis.unit import Unit
from services.accounts import store
from services.accounts.clients.tokens import new_token
from services.accounts.config import Config
from services.accounts.model import Account, Address, Mail, digest_of

WRITES = 3
"""Writes per mail: the mail itself, the account's version, the event."""


def request(
    unit: Unit,
    account_id: str,
    kind: str,
    life: timedelta,
    to: Address | None = None,
    data: Mapping[str, Any] | None = None,
) -> Fact:
    """Stores a mail and returns the fact that requests it.

    ``to`` is the address if the account no longer exists; ``data`` are the values of its text.
    """
    mail = Mail(new_id(), account_id, kind, unit.now + life, to, data=data or {})
    store.add_mail(unit, mail)
    return mail.request()


def request_for(
    unit: Unit, email_key: str, kind: str, life: timedelta, wanted: Callable[[Account], bool], config: Config
) -> None:
    """Requests a mail to the account with this e-mail, if ``wanted``, or to whoever registered with it and has not
    confirmed it yet, within the hourly limit.

    Otherwise makes as many writes without effect, so that the response time does not reveal whether it exists.
    """
    account, waiting = store.account_of(unit, email_key), store.registration_of(unit, email_key)
    few = store.count_mail(unit, email_key, kind, config.mails_to_address)
    if few and account is not None and wanted(account):
        store.save_account(unit, account, [request(unit, account.id, kind, life)])
    elif few and account is None and waiting is not None:
        fact = request(unit, waiting.id, kind, life, waiting.address())
        store.save_registration(unit, waiting.until(unit.now + life), [fact])
    else:
        store.write_decoys(unit, WRITES)


def link(unit: Unit, account_id: str, kind: str, life: timedelta) -> str:
    """Creates a link that is handed over directly, without a mail, and returns its token."""
    token = new_token()
    store.add_mail(unit, Mail(new_id(), account_id, kind, unit.now + life, digests=(digest_of(token),)))
    return token
