"""A service's clock (`chassis.clock.Clock`) that a test sets."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bson import json_util


class HandClock:
    """The time that ``read`` returns, in Python and in conditions that the database evaluates."""

    def __init__(self, read: Callable[[], datetime]) -> None:
        self._read = read

    def now(self, _database: object) -> datetime:
        return self._read()

    def expression(self) -> datetime:
        return self._read()

    def at_write(self, condition: Mapping[str, Any]) -> Mapping[str, Any]:
        return at(condition, self._read())


def at(condition: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """The condition with ``$$NOW`` replaced by a literal; fails without ``$$NOW``: it is then no condition on time."""
    text = json_util.dumps(condition)
    assert '"$$NOW"' in text, condition
    literal = json.dumps(json.loads(json_util.dumps({"now": now}))["now"])
    options = json_util.JSONOptions(tz_aware=True, tzinfo=UTC)
    found: Mapping[str, Any] = json_util.loads(text.replace('"$$NOW"', literal), json_options=options)
    return found
