"""Sessions and their refresh tokens. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Session:
    """Somebody is signed in. It lasts as long as its latest refresh token."""

    id: str
    account: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    version: int = 0


@dataclass(frozen=True)
class RefreshToken:
    """One refresh token of a session, known by its digest. It may be exchanged once, and once more within the grace."""

    digest: str
    session: str
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def lives(self, now: datetime) -> bool:
        """Whether its life has not ended; a used one lives on to be recognised."""
        return now < self.expires_at

    def reused(self, now: datetime, grace: timedelta) -> bool:
        """Whether it was used before, longer ago than a lost answer or a second tab explains: somebody has a copy."""
        return self.used_at is not None and now >= self.used_at + grace
