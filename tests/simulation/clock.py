"""Virtual time: one clock for all services, handed to them in place of the database's.

It starts at the same instant for every history, far in the future: MongoDB's own expiry, which goes by the real clock,
touches nothing, and whatever a history says of time it says again.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

from bson import json_util

from chassis import mongo
from services.quotes.store import rounds as quotes_store

BEGIN = datetime(2100, 3, 1, 8, tzinfo=UTC)
PACKAGES = ("chassis", "services", "tests")


class Clock:
    """The time as every service reads it. It passes only when it is told to."""

    def __init__(self) -> None:
        self._guard = quotes_store.STILL_OPEN
        self._held_up = timedelta(0)
        self.now = BEGIN

    def restart(self) -> None:
        """A history begins."""
        self._held_up = timedelta(0)
        self._set(BEGIN)

    def pass_to(self, moment: datetime) -> None:
        """Time passes; it never goes back."""
        self._set(max(self.now, moment))

    def hold_up_next(self, by: timedelta) -> None:
        """The next unit of work is held up for so long between the moment it reads the time and its writes."""
        self._held_up = by

    def read(self, _database: object = None) -> datetime:
        """In place of `chassis.mongo.database_now`."""
        now, held_up, self._held_up = self.now, self._held_up, timedelta(0)
        if held_up:
            self._set(now + held_up)
        return now

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Every module of ours reads this clock, and so does the one condition that the database itself decides."""
        with everywhere(mongo.database_now, self.read), mock.patch.object(quotes_store, "STILL_OPEN", self._guard):
            self._set(self.now)
            yield

    def _set(self, now: datetime) -> None:
        self.now = now
        quotes_store.STILL_OPEN = at(self._guard, now)


def at(condition: Any, now: datetime) -> Any:
    """The condition with ``$$NOW`` as a literal; fails where there is none, for then it is no condition on time."""
    text = json_util.dumps(condition)
    assert '"$$NOW"' in text, condition
    literal = json.dumps(json.loads(json_util.dumps({"now": now}))["now"])
    options = json_util.JSONOptions(tz_aware=True, tzinfo=UTC)
    return json_util.loads(text.replace('"$$NOW"', literal), json_options=options)


@contextmanager
def everywhere(original: Any, replacement: Any) -> Iterator[None]:
    """Whatever module of ours has imported ``original`` by name gets the other one."""
    found = [
        (module, name)
        for path, module in list(sys.modules.items())
        if path.partition(".")[0] in PACKAGES
        for name, value in vars(module).items()
        if value is original
    ]
    for module, name in found:
        setattr(module, name, replacement)
    try:
        yield
    finally:
        for module, name in found:
            setattr(module, name, original)
