"""Asks projects, which decides it, whether an award binds a person."""

from chassis.facts import Refusal
from chassis.http.internal import InternalRoutes, NoAnswer

RETRY_AFTER_S = 5


class Commitments:
    """The internal route of projects."""

    def __init__(self, routes: InternalRoutes) -> None:
        self._routes = routes

    def check_free(self, account: str) -> None:
        """Raises ``open-commitments`` while an award binds the account, ``unavailable`` if projects does not answer."""
        try:
            bound = self._routes.ask("GET", "commitments", account)["bound"]
        except (OSError, ValueError, KeyError, TypeError, NoAnswer) as error:
            raise Refusal("unavailable", "Please try again in a moment.", retry_after=RETRY_AFTER_S) from error
        if bound:
            raise Refusal("open-commitments", "Complete the project that is under way first.")
