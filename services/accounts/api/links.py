"""Links in mails: an e-mail verified, a password set anew. Only a POST uses a link up: scanners of mails send GETs."""

from dataclasses import replace

from flask import request

from chassis.facts import Refusal
from chassis.http.auth import present_actor
from chassis.http.parsing import Blueprint, BodyOptional
from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork
from services.accounts import mails, schemas, store
from services.accounts.config import Config
from services.accounts.mailboxes import open_to_anybody
from services.accounts.model import RESET, VERIFY, check_password, email_key
from services.accounts.passwords import Passwords, common_passwords


class _Links(Blueprint):
    ARGUMENTS_PARSER = BodyOptional()


def routes(work: UnitOfWork, config: Config, passwords: Passwords) -> Blueprint:
    """The routes of links."""
    blueprint = _Links("links", __name__)

    @blueprint.post("/api/accounts/verification")
    @blueprint.arguments(schemas.OptionalEmailBody)
    @blueprint.response(202, schemas.AcceptedSchema)
    def ask_verification(body: Document) -> Document:
        """Sends the mail that verifies an e-mail, to the caller or to ``email``. The answer never tells whether."""
        key = email_key(body["email"] if "email" in body else _own_email(work))
        life = config.link_life
        work.run(lambda unit: mails.order_for(unit, key, VERIFY, life, lambda account: account.verified_at is None))
        return {}

    @blueprint.post("/api/accounts/verification/<token>")
    @blueprint.arguments(schemas.EmptyBody)
    @blueprint.response(204)
    def verify_email(_body: Document, token: str) -> None:
        """Uses up the link of a mail: the e-mail is verified. 404 for one that was used, has expired or never was."""

        def effect(unit: Unit) -> None:
            account = mails.use_link(unit, token, VERIFY)
            verified, facts = account.verify(config.blind_secret, open_to_anybody, unit.now)
            store.save_account(unit, verified, facts)

        work.run(effect)

    @blueprint.post("/api/accounts/password-reset")
    @blueprint.arguments(schemas.EmailBody)
    @blueprint.response(202, schemas.AcceptedSchema)
    def ask_password_reset(body: Document) -> Document:
        """Sends a mail with which a new password can be set. The answer never tells whether there is an account."""
        key, life = email_key(body["email"]), config.reset_life
        work.run(lambda unit: mails.order_for(unit, key, RESET, life, lambda account: True))
        return {}

    @blueprint.post("/api/accounts/password-reset/<token>")
    @blueprint.arguments(schemas.PasswordBody)
    @blueprint.response(204)
    def reset_password(body: Document, token: str) -> None:
        """Sets a new password and ends every session. A password that is refused leaves the link as it was."""
        owner = mails.link_owner(work.database, token, RESET)
        check_password(body["password"], owner.email, common_passwords())
        password_hash = passwords.hash(body["password"])

        def effect(unit: Unit) -> None:
            account = mails.use_link(unit, token, RESET)
            store.save_account(unit, replace(account, password_hash=password_hash))
            store.end_sessions(unit, account.id)

        work.run(effect)
        store.forget_attempts(work.database, owner.email_key)

    return blueprint


def _own_email(work: UnitOfWork) -> str:
    """The e-mail of whoever is signed in; without a token and without an e-mail there is nobody it could be about."""
    if "Authorization" not in request.headers:
        wrong = {"field": "email", "message": "Give the e-mail, or sign in."}
        raise Refusal("invalid", errors=[wrong])
    return store.read_account(work.database, present_actor()).email
