"""Who must be told of what: the results of rules, before they become messages with ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Notice:
    """A message of this kind to a participant or, if there is none, to the account that runs the programme.

    ``data`` holds ids, numbers and instants only.
    """

    kind: str
    participant: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
