"""The settings that only accounts has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from chassis.inside import Inside
from chassis.limits import Limit
from chassis.settings import BadSetting, duration, flag, integer, required, tls
from services.accounts.model import MOST_MAILS


@dataclass(frozen=True)
class Config:
    """Lifetimes of tokens, keys and links, limits, and the cost of a password hash.

    ``from_notify`` authenticates notify here, ``to_projects`` authenticates accounts at projects; ``blind_secret`` is
    shared with projects and matching.
    """

    from_notify: str = field(repr=False)
    to_projects: str = field(repr=False)
    blind_secret: bytes = field(repr=False)
    projects_url: str
    verify_email: bool
    link_life: timedelta
    reset_life: timedelta
    access_token_life: timedelta
    refresh_life: timedelta
    refresh_grace: timedelta
    session_life: timedelta
    key_life: timedelta
    erasure_delay: timedelta
    receipt_within: timedelta
    address_undo: timedelta
    mails_to_address: int
    mail_requests: Limit
    guesses: Limit
    own_password: Limit
    hash_time_cost: int
    hash_memory_kib: int
    hashes_waiting: int
    tls: Inside

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        """Reads the settings; raises `BadSetting` with one line that states how to correct the value.

        The defaults of the hash are OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
        """
        config = cls(
            from_notify=required(environ, "RELEVE_INTERNAL_NOTIFY_ACCOUNTS"),
            to_projects=required(environ, "RELEVE_INTERNAL_ACCOUNTS_PROJECTS"),
            blind_secret=required(environ, "RELEVE_BLIND_SECRET").encode(),
            projects_url=environ.get("RELEVE_PROJECTS_URL", "http://127.0.0.1:5002").rstrip("/"),
            verify_email=flag(environ, "RELEVE_VERIFY_EMAIL", True),
            link_life=duration(environ, "RELEVE_LINK_LIFE", "PT24H"),
            reset_life=duration(environ, "RELEVE_RESET_LIFE", "PT1H"),
            access_token_life=duration(environ, "RELEVE_ACCESS_TOKEN_LIFE", "PT10M"),
            refresh_life=duration(environ, "RELEVE_REFRESH_LIFE", "P30D"),
            refresh_grace=duration(environ, "RELEVE_REFRESH_GRACE", "PT30S"),
            session_life=duration(environ, "RELEVE_SESSION_LIFE", "P90D"),
            key_life=duration(environ, "RELEVE_KEY_LIFE", "P30D"),
            erasure_delay=duration(environ, "RELEVE_ERASURE_DELAY", "PT10M"),
            receipt_within=duration(environ, "RELEVE_RECEIPT_WITHIN", "P30D"),
            address_undo=duration(environ, "RELEVE_ADDRESS_UNDO", "P7D"),
            mails_to_address=integer(environ, "RELEVE_LIMIT_MAILS", MOST_MAILS, 1),
            mail_requests=Limit("mails", integer(environ, "RELEVE_LIMIT_MAIL_REQUESTS", 30)),
            guesses=Limit("guesses", integer(environ, "RELEVE_LIMIT_GUESSES", 100)),
            own_password=Limit("own-password", integer(environ, "RELEVE_LIMIT_OWN_PASSWORD", 20)),
            hash_time_cost=integer(environ, "RELEVE_HASH_TIME_COST", 2, 1),
            hash_memory_kib=integer(environ, "RELEVE_HASH_MEMORY_KIB", 19 * 1024, 8),
            hashes_waiting=integer(environ, "RELEVE_HASHES_WAITING", 16, 1),
            tls=tls(environ),
        )
        if config.access_token_life < timedelta(seconds=1):
            raise BadSetting("RELEVE_ACCESS_TOKEN_LIFE must be at least PT1S")
        if config.address_undo < timedelta(hours=1):
            raise BadSetting("RELEVE_ADDRESS_UNDO must be at least PT1H")
        if config.key_life <= config.access_token_life:
            raise BadSetting(
                "RELEVE_KEY_LIFE must be longer than RELEVE_ACCESS_TOKEN_LIFE, or a token outlives its key"
            )
        return config
