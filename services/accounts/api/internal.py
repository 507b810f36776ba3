"""Internal routes for notify; the gateway does not expose them."""

from chassis.http.internal import NO_STORE, Unlisted, guarded_by
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import schemas, store
from services.accounts.clients.tokens import new_token
from services.accounts.config import Config
from services.accounts.views import address_view, mail_view


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    """The internal routes."""
    blueprint, internal = Unlisted("internal", __name__), guarded_by(notify=config.from_notify)

    @blueprint.get("/internal/addresses/<account_id>")
    @internal
    @blueprint.response(200, schemas.AddressSchema)
    def read_address(account_id: str) -> tuple[Document, dict[str, str]]:
        """A person's address."""
        return address_view(store.read_address(work.database, account_id)), NO_STORE

    @blueprint.get("/internal/addresses")
    @internal
    @blueprint.arguments(schemas.AddressesQuery, location="query")
    @blueprint.response(200, schemas.AddressesSchema)
    def read_addresses(query: Document) -> tuple[Document, dict[str, str]]:
        """The addresses of several people, without those who have none."""
        found = store.read_addresses(work.database, query["id"])
        return {"addresses": {id: address_view(to) for id, to in found.items()}}, NO_STORE

    @blueprint.post("/internal/mails/<mail_id>")
    @internal
    @blueprint.response(200, schemas.MailSchema)
    def prepare_mail(mail_id: str) -> tuple[Document, dict[str, str]]:
        """The data for sending a mail, with a new token for its link; 404 once it is used or expired."""
        token = new_token()
        mail, to = store.prepare_mail(work.database, mail_id, token, work.now())
        return mail_view(mail, to, token), NO_STORE

    @blueprint.delete("/internal/mails/<mail_id>")
    @internal
    @blueprint.response(204)
    def forget_mail(mail_id: str) -> None:
        """The mail was sent."""
        store.forget_mail(work.database, mail_id)

    return blueprint
