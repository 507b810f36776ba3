"""An invitation to quote. The shortlist determines its state. Pure."""

from dataclasses import dataclass
from datetime import datetime

from contracts.fit.reasons import Reason


@dataclass(frozen=True)
class Invitation:
    """A mentor's invitation to one project. ``reason`` is why they declined; only the platform reads it."""

    id: str
    project_id: str
    account: str
    created_at: datetime
    why: tuple[Reason, ...]
    seen_at: datetime | None = None
    declined_at: datetime | None = None
    reason: str | None = None
