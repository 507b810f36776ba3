"""Routes to change one's e-mail, and of the links in the mails about it. Only a POST uses a link."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.origin import caller_network
from chassis.http.parsing import Blueprint, OptionalBodies
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import schemas, store
from services.accounts.api.limiting import limited, may_ask_for_mail, may_use_password
from services.accounts.clients.hashing import Passwords
from services.accounts.commands import addresses as commands
from services.accounts.commands.sessions import check_credentials
from services.accounts.config import Config


def routes(work: UnitOfWork, config: Config, passwords: Passwords) -> Blueprint:
    """The route for the caller."""
    blueprint = Blueprint("addresses", __name__)

    @blueprint.put("/api/accounts/me/email")
    @signed_in()
    @refuses("bad-credentials")
    @blueprint.arguments(schemas.NewEmailBody)
    @blueprint.response(202, schemas.AcceptedSchema)
    def change_email(body: Document, *, actor: Actor) -> Document:
        """Sends a link to the new e-mail, which counts once the link is opened. The answer never reveals whether
        another account has it. Wrong passwords slow down sign-in."""
        may_use_password(work, config, actor)
        may_ask_for_mail(work, config)
        owner = store.read_account(work.database, actor)
        check_credentials(work.database, owner.email, body["password"], passwords, caller_network(), work.now())
        return command(work, actor, lambda unit: commands.ask_change(unit, actor, body["email"], config))

    return blueprint


def links(work: UnitOfWork, config: Config) -> Blueprint:
    """The routes of the links."""
    blueprint = OptionalBodies("address_links", __name__)

    @blueprint.post("/api/accounts/email/confirmation/<token>")
    @blueprint.arguments(schemas.EmptyBody)
    @blueprint.response(204)
    def confirm_email(_body: Document, token: str) -> None:
        """The new e-mail counts from now on, and is verified; all sessions end but the one that asked for it. A mail to
        the old one has a link to undo it. 404 if the link is used, expired or unknown, or the address is taken."""
        with limited(work, config.guesses, "link"):
            work.run(lambda unit: commands.confirm_change(unit, token, config))

    @blueprint.post("/api/accounts/email/undo/<token>")
    @blueprint.arguments(schemas.EmptyBody)
    @blueprint.response(204)
    def undo_email(_body: Document, token: str) -> None:
        """The old e-mail counts again. Every session ends, the password no longer works, and a mail has a link to set
        another. 404 if the link is used, expired or unknown."""
        with limited(work, config.guesses, "link"):
            work.run(lambda unit: commands.undo_change(unit, token, config))

    return blueprint
