"""Routes to register, and to read, change and export one's own account."""

from chassis.facts import Refusal, wrong
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.origin import caller_network
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import schemas, store
from services.accounts.api.limiting import may_ask_for_mail, may_use_password
from services.accounts.clients.hashing import Passwords
from services.accounts.commands import accounts as commands
from services.accounts.commands.sessions import check_credentials
from services.accounts.config import Config
from services.accounts.model import Departure, check_password, common_passwords
from services.accounts.views import account_view, export_view


def routes(work: UnitOfWork, config: Config, passwords: Passwords) -> Blueprint:
    """The routes of accounts."""
    blueprint = Blueprint("accounts", __name__)

    @blueprint.post("/api/accounts")
    @blueprint.arguments(schemas.RegistrationBody)
    @blueprint.response(201, schemas.RegisteredSchema)
    def register_account(body: Document) -> Document:
        """Opens an account. If the e-mail is in use, the answer is the same, but its id does not exist.

        Where e-mails must be verified, the account begins when the link of the mail is opened, and the password given
        then counts: one given here is only checked.
        """
        may_ask_for_mail(work, config)
        if "password" in body:
            check_password(body["password"], body["email"], common_passwords())
        account_id = new_id()
        if config.verify_email:
            return work.run(lambda unit: commands.ask_registration(unit, account_id, body, config))
        if "password" not in body:
            raise Refusal("invalid", errors=[wrong("password", "missing", "Give a password.")])
        password_hash = passwords.hash(body["password"])
        return work.run(lambda unit: commands.register_account(unit, account_id, body, password_hash, config))

    @blueprint.get("/api/accounts/me")
    @signed_in()
    @blueprint.response(200, schemas.AccountSchema)
    @shows_version
    def read_my_account(*, actor: Actor) -> Versioned:
        """The caller's own account; ``erasure_at`` is when it will be erased, unless its owner stops it before."""
        account, departure = store.read_account(work.database, actor), store.read_departure(work.database, actor)
        return account_view(account) | _leaving(departure), account.version

    @blueprint.patch("/api/accounts/me")
    @signed_in()
    @blueprint.arguments(schemas.AccountBody)
    @blueprint.response(200, schemas.AccountSchema)
    @takes_version
    @shows_version
    def revise_my_account(body: Document, *, actor: Actor, expected: IfMatch) -> Versioned:
        """Changes the caller's name or language."""
        answer = command(work, actor, lambda unit: commands.revise_account(unit, actor, body, expected))
        return answer | _leaving(store.read_departure(work.database, actor)), answer["version"]

    @blueprint.put("/api/accounts/me/password")
    @signed_in()
    @refuses("bad-credentials")
    @blueprint.arguments(schemas.NewPasswordBody)
    @blueprint.response(204)
    def change_password(body: Document, *, actor: Actor) -> None:
        """Sets a new password, given the current one, and ends all other sessions. Wrong ones slow down sign-in."""
        may_use_password(work, config, actor)
        owner = store.read_account(work.database, actor)
        check_credentials(work.database, owner.email, body["password"], passwords, caller_network(), work.now())
        check_password(body["new_password"], owner.email, common_passwords(), "new_password")
        new_hash = passwords.hash(body["new_password"])
        command(work, actor, lambda unit: commands.change_password(unit, actor, owner.password_hash, new_hash, config))

    @blueprint.get("/api/accounts/export")
    @signed_in()
    @blueprint.response(200, schemas.ExportSchema)
    def export_my_account(*, actor: Actor) -> Document:
        """All data that accounts stores of the caller."""
        account = store.read_account(work.database, actor)
        failed = store.read_attempts(work.database, account.email_key)
        sessions, events = store.read_sessions(work.database, actor), store.read_events(work.database, actor)
        departure, factor = store.read_departure(work.database, actor), store.read_factor(work.database, actor)
        changes = store.read_changes(work.database, actor)
        return export_view(account, sessions, failed, events, departure, factor, changes)

    return blueprint


def _leaving(departure: Departure | None) -> Document:
    """When the account will be erased, unless its owner stops it before."""
    return {"erasure_at": departure.at if departure else None}
