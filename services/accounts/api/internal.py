"""What notify alone may ask; the gateway knows none of it."""

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
    """Routes that stand in no document: the gateway does not know them."""

    def register_views_in_doc(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing."""


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    """The internal routes. Without the internal token 403, and not the 404 of what is not there: notify waits and
    tries again where it is set up wrongly, and lets go only of mails that have nowhere to go.
    """
    blueprint = _Unlisted("internal", __name__)

    def internal(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            shown = request.headers.get("X-Releve-Internal", "").encode("latin-1")  # the bytes as they came
            if not hmac.compare_digest(shown, config.internal_token.encode()):
                raise Refusal("forbidden", "This is for the services themselves.")
            return view(*args, **kwargs)

        return checked

    @blueprint.get("/internal/addresses/<account_id>")
    @internal
    @blueprint.response(200, schemas.AddressSchema)
    def read_address(account_id: str) -> tuple[Document, dict[str, str]]:
        """Where notify reaches a person."""
        return address_view(store.read_address(work.database, account_id)), NO_STORE

    @blueprint.post("/internal/mails/<mail_id>")
    @internal
    @blueprint.response(200, schemas.MailSchema)
    def draw_mail(mail_id: str) -> tuple[Document, dict[str, str]]:
        """What a mail needs to be sent, its link's token drawn afresh; 404 once it is used, expired or of no use."""
        token = new_token()
        mail, to = store.draw_mail(work.database, mail_id, token, work.now())
        return mail_view(mail, to, token), NO_STORE

    @blueprint.delete("/internal/mails/<mail_id>")
    @internal
    @blueprint.response(204)
    def forget_mail(mail_id: str) -> None:
        """The mail has gone out."""
        store.forget_mail(work.database, mail_id)

    return blueprint
