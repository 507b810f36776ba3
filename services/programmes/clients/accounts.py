"""The address of an account that joins a programme, from the internal route of accounts."""

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

from chassis import telemetry
from chassis.facts import Refusal

TIMEOUT_S = 3


@dataclass(frozen=True)
class Address:
    """An account's address; ``display_name`` is empty until it is verified."""

    email: str
    display_name: str
    locale: str


class Accounts:
    """The internal routes of accounts, which the gateway never exposes."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token.encode().decode("latin-1")  # a header carries bytes

    def address(self, account: str) -> Address:
        """The account's address. Refuses ``unavailable`` while accounts does not answer."""
        url = f"{self._url}/internal/addresses/{urllib.parse.quote(account, safe='')}"
        request = urllib.request.Request(url, headers={"X-Releve-Internal": self._token})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                found = json.load(answer)
            return Address(str(found["email"]), str(found["display_name"]), str(found["locale"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            telemetry.log.warning("address_not_fetched", error=telemetry.error_name(error))
            raise Refusal("unavailable", "Please try again in a moment.", retry_after=2) from error
