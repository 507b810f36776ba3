"""The contract's examples, moved to the present: what is published to a running service has to be current."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from chassis.events import rfc3339

EXAMPLES = Path(__file__).parents[1] / "contracts" / "examples"
WRITTEN_FOR = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""The moment at which the examples' project was posted."""
INSTANT = re.compile(r"\A\d{4}-\d\d-\d\dT[\d:.]+Z\Z")
DAY = re.compile(r"\A\d{4}-\d\d-\d\d\Z")


def live_example(name: str, now: datetime) -> dict[str, Any]:
    """The example of an event as JSON values, every time and date as far from ``now`` as it was from its own present.

    Raises FileNotFoundError where the contract has no such event.
    """
    data: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    moved: dict[str, Any] = _moved(data, now - WRITTEN_FOR)
    return moved


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, dict):
        return {key: _moved(item, by) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, by) for item in value]
    if isinstance(value, str) and INSTANT.match(value):
        return rfc3339(datetime.fromisoformat(value) + by)
    if isinstance(value, str) and DAY.match(value):
        return (date.fromisoformat(value) + timedelta(days=by.days + 1)).isoformat()
    return value
