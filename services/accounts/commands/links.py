"""Commands of links in mails: verify an e-mail, reset a password."""

from dataclasses import replace

from chassis.unit import Unit
from services.accounts import store
from services.accounts.commands import mails
from services.accounts.config import Config
from services.accounts.model import RESET, VERIFY, is_public_domain


def ask_verification(unit: Unit, email_key: str, config: Config) -> None:
    """Requests a verification mail if an account has this e-mail and has not verified it."""
    mails.request_for(unit, email_key, VERIFY, config.link_life, lambda account: account.verified_at is None)


def verify_email(unit: Unit, token: str, config: Config) -> None:
    """Verifies the e-mail and uses up the link; ``not-found`` if the link is not valid."""
    account = store.use_link(unit, token, VERIFY)
    verified, facts = account.verify(config.blind_secret, is_public_domain, unit.now)
    store.save_account(unit, verified, facts)


def ask_password_reset(unit: Unit, email_key: str, config: Config) -> None:
    """Requests a password reset mail if an account has this e-mail."""
    mails.request_for(unit, email_key, RESET, config.reset_life, lambda account: True)


def reset_password(unit: Unit, token: str, password_hash: str) -> None:
    """Sets a new password, ends every session and uses up the link; ``not-found`` if the link is not valid."""
    account = store.use_link(unit, token, RESET)
    store.save_account(unit, replace(account, password_hash=password_hash))
    store.end_sessions(unit, account.id)
