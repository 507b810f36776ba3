"""Routes for operators: find, suspend and reinstate accounts, and read unfinished erasures."""

from chassis import audit
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.pages import PageQuery, page_of
from chassis.http.parsing import Blueprint
from chassis.http.proofs import Proof
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import schemas, store
from services.accounts.commands import operations as commands
from services.accounts.config import Config
from services.accounts.model import OPERATOR
from services.accounts.views import erasure_view, found_view, gone_view


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    """The routes of operators."""
    blueprint = Blueprint("operations", __name__)

    @blueprint.post("/api/operations/accounts/<account_id>/suspension")
    @signed_in(OPERATOR, proof=Proof.RECENT)
    @blueprint.arguments(schemas.SuspensionBody)
    @blueprint.response(200, schemas.SuspensionSchema)
    def suspend_account(body: Document, account_id: str, *, actor: Actor) -> Document:
        """Suspends an account: no sign-in, all sessions end, and a mentor gets no more invitations."""
        reason = body["reason"]
        return command(work, actor, lambda unit: commands.suspend_account(unit, actor, account_id, reason, config))

    @blueprint.delete("/api/operations/accounts/<account_id>/suspension")
    @signed_in(OPERATOR, proof=Proof.RECENT)
    @blueprint.arguments(schemas.ReinstatementBody)
    @blueprint.response(204)
    def reinstate_account(body: Document, account_id: str, *, actor: Actor) -> None:
        """Ends an account's suspension."""
        reason = body["reason"]
        command(work, actor, lambda unit: commands.reinstate_account(unit, actor, account_id, reason))

    @blueprint.get("/api/operations/accounts")
    @signed_in(OPERATOR)
    @blueprint.arguments(schemas.FoundQuery, location="query")
    @blueprint.response(200, page_of(schemas.FoundSchema))
    def find_accounts(query: Document, *, actor: Actor) -> Document:
        """The account with this `email`, `id` or display `name`, and its state: at most 20, and no list of all.

        Neither names nor e-mails are answered.
        """
        found = store.find_accounts(work.database, query)
        gone = [query["id"]] if not found and "id" in query and not {"email", "name"} & query.keys() else []
        stages = store.find_stages(work.database, [*(account.id for account in found), *gone])
        items = [found_view(account, stages[account.id]) for account in found]
        items += [gone_view(one, stage) for one in gone if (stage := stages[one])]
        audit.record_reading(work, actor, "account.found", [item["id"] for item in items])
        return {"items": items, "next_cursor": None}

    @blueprint.get("/api/operations/accounts/erasures")
    @signed_in(OPERATOR)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, page_of(schemas.UnfinishedErasureSchema))
    def read_unfinished_erasures(query: Document, *, actor: Actor) -> Document:
        """The erasures that some service has not confirmed yet, oldest first."""
        now = work.now()
        found = store.read_unfinished_erasures(work.database, query, lambda one: erasure_view(one, now))
        audit.record_reading(work, actor, "erasures.read", [item["id"] for item in found["items"]])
        return found

    return blueprint
