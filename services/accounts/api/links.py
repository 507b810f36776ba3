"""Routes of links in mails: verify an e-mail, reset a password. Only a POST uses a link: mail scanners send GETs."""

from flask import request

from chassis.facts import Refusal
from chassis.http.auth import present_actor
from chassis.http.parsing import Blueprint, OptionalBodies
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import schemas, store
from services.accounts.clients.hashing import Passwords
from services.accounts.commands import links as commands
from services.accounts.config import Config
from services.accounts.model import RESET, check_password, common_passwords, email_key


def routes(work: UnitOfWork, config: Config, passwords: Passwords) -> Blueprint:
    """The routes of links."""
    blueprint = OptionalBodies("links", __name__)

    @blueprint.post("/api/accounts/verification")
    @blueprint.arguments(schemas.OptionalEmailBody)
    @blueprint.response(202, schemas.AcceptedSchema)
    def ask_verification(body: Document) -> Document:
        """Sends a verification mail to the caller or to ``email``. The answer never reveals whether one was sent."""
        key = email_key(body["email"] if "email" in body else _own_email(work))
        work.run(lambda unit: commands.ask_verification(unit, key, config))
        return {}

    @blueprint.post("/api/accounts/verification/<token>")
    @blueprint.arguments(schemas.EmptyBody)
    @blueprint.response(204)
    def verify_email(_body: Document, token: str) -> None:
        """Verifies the e-mail and uses up the link of a mail. 404 if the link is used, expired or unknown."""
        work.run(lambda unit: commands.verify_email(unit, token, config))

    @blueprint.post("/api/accounts/password-reset")
    @blueprint.arguments(schemas.EmailBody)
    @blueprint.response(202, schemas.AcceptedSchema)
    def ask_password_reset(body: Document) -> Document:
        """Sends a mail with a link to set a new password. The answer never reveals whether the account exists."""
        key = email_key(body["email"])
        work.run(lambda unit: commands.ask_password_reset(unit, key, config))
        return {}

    @blueprint.post("/api/accounts/password-reset/<token>")
    @blueprint.arguments(schemas.PasswordBody)
    @blueprint.response(204)
    def reset_password(body: Document, token: str) -> None:
        """Sets a new password and ends every session. If the password is refused, the link stays valid."""
        owner = store.link_owner(work.database, token, RESET, work.now())
        check_password(body["password"], owner.email, common_passwords())
        password_hash = passwords.hash(body["password"])
        work.run(lambda unit: commands.reset_password(unit, token, password_hash))
        store.forget_attempts(work.database, owner.email_key)

    return blueprint


def _own_email(work: UnitOfWork) -> str:
    """The caller's e-mail; refused as ``invalid`` without a token, because no account is named."""
    if "Authorization" not in request.headers:
        wrong = {"field": "email", "message": "Give the e-mail, or sign in."}
        raise Refusal("invalid", errors=[wrong])
    return store.read_account(work.database, present_actor()).email
