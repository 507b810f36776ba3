"""Asks accounts for the address of a person, at the moment of sending: notify keeps none."""

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

TIMEOUT_S = 5


class NoAddress(Exception):
    """Accounts does not know the person, or not any more."""


@dataclass(frozen=True)
class Address:
    """Where a mail goes, the name that greets, and the language."""

    email: str
    display_name: str
    locale: str


class AddressBook:
    """The internal route of accounts, which the gateway never exposes."""

    def __init__(self, accounts_url: str, token: str) -> None:
        self._url = accounts_url
        self._token = token

    def find(self, account: str) -> Address:
        """`NoAddress` when there is nobody; `OSError` or `ValueError` when accounts cannot be asked just now."""
        url = f"{self._url}/internal/addresses/{urllib.parse.quote(account, safe='')}"
        request = urllib.request.Request(url, headers={"X-Releve-Internal": self._token})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise NoAddress from error
            raise
        try:
            return Address(str(found["email"]), str(found["display_name"]), str(found["locale"]))
        except (KeyError, TypeError) as error:
            raise ValueError("accounts answered something else than an address") from error
