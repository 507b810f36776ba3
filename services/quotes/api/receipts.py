"""The public key of receipts."""

from collections.abc import Callable

from chassis.http.parsing import Blueprint
from chassis.http.said import KEY_SET, answers, documented, key_set
from chassis.mongo import Document
from services.quotes.model import Signer


def routes(signer: Callable[[], Signer]) -> Blueprint:
    blueprint = Blueprint("receipts", __name__)

    @blueprint.get("/.well-known/receipts-jwks.json")
    @documented(responses=answers("application/json", KEY_SET, key_set("receipts-1")))
    def read_receipt_keys() -> Document:
        """The public key that verifies receipts."""
        return signer().jwks()

    return blueprint
