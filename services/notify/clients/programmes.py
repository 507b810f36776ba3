"""Fetches messages from programmes at the time of sending; notify stores nothing of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.http.internal import InternalRoutes
from contracts.messages import INSTANTS
from services.notify.model.mails import Address
from services.notify.model.programme_mails import ProgrammeMail


class Programmes:
    """The internal routes of programmes."""

    def __init__(self, routes: InternalRoutes) -> None:
        self._routes = routes

    def fetch(self, message_id: str) -> ProgrammeMail:
        """A message, with a new token for its link. Raises `NoAnswer` once there is nobody to send it to.

        Raises `OSError` or `ValueError` for temporary failures.
        """
        found = self._routes.ask("POST", "messages", message_id)
        try:
            return ProgrammeMail(
                kind=str(found["kind"]),
                account=found["account"] and str(found["account"]),
                to=_recipient(found),
                page=str(found["page"]),
                token=found["token"] and str(found["token"]),
                timezone=str(found["timezone"] or ""),
                values=_values(found["values"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("programmes did not answer with a message") from error

    def forget(self, message_id: str) -> None:
        """Tells programmes that the message was sent; raises `OSError` for temporary failures."""
        self._routes.ask("DELETE", "messages", message_id)


def _recipient(found: Any) -> Address | None:
    if found["email"] is None:
        return None
    return Address(str(found["email"]), str(found["display_name"]), str(found["locale"]))


def _values(found: Mapping[str, Any]) -> dict[str, Any]:
    """The values, with instants as aware times."""
    return {name: datetime.fromisoformat(value) if name in INSTANTS and value else value
            for name, value in found.items()}  # fmt: skip
