"""Sessions and their refresh tokens. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Session:
    """A session of a signed-in account. It expires with its latest refresh token."""

    id: str
    account: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    version: int = 0


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token of a session, stored as a digest. It may be exchanged once, and again within the grace period."""

    digest: str
    session: str
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def is_unexpired(self, now: datetime) -> bool:
        """Whether it has not expired; a used one stays unexpired, so that its reuse is detected."""
        return now < self.expires_at

    def reused(self, now: datetime, grace: timedelta) -> bool:
        """Whether it was used at least ``grace`` ago: lost answers and second tabs retry sooner, so it leaked."""
        return self.used_at is not None and now >= self.used_at + grace
