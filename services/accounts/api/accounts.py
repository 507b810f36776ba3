"""Opening an account, one's own account, and leaving for good."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import check_if_match, etag
from chassis.http.parsing import Blueprint
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork
from services.accounts import erasures, mails, schemas, store
from services.accounts.api.views import account_view
from services.accounts.config import Config
from services.accounts.model import IN_USE, VERIFY, check_password, register
from services.accounts.passwords import Passwords, common_passwords


def routes(work: UnitOfWork, config: Config, passwords: Passwords) -> Blueprint:
    """The routes of accounts."""
    blueprint = Blueprint("accounts", __name__)

    @blueprint.post("/api/accounts")
    @blueprint.arguments(schemas.RegistrationBody)
    @blueprint.response(201, schemas.RegisteredSchema)
    def register_account(body: Document) -> Document:
        """Opens an account. An e-mail already in use gets the same answer, with an id that leads nowhere."""
        check_password(body["password"], body["email"], common_passwords())
        password_hash, account_id = passwords.hash(body["password"]), new_id()

        def effect(unit: Unit) -> Document:
            account, facts = register(account_id, body, password_hash, unit.now)
            if store.account_of(unit, account.email_key):
                mails.order_for(unit, account.email_key, IN_USE, mails.KEPT, lambda owner: True)
                return account_view(account)
            mails.count(unit, account.email_key, IN_USE)
            if config.verify_email:
                facts.append(mails.order(unit, account_id, VERIFY, config.link_life))
            else:
                store.write_decoys(unit, 1)
            store.save_account(unit, account, facts)
            return account_view(account)

        return work.run(effect)

    @blueprint.get("/api/accounts/me")
    @signed_in()
    @blueprint.response(200, schemas.AccountSchema)
    def read_my_account(*, actor: Actor) -> tuple[Document, dict[str, str]]:
        """The caller's own account."""
        account = store.read_account(work.database, actor)
        return account_view(account), etag(account.version)

    @blueprint.patch("/api/accounts/me")
    @signed_in()
    @blueprint.arguments(schemas.AccountBody)
    @blueprint.response(200, schemas.AccountSchema)
    def revise_my_account(body: Document, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """Changes the caller's name or language."""

        def effect(unit: Unit) -> Document:
            account = store.my_account(unit, actor)
            check_if_match({"version": account.version})
            revised, facts = account.revise(body)
            store.save_account(unit, revised, facts)
            return {**account_view(revised), "version": account.version + 1}

        answer = command(work, actor, effect)
        return answer, etag(answer["version"])

    @blueprint.delete("/api/accounts/me")
    @signed_in()
    @blueprint.response(202, schemas.AcceptedSchema)
    def erase_my_account(*, actor: Actor) -> Document:
        """Erases the caller in every service; a mail says when all have. Not while an awarded project is under way."""

        def effect(unit: Unit) -> Document:
            erasures.begin(unit, actor)
            return {}

        return command(work, actor, effect)

    @blueprint.get("/api/accounts/export")
    @signed_in()
    @blueprint.response(200, schemas.ExportSchema)
    def export_my_account(*, actor: Actor) -> Document:
        """All that this service holds of the caller."""
        return store.export(work.database, actor)

    return blueprint
