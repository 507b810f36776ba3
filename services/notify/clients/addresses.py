"""Fetches addresses and account mails from accounts at the time of sending; notify stores neither."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chassis.http.internal import InternalRoutes
from services.notify.model.mails import AccountMail, Address


class AddressBook:
    """The internal routes of accounts."""

    def __init__(self, routes: InternalRoutes) -> None:
        self._routes = routes

    def find(self, account: str) -> Address:
        """A person's address. Raises `NoAnswer` if there is none, `OSError` or `ValueError` for temporary failures."""
        return _address(self._routes.ask("GET", "addresses", account))

    def find_all(self, accounts: Iterable[str]) -> dict[str, Address]:
        """The addresses of several people, by account, without those who have none.

        Raises as `find` does, but never `NoAnswer`.
        """
        found = self._routes.ask_for("addresses", accounts)
        try:
            return {account: _address(to) for account, to in found["addresses"].items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("accounts did not answer with addresses") from error

    def fetch_mail(self, mail_id: str) -> AccountMail:
        """A mail of accounts, with a new token. Raises as `find` does, and `NoAnswer` once its link is outdated."""
        found = self._routes.ask("POST", "mails", mail_id)
        try:
            return AccountMail(
                str(found["kind"]),
                _address(found),
                found["token"] and str(found["token"]),
                datetime.fromisoformat(found["at"]) if found.get("at") else None,
                [str(service) for service in found.get("confirmed") or ()],
                [str(service) for service in found.get("missing") or ()],
            )
        except (KeyError, TypeError) as error:
            raise ValueError("accounts did not answer with a mail") from error

    def forget(self, mail_id: str) -> None:
        """Tells accounts to delete the mail, which was sent; raises `OSError` for temporary failures."""
        self._routes.ask("DELETE", "mails", mail_id)


def _address(found: Any) -> Address:
    try:
        return Address(str(found["email"]), str(found["display_name"]), str(found["locale"]))
    except (KeyError, TypeError) as error:
        raise ValueError("accounts did not answer with an address") from error
