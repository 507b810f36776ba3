"""Settings specific to this service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from chassis.inside import Inside
from chassis.limits import Limit
from chassis.settings import BadSetting, duration, flag, integer, required, tls

LEAST_SILENCE = timedelta(seconds=3)


@dataclass(frozen=True)
class Config:
    """Lifetimes and periods, the token of notify, the secret that blinds addresses, and the URLs.

    ``invitations`` is the number of mails a day that bring one address into programmes, 0: no limit.
    ``silence`` is how long a pair may go without a session before its mentor is nudged.
    With ``verify_email`` False the address of an account counts as its own, as it does in accounts.
    """

    from_notify: str = field(repr=False)
    blind_secret: bytes = field(repr=False)
    public_url: str
    pass_life: timedelta
    progress_every: timedelta
    programmes_kept: timedelta
    silence: timedelta
    accounts_url: str
    verify_email: bool
    proposal_wait: timedelta
    tls: Inside
    invitations: int
    mail_requests: Limit
    guesses: Limit

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        """Raises `chassis.settings.BadSetting`."""
        return cls(
            from_notify=required(environ, "RELEVE_INTERNAL_NOTIFY_PROGRAMMES"),
            blind_secret=required(environ, "RELEVE_BLIND_SECRET").encode(),
            public_url=environ.get("RELEVE_PUBLIC_URL", "http://localhost:8080").rstrip("/"),
            pass_life=duration(environ, "RELEVE_PASS_LIFE", "PT12H"),
            progress_every=duration(environ, "RELEVE_PROGRESS_EVERY", "P7D"),
            programmes_kept=duration(environ, "RELEVE_PROGRAMMES_KEPT", "P365D"),
            silence=_silence(environ),
            accounts_url=environ.get("RELEVE_ACCOUNTS_URL", "http://127.0.0.1:5001").rstrip("/"),
            verify_email=flag(environ, "RELEVE_VERIFY_EMAIL", True),
            proposal_wait=duration(environ, "RELEVE_PROPOSAL_WAIT", "PT8S"),
            tls=tls(environ),
            invitations=integer(environ, "RELEVE_LIMIT_INVITATIONS", 10),
            mail_requests=Limit("mails", integer(environ, "RELEVE_LIMIT_MAIL_REQUESTS", 30)),
            guesses=Limit("links", integer(environ, "RELEVE_LIMIT_GUESSES", 100)),
        )


def _silence(environ: Mapping[str, str]) -> timedelta:
    silence = duration(environ, "RELEVE_SILENCE", "P21D")
    if silence < LEAST_SILENCE:
        raise BadSetting("RELEVE_SILENCE must be at least three seconds (PT3S)")
    return silence
