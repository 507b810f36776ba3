"""Virtual time: one clock for all services, handed to them in place of the database's.

It starts at the same instant for every history, far in the future: MongoDB's own expiry, which goes by the real clock,
touches nothing, and whatever a history says of time it says again.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.kit.clock import at

BEGIN = datetime(2100, 3, 1, 8, tzinfo=UTC)


class VirtualClock:
    """The time as every service reads it (`chassis.clock.Clock`). It passes only when it is told to."""

    def __init__(self) -> None:
        self._held_up = timedelta(0)
        self.moment = BEGIN

    def restart(self) -> None:
        """A history begins."""
        self._held_up = timedelta(0)
        self.moment = BEGIN

    def pass_to(self, moment: datetime) -> None:
        """Time passes; it never goes back."""
        self.moment = max(self.moment, moment)

    def hold_up_next(self, by: timedelta) -> None:
        """The next unit of work is held up for so long between the moment it reads the time and its writes."""
        self._held_up = by

    def now(self, _database: object) -> datetime:
        """The time; whoever was to be held up reads it and then comes late."""
        now, held_up, self._held_up = self.moment, self._held_up, timedelta(0)
        self.moment = now + held_up
        return now

    def at_write(self, condition: Mapping[str, Any]) -> Mapping[str, Any]:
        """The condition that the database decides, with this clock's time in it."""
        return at(condition, self.moment) if condition else condition
