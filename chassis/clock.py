"""What the time is. One clock is handed to everything of a service that reads the time; it is the database's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from chassis.mongo import Documents, database_now


class Clock(Protocol):
    """The one source of the time of a service. Times are aware, in UTC, with milliseconds."""

    def now(self, database: Documents) -> datetime:
        """The time at this moment; `pymongo.errors.PyMongoError` where that cannot be had."""

    def at_write(self, condition: Mapping[str, Any]) -> Mapping[str, Any]:
        """A condition of a write, whose ``$$NOW`` is the time of this clock when the write happens."""


class DatabaseClock:
    """The primary's clock, however far apart the clocks of the machines are on which the services run."""

    def now(self, database: Documents) -> datetime:
        """The primary's time."""
        return database_now(database)

    def at_write(self, condition: Mapping[str, Any]) -> Mapping[str, Any]:
        """The condition as it is: the database puts its own time in place of ``$$NOW``."""
        return condition


DATABASE_CLOCK = DatabaseClock()
