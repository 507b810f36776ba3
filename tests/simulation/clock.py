"""Virtual time: one clock for all services, used instead of the database's.

It starts at the same instant in every history, far in the future. So MongoDB's own expiry, which uses the real clock,
deletes nothing, and a replayed history contains the same times.
"""

from datetime import UTC, datetime, timedelta

from tests.kit.clock import HandClock

BEGIN = datetime(2100, 3, 1, 8, tzinfo=UTC)


class VirtualClock(HandClock):
    """The time as every service reads it (`chassis.clock.Clock`). It advances only by `pass_to` and `hold_up_next`."""

    def __init__(self) -> None:
        super().__init__(lambda: self.moment)
        self._held_up = timedelta(0)
        self.moment = BEGIN

    def restart(self) -> None:
        """A history begins."""
        self._held_up = timedelta(0)
        self.moment = BEGIN

    def pass_to(self, moment: datetime) -> None:
        """Advances the time; it never goes back."""
        self.moment = max(self.moment, moment)

    def hold_up_next(self, by: timedelta) -> None:
        """Delays the next unit of work by this long between reading the time and writing."""
        self._held_up = by

    def now(self, _database: object) -> datetime:
        """The time; a unit of work that is to be delayed reads it before time advances."""
        now, held_up, self._held_up = self.moment, self._held_up, timedelta(0)
        self.moment = now + held_up
        return now
