"""Operators' accounts: `python -m services.accounts.operator add <email> [--link] | reset-factor <email> <reason>`.

``add`` asks for a password. With ``--link`` it prints a link to set one instead, valid once and for RELEVE_RESET_LIFE.
``reset-factor`` removes a second factor that was lost. Both let the operator enrol one within a day. The command reads
the settings of the accounts service.
"""

import argparse
import getpass
import secrets
import sys
from collections.abc import Callable
from datetime import timedelta

from email_validator import EmailNotValidError
from pymongo.errors import PyMongoError

from chassis.facts import Refusal
from chassis.ids import new_id
from chassis.settings import BadSetting
from chassis.unit import UnitOfWork
from services.accounts.clients.hashing import Passwords
from services.accounts.commands.factors import reset_by_email
from services.accounts.commands.operations import InUse, add_operator
from services.accounts.config import Config
from services.accounts.model import OPERATOR, check_password, common_passwords, normal_email

NAME = "Relève"


def add(
    work: UnitOfWork, passwords: Passwords, email: str, password: str | None, link_life: timedelta
) -> tuple[str, str]:
    """Creates the account and returns its id and, without a ``password``, the token of a link to set one.

    Raises `InUse`; refuses a weak password as ``invalid``.
    """
    wish = {"email": normal_email(email), "role": OPERATOR, "display_name": NAME, "locale": "fr"}
    if password is not None:
        check_password(password, wish["email"], common_passwords())
    password_hash = passwords.hash(secrets.token_urlsafe() if password is None else password)
    account_id, life = new_id(), link_life if password is None else None
    return account_id, work.run(lambda unit: add_operator(unit, account_id, wish, password_hash, life))


def main(arguments: list[str], ask: Callable[[str], str] = getpass.getpass) -> int:
    """Runs the command line; returns 0, or 1 after printing one line with the error."""
    from services.accounts.app import this_process

    given = _parser().parse_args(arguments)
    try:
        service = this_process()
        database = service.database("operator")
        service.prepare(database)
        print(given.act(service.work(database), service.config, given, ask))
        return 0
    except (BadSetting, EmailNotValidError, InUse) as error:
        print(f"relève: {error}", file=sys.stderr)
    except Refusal as refusal:
        reasons = [error["message"] for error in refusal.errors] or [refusal.detail]
        print(f"relève: {' '.join(reasons)}", file=sys.stderr)
    except PyMongoError:
        print("relève: MongoDB does not answer (RELEVE_MONGO_URI).", file=sys.stderr)
    return 1


def _add(work: UnitOfWork, config: Config, given: argparse.Namespace, ask: Callable[[str], str]) -> str:
    password = None if given.link else ask("Password: ")
    passwords = Passwords(config.hash_time_cost, config.hash_memory_kib)
    account_id, token = add(work, passwords, given.email, password, config.reset_life)
    return f"Operator {account_id}." + (f" Set the password at /reset#{token}" if token else "")


def _reset_factor(work: UnitOfWork, config: Config, given: argparse.Namespace, _ask: Callable[[str], str]) -> str:
    account_id = work.run(lambda unit: reset_by_email(unit, given.email, given.reason, config))
    return f"Operator {account_id} may enrol a second factor within a day."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.accounts.operator", description="Operators of Relève.")
    kinds = parser.add_subparsers(required=True)
    adding = kinds.add_parser("add", help="create an operator's account")
    adding.add_argument("email")
    adding.add_argument("--link", action="store_true", help="print a link to set the password, instead of asking")
    adding.set_defaults(act=_add)
    resetting = kinds.add_parser("reset-factor", help="remove a lost second factor, and end the operator's sessions")
    resetting.add_argument("email")
    resetting.add_argument("reason", help="why; it stands in the audit trail")
    resetting.set_defaults(act=_reset_factor)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
