"""The service's clock, which is the database's. It is handed to everything in a service that reads the time."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from chassis.mongo import Documents, database_now

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Earlier than every stored time."""


class Clock(Protocol):
    """A service's only source of time. Times are aware, in UTC, with milliseconds."""

    def now(self, database: Documents) -> datetime:
        """The current time. Raises `pymongo.errors.PyMongoError` if it cannot be read."""

    def expression(self) -> Any:
        """This clock's time in an aggregation, at the moment at which the database runs it."""

    def at_write(self, condition: Mapping[str, Any]) -> Mapping[str, Any]:
        """Adapts the condition of a write so that its ``$$NOW`` is this clock's time at the moment of the write."""


class DatabaseClock:
    """The primary's clock, so that differences between the clocks of the services' machines do not matter."""

    def now(self, database: Documents) -> datetime:
        """The primary's time."""
        return database_now(database)

    def expression(self) -> Any:
        """The database's own variable."""
        return "$$NOW"

    def at_write(self, condition: Mapping[str, Any]) -> Mapping[str, Any]:
        """The condition unchanged: the database replaces ``$$NOW`` with its own time."""
        return condition


DATABASE_CLOCK = DatabaseClock()
