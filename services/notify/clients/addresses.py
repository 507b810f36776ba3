"""Fetches addresses and account mails from accounts at the time of sending; notify stores neither."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from services.notify.model.mails import AccountMail, Address

TIMEOUT_S = 5


class NoAddress(Exception):
    """Accounts does not know the person or the mail, or no longer does."""


class AddressBook:
    """The internal routes of accounts, which the gateway never exposes."""

    def __init__(self, accounts_url: str, token: str) -> None:
        self._url = accounts_url
        self._token = token

    def find(self, account: str) -> Address:
        """A person's address. Raises `NoAddress` if there is none, `OSError` or `ValueError` for temporary failures."""
        return _address(self._ask("GET", "addresses", account))

    def fetch_mail(self, mail_id: str) -> AccountMail:
        """A mail of accounts, with a new token. Raises as `find` does, and `NoAddress` once its link is outdated."""
        found = self._ask("POST", "mails", mail_id)
        try:
            return AccountMail(str(found["kind"]), _address(found), found["token"] and str(found["token"]))
        except (KeyError, TypeError) as error:
            raise ValueError("accounts did not answer with a mail") from error

    def forget(self, mail_id: str) -> None:
        """Tells accounts to delete the mail, which was sent; raises `OSError` for temporary failures."""
        self._ask("DELETE", "mails", mail_id)

    def _ask(self, method: str, resource: str, id: str) -> Any:
        url = f"{self._url}/internal/{resource}/{urllib.parse.quote(id, safe='')}"
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
        raise ValueError("accounts did not answer with an address") from error
