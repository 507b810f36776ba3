"""Commands of links in mails: verify an e-mail, reset a password."""

from dataclasses import replace

from chassis.facts import not_found
from chassis.unit import Unit
from services.accounts import store
from services.accounts.commands import mails
from services.accounts.config import Config
from services.accounts.model import RESET, VERIFY, Account, Registration, is_public_domain


def ask_verification(unit: Unit, email_key: str, config: Config) -> None:
    """Requests a verification mail if an account or a registration has this e-mail and has not verified it."""
    mails.request_for(unit, email_key, VERIFY, config.link_life, lambda account: account.verified_at is None, config)


def verify_email(unit: Unit, token: str, password_hash: str | None, config: Config) -> None:
    """Verifies the e-mail, sets the password if one is given, and uses up the link.

    ``not-found`` if the link is not valid, or a registration waits for a password and there is none.
    """
    _prove(unit, store.use_link(unit, token, VERIFY), password_hash, config)


def ask_password_reset(unit: Unit, email_key: str, config: Config) -> None:
    """Requests a password reset mail if an account or a registration has this e-mail."""
    mails.request_for(unit, email_key, RESET, config.reset_life, lambda account: True, config)


def reset_password(unit: Unit, token: str, password_hash: str, config: Config) -> None:
    """Sets a new password, ends every session and uses up the link; ``not-found`` if the link is not valid.

    The link proves the e-mail, too.
    """
    _prove(unit, store.use_link(unit, token, RESET), password_hash, config)


def _prove(unit: Unit, owner: Account | Registration, password_hash: str | None, config: Config) -> None:
    """Somebody has opened a link that only the owner of the e-mail gets."""
    if isinstance(owner, Registration):
        _open_account(unit, owner, password_hash, config)
        return
    proven, facts = owner.verify(config.blind_secret, is_public_domain, unit.now)
    if password_hash is not None:
        proven = replace(proven, password_hash=password_hash)
        store.end_sessions(unit, owner.id, config.access_token_life)
        store.drop_changes(unit, owner.id, confirmed_at=None)
    store.save_account(unit, proven, facts)


def _open_account(unit: Unit, waiting: Registration, password_hash: str | None, config: Config) -> None:
    if password_hash is None or store.is_taken(unit, waiting.email_key):
        raise not_found()
    account, facts = waiting.confirm(password_hash, config.blind_secret, is_public_domain, unit.now)
    store.save_account(unit, account, facts)
    store.drop_registrations(unit, waiting.email_key)
