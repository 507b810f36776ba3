"""Routes of links in mails: verify an e-mail, reset a password. Only a POST uses a link: mail scanners send GETs."""

from flask import request

from chassis.facts import Refusal, wrong
from chassis.http.auth import present_actor
from chassis.http.origin import caller_network
from chassis.http.parsing import Blueprint, OptionalBodies
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import schemas, store
from services.accounts.api.limiting import limited, may_ask_for_mail
from services.accounts.clients.hashing import Passwords
from services.accounts.commands import links as commands
from services.accounts.config import Config
from services.accounts.model import (
    RESET,
    VERIFY,
    Account,
    Registration,
    check_password,
    common_passwords,
    email_key,
)


def routes(work: UnitOfWork, config: Config, passwords: Passwords) -> Blueprint:
    """The routes of links."""
    blueprint = OptionalBodies("links", __name__)

    @blueprint.post("/api/accounts/verification")
    @blueprint.arguments(schemas.OptionalEmailBody)
    @blueprint.response(202, schemas.AcceptedSchema)
    def ask_verification(body: Document) -> Document:
        """Sends a verification mail to the caller or to ``email``. The answer never reveals whether one was sent."""
        may_ask_for_mail(work, config)
        key = email_key(body["email"] if "email" in body else _own_email(work))
        work.run(lambda unit: commands.ask_verification(unit, key, config))
        return {}

    @blueprint.post("/api/accounts/verification/<token>")
    @blueprint.arguments(schemas.OptionalPasswordBody)
    @blueprint.response(204)
    def verify_email(body: Document, token: str) -> None:
        """Verifies the e-mail and uses up the link of a mail. 404 if the link is used, expired or unknown.

        A password sets it and ends every session. Where e-mails must be verified it is needed (422 without it): whoever
        registered may be somebody else. If it is refused, the link stays valid.
        """
        with limited(work, config.guesses, "link"):
            owner = store.link_owner(work.database, token, VERIFY, work.now())
            if "password" not in body and (config.verify_email or isinstance(owner, Registration)):
                raise Refusal("invalid", errors=[wrong("password", "missing", "Choose a password.")])
            password_hash = _new_hash(owner, body["password"]) if "password" in body else None
            work.run(lambda unit: commands.verify_email(unit, token, password_hash, config))
        if password_hash is not None:
            _forget_guesses(owner)

    @blueprint.post("/api/accounts/password-reset")
    @blueprint.arguments(schemas.EmailBody)
    @blueprint.response(202, schemas.AcceptedSchema)
    def ask_password_reset(body: Document) -> Document:
        """Sends a mail with a link to set a new password. The answer never reveals whether the account exists."""
        may_ask_for_mail(work, config)
        key = email_key(body["email"])
        work.run(lambda unit: commands.ask_password_reset(unit, key, config))
        return {}

    @blueprint.post("/api/accounts/password-reset/<token>")
    @blueprint.arguments(schemas.PasswordBody)
    @blueprint.response(204)
    def reset_password(body: Document, token: str) -> None:
        """Sets a new password, ends every session and verifies the e-mail. If the password is refused, the link stays
        valid."""
        with limited(work, config.guesses, "link"):
            owner = store.link_owner(work.database, token, RESET, work.now())
            password_hash = _new_hash(owner, body["password"])
            work.run(lambda unit: commands.reset_password(unit, token, password_hash, config))
        _forget_guesses(owner)

    def _new_hash(owner: Account | Registration, password: str) -> str:
        check_password(password, owner.email, common_passwords())
        return passwords.hash(password)

    def _forget_guesses(owner: Account | Registration) -> None:
        store.forget_guesses(work.database, owner.email_key)
        store.admit_network(work.database, owner.email_key, caller_network(), work.now())

    return blueprint


def _own_email(work: UnitOfWork) -> str:
    """The caller's e-mail; refused as ``invalid`` without a token, because no account is named."""
    if "Authorization" not in request.headers:
        absent = wrong("email", "missing", "Give the e-mail, or sign in.")
        raise Refusal("invalid", errors=[absent])
    return store.read_account(work.database, present_actor()).email
