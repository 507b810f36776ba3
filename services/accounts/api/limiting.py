"""Limits on routes that hash, mail or guess: by network for everybody, by account for its owner."""

from contextlib import AbstractContextManager

from chassis.http.auth import Actor
from chassis.http.origin import caller_network
from chassis.limits import Limit
from chassis.unit import UnitOfWork
from services.accounts.config import Config


def limited(work: UnitOfWork, limit: Limit, what: str) -> AbstractContextManager[None]:
    """Counts what goes wrong here from one network (`Limit.of_failures`)."""
    return limit.of_failures(work.database, f"{what} {caller_network()}")


def may_ask_for_mail(work: UnitOfWork, config: Config) -> None:
    """Counts a request of this network that may send a mail, whether or not one is sent."""
    config.mail_requests.count(work.database, caller_network())


def may_use_password(work: UnitOfWork, config: Config, actor: Actor) -> None:
    """Counts a request of this account that hashes its password, right or wrong."""
    config.own_password.count(work.database, actor.id)
