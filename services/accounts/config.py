"""The settings that only accounts has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from chassis.settings import BadSetting, duration, flag, integer, required


@dataclass(frozen=True)
class Config:
    """Lifetimes of tokens, keys and links, and the cost of a password hash. ``internal_token`` authenticates notify;
    ``blind_secret`` is shared with projects and matching.
    """

    internal_token: str = field(repr=False)
    blind_secret: bytes = field(repr=False)
    verify_email: bool
    link_life: timedelta
    reset_life: timedelta
    access_token_life: timedelta
    refresh_life: timedelta
    refresh_grace: timedelta
    key_life: timedelta
    hash_time_cost: int
    hash_memory_kib: int

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        """Reads the settings; raises `BadSetting` with one line that states how to correct the value.

        The defaults of the hash are OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
        """
        config = cls(
            internal_token=required(environ, "RELEVE_INTERNAL_TOKEN"),
            blind_secret=required(environ, "RELEVE_BLIND_SECRET").encode(),
            verify_email=flag(environ, "RELEVE_VERIFY_EMAIL", True),
            link_life=duration(environ, "RELEVE_LINK_LIFE", "PT24H"),
            reset_life=duration(environ, "RELEVE_RESET_LIFE", "PT1H"),
            access_token_life=duration(environ, "RELEVE_ACCESS_TOKEN_LIFE", "PT10M"),
            refresh_life=duration(environ, "RELEVE_REFRESH_LIFE", "P30D"),
            refresh_grace=duration(environ, "RELEVE_REFRESH_GRACE", "PT30S"),
            key_life=duration(environ, "RELEVE_KEY_LIFE", "P30D"),
            hash_time_cost=integer(environ, "RELEVE_HASH_TIME_COST", 2, 1),
            hash_memory_kib=integer(environ, "RELEVE_HASH_MEMORY_KIB", 19 * 1024, 8),
        )
        if config.access_token_life < timedelta(seconds=1):
            raise BadSetting("RELEVE_ACCESS_TOKEN_LIFE must be at least PT1S")
        if config.key_life <= config.access_token_life:
            raise BadSetting(
                "RELEVE_KEY_LIFE must be longer than RELEVE_ACCESS_TOKEN_LIFE, or a token outlives its key"
            )
        return config
