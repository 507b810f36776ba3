"""Sessions and their refresh tokens. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

PASSWORD_ONLY = ("pwd",)
"""How a session begins: methods of authentication, by their names in RFC 8176."""


@dataclass(frozen=True)
class Session:
    """A session of a signed-in account. It expires with its latest refresh token.

    ``methods`` says how its owner has proven who they are (RFC 8176), ``raised_at`` when they last gave a code.
    """

    id: str
    account: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    version: int = 0
    methods: tuple[str, ...] = PASSWORD_ONLY
    raised_at: datetime | None = None

    @property
    def authenticated_at(self) -> datetime:
        """When its owner last proved who they are; a refresh proves nothing."""
        return self.raised_at or self.created_at

    def raised(self, methods: tuple[str, ...], now: datetime) -> "Session":
        """The session after a right code."""
        return replace(self, methods=methods, raised_at=now)

    def extended(self, now: datetime, refresh_life: timedelta, session_life: timedelta) -> "Session":
        """The session after a refresh at ``now``; it never outlives ``session_life`` from its beginning."""
        return replace(self, refreshed_at=now, expires_at=min(now + refresh_life, self.created_at + session_life))

    def is_over(self, now: datetime, session_life: timedelta) -> bool:
        """Whether its absolute life has ended."""
        return now >= self.created_at + session_life


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token of a session, stored as a digest. It has one successor, derived from it with ``key``.

    ``parent`` is the digest of the token that it succeeds; ``superseded_at`` is when its successor was first used.
    Tokens of older versions have no key before they are used.
    """

    digest: str
    session: str
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    key: str | None = None
    parent: str | None = None
    superseded_at: datetime | None = None

    def is_unexpired(self, now: datetime) -> bool:
        """Whether it has not expired; a used one stays unexpired, so that its reuse is detected."""
        return now < self.expires_at

    def leaked(self, now: datetime, grace: timedelta) -> bool:
        """Whether its use now shows that it leaked: it was first used at least ``grace`` ago, and its successor was
        used. While the successor was not, its owner may have lost the answer."""
        if self.used_at is None or now < self.used_at + grace:
            return False
        return self.superseded_at is not None or self.key is None
