"""The address of an account that joins a programme, from the internal route of accounts."""

from dataclasses import dataclass

from chassis import telemetry
from chassis.facts import Refusal
from chassis.http.internal import InternalRoutes, NoAnswer

TIMEOUT_S = 3
"""Somebody waits for the answer."""


@dataclass(frozen=True)
class Address:
    """An account's address; ``display_name`` is empty until it is verified."""

    email: str
    display_name: str
    locale: str


class Accounts:
    """The internal routes of accounts."""

    def __init__(self, url: str, token: str) -> None:
        self._routes = InternalRoutes(url, token, TIMEOUT_S)

    def address(self, account: str) -> Address:
        """The account's address. Refuses ``unavailable`` while accounts does not answer."""
        try:
            found = self._routes.ask("GET", "addresses", account)
            return Address(str(found["email"]), str(found["display_name"]), str(found["locale"]))
        except (OSError, NoAnswer, ValueError, KeyError, TypeError) as error:
            telemetry.log.warning("address_not_fetched", error=telemetry.error_name(error))
            raise Refusal("unavailable", "Please try again in a moment.", retry_after=2) from error
