"""Joining a programme by an invitation link: with or without an account."""

from chassis.facts import Refusal, wrong
from chassis.http.auth import Actor
from chassis.http.commands import command
from chassis.http.origin import caller_network
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas
from services.programmes.api.auth import bearer, caller_if_any
from services.programmes.clients.accounts import Accounts
from services.programmes.clients.passes import ROLE
from services.programmes.commands.joining import Joiner, join
from services.programmes.config import Config

MISSING = "Give it, or sign in."


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("joins", __name__)
    accounts = Accounts(config.accounts_url, config.tls.client())

    @blueprint.post("/api/programmes/joins")
    @refuses("not-found", "wrong-state", "wrong-domain", "link-full", "too-many-participants", "already-taking-part")
    @blueprint.arguments(schemas.JoinBody)
    @blueprint.response(202, schemas.JoinedSchema)
    def join_programme(body: Document) -> Document:
        """Joins by the token of a link: an account at once, anybody else after confirming their address by mail."""
        account = caller_if_any()
        if account is not None and account.role != ROLE:
            known, joiner = _by_account(body, account)
            return command(work, account, lambda unit: join(unit, known, joiner, config))
        absent = [wrong(name, "missing", MISSING) for name in ("name", "email") if name not in body]
        if absent:
            raise Refusal("invalid", errors=absent)
        config.mail_requests.count(work.database, caller_network())
        return work.run(lambda unit: join(unit, body, Joiner(body["email"]), config))

    def _by_account(body: Document, actor: Actor) -> tuple[Document, Joiner]:
        """The body with the account's name unless it has another, and the account's own address."""
        address = accounts.address(bearer())
        name = body.get("name") or address.display_name
        if not name:
            raise Refusal("invalid", errors=[wrong("name", "missing", "Give your name.")])
        proven = bool(address.display_name) or not config.verify_email
        return {"locale": address.locale, **body, "name": name}, Joiner(address.email, actor.id, proven)

    return blueprint
