"""Internal routes for notify; the gateway does not expose them."""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request

from chassis.facts import Refusal
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import schemas, store
from services.accounts.api.signing import NO_STORE
from services.accounts.clients.tokens import new_token
from services.accounts.config import Config
from services.accounts.views import address_view, mail_view


class _Unlisted(Blueprint):
    """A blueprint whose routes are not documented, because the gateway does not expose them."""

    def register_views_in_doc(self, *_args: Any, **_kwargs: Any) -> None:
        """Registers nothing."""


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    """The internal routes. Without the internal token they answer 403, not 404: notify retries after a 403, a wrong
    configuration, and drops a mail only after a 404, when it has no recipient.
    """
    blueprint = _Unlisted("internal", __name__)

    def internal(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            presented = request.headers.get("X-Releve-Internal", "").encode("latin-1")  # the bytes as received
            if not hmac.compare_digest(presented, config.internal_token.encode()):
                raise Refusal("forbidden", "Only other services may call this route.")
            return view(*args, **kwargs)

        return checked

    @blueprint.get("/internal/addresses/<account_id>")
    @internal
    @blueprint.response(200, schemas.AddressSchema)
    def read_address(account_id: str) -> tuple[Document, dict[str, str]]:
        """A person's address."""
        return address_view(store.read_address(work.database, account_id)), NO_STORE

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
