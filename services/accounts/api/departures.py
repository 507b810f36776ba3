"""Routes to leave: ask for the erasure of one's account, and stop it."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.origin import caller_network
from chassis.http.parsing import Blueprint, OptionalBodies
from chassis.http.said import refuses
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import schemas, store
from services.accounts.api.limiting import limited, may_use_password
from services.accounts.clients.commitments import Commitments
from services.accounts.clients.hashing import Passwords
from services.accounts.commands import departures as commands
from services.accounts.commands.sessions import check_credentials
from services.accounts.config import Config


def routes(work: UnitOfWork, config: Config, passwords: Passwords, commitments: Commitments) -> Blueprint:
    """The routes of departures."""
    blueprint = Blueprint("departures", __name__)

    @blueprint.post("/api/accounts/me/erasure")
    @signed_in()
    @refuses("bad-credentials", "open-commitments")
    @blueprint.arguments(schemas.OwnPasswordBody)
    @blueprint.response(202, schemas.DepartureSchema)
    def ask_erasure(body: Document, *, actor: Actor) -> Document:
        """Ends every session now, and erases the caller in every service at ``at``, unless they stop it before.

        Refused while an awarded project binds them, now and again at ``at``. Wrong passwords slow down sign-in.
        """
        may_use_password(work, config, actor)
        owner = store.read_account(work.database, actor)
        check_credentials(work.database, owner.email, body["password"], passwords, caller_network(), work.now())
        commitments.check_free(actor.id)
        question = new_id()
        return command(work, actor, lambda unit: commands.ask_erasure(unit, actor, question, config))

    @blueprint.delete("/api/accounts/me/erasure")
    @signed_in()
    @refuses("erasure-begun", "not-found")
    @blueprint.response(204)
    def stop_erasure(*, actor: Actor) -> None:
        """Stops the erasure that the caller asked for; 404 if they did not."""
        command(work, actor, lambda unit: commands.stop_erasure(unit, actor))

    return blueprint


def links(work: UnitOfWork, config: Config) -> Blueprint:
    """The route of the link in the mail."""
    blueprint = OptionalBodies("erasure_links", __name__)

    @blueprint.post("/api/accounts/erasure-stop/<token>")
    @refuses("erasure-begun")
    @blueprint.arguments(schemas.EmptyBody)
    @blueprint.response(204)
    def stop_erasure_by_link(_body: Document, token: str) -> None:
        """Stops the erasure, without signing in, and uses up the link. 404 if the link is used, expired or unknown."""
        with limited(work, config.guesses, "link"):
            work.run(lambda unit: commands.stop_by_link(unit, token))

    return blueprint
