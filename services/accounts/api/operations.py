"""Routes for operators: suspend and reinstate accounts, and read the audit log."""

from chassis import audit
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.pages import page_of
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import schemas
from services.accounts.commands import operations as commands
from services.accounts.model import OPERATOR


def routes(work: UnitOfWork) -> Blueprint:
    """The routes of operators."""
    blueprint = Blueprint("operations", __name__)

    @blueprint.post("/api/operations/accounts/<account_id>/suspension")
    @signed_in(OPERATOR)
    @blueprint.arguments(schemas.SuspensionBody)
    @blueprint.response(200, schemas.SuspensionSchema)
    def suspend_account(body: Document, account_id: str, *, actor: Actor) -> Document:
        """Suspends an account: no sign-in, all sessions end, and a mentor gets no more invitations."""
        reason = body["reason"]
        return command(work, actor, lambda unit: commands.suspend_account(unit, actor, account_id, reason))

    @blueprint.delete("/api/operations/accounts/<account_id>/suspension")
    @signed_in(OPERATOR)
    @blueprint.response(204)
    def reinstate_account(account_id: str, *, actor: Actor) -> None:
        """Ends an account's suspension."""
        command(work, actor, lambda unit: commands.reinstate_account(unit, actor, account_id))

    @blueprint.get("/api/operations/audit")
    @signed_in(OPERATOR)
    @blueprint.arguments(schemas.AuditQuery, location="query")
    @blueprint.response(200, page_of(schemas.AuditEntrySchema))
    def read_audit(query: Document, *, actor: Actor) -> Document:
        """The operators' actions on accounts, newest first; on one account with ``whom``."""
        return audit.read(work.database, query)

    return blueprint
