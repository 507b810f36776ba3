"""Asks accounts for the address of a person, or for a mail of its own, at the moment of sending: notify keeps none."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from services.notify.model.mails import AccountMail, Address

TIMEOUT_S = 5


class NoAddress(Exception):
    """Accounts does not know the person, or not any more."""


class AddressBook:
    """The internal routes of accounts, which the gateway never exposes."""

    def __init__(self, accounts_url: str, token: str) -> None:
        self._url = accounts_url
        self._token = token

    def find(self, account: str) -> Address:
        """`NoAddress` when there is nobody; `OSError` or `ValueError` when accounts cannot be asked just now."""
        return _address(self._ask("GET", "addresses", account))

    def draw(self, mail_id: str) -> AccountMail:
        """What a mail of accounts says, and to whom; errors as in `find`, `NoAddress` once its link is of no use."""
        found = self._ask("POST", "mails", mail_id)
        try:
            return AccountMail(str(found["kind"]), _address(found), found["token"] and str(found["token"]))
        except (KeyError, TypeError) as error:
            raise ValueError("accounts answered something else than a mail") from error

    def forget(self, mail_id: str) -> None:
        """Tells accounts that the mail is settled; `OSError` when it cannot be told just now."""
        self._ask("DELETE", "mails", mail_id)

    def _ask(self, method: str, what: str, id: str) -> Any:
        url = f"{self._url}/internal/{what}/{urllib.parse.quote(id, safe='')}"
        headers, data = {"X-Releve-Internal": self._token}, b"" if method == "POST" else None
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer) if answer.status == 200 else None
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise NoAddress from error
            raise


def _address(found: Any) -> Address:
    try:
        return Address(str(found["email"]), str(found["display_name"]), str(found["locale"]))
    except (KeyError, TypeError) as error:
        raise ValueError("accounts answered something else than an address") from error
