"""The address of an account that joins a programme, read from accounts with that account's own access token."""

import json
import urllib.request
from dataclasses import dataclass
from ssl import SSLContext

from chassis import telemetry
from chassis.facts import Refusal

TIMEOUT_S = 3
"""Somebody waits for the answer."""


@dataclass(frozen=True)
class Address:
    """An account's address; ``display_name`` is empty until it is verified."""

    email: str
    display_name: str
    locale: str


class Accounts:
    """The public route of accounts that tells people about their own account."""

    def __init__(self, url: str, tls: SSLContext | None = None) -> None:
        self._url = f"{url}/api/accounts/me"
        self._tls = tls

    def address(self, token: str) -> Address:
        """The address of the account with this access token.

        Refuses ``unauthenticated`` if accounts does not accept the token, ``unavailable`` while it does not answer.
        """
        asked = urllib.request.Request(self._url, headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(asked, timeout=TIMEOUT_S, context=self._tls) as answer:
                found = json.load(answer)
            name = str(found["display_name"]) if found["verified"] is True else ""
            return Address(str(found["email"]), name, str(found["locale"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            if getattr(error, "code", None) == 401:
                raise Refusal("unauthenticated", "Your account is not known.") from error
            telemetry.log.warning("address_not_fetched", error=telemetry.error_name(error))
            raise Refusal("unavailable", "Please try again in a moment.", retry_after=2) from error
