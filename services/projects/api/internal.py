"""The internal route for accounts; the gateway does not expose it."""

from chassis.http.internal import NO_STORE, Unlisted, guarded_by
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.projects import schemas, store
from services.projects.config import Config


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    """The internal routes."""
    blueprint = Unlisted("internal", __name__)

    @blueprint.get("/internal/commitments/<account_id>")
    @guarded_by(accounts=config.from_accounts)
    @blueprint.response(200, schemas.CommitmentsSchema)
    def read_commitments(account_id: str) -> tuple[Document, dict[str, str]]:
        """Whether an award binds this person now, so that the account cannot be erased."""
        return {"bound": work.run(lambda unit: store.is_bound(unit, account_id))}, NO_STORE

    return blueprint
