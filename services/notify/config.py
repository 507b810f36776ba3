"""The settings that only notify has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from email.utils import parseaddr

from chassis.inside import Inside
from chassis.settings import BadSetting, duration, integer, required, tls
from services.notify.model.headers import BadAddress, ascii_address
from services.notify.model.mails import Letterhead
from services.notify.model.people import QuietHours

QUIET_HOURS = re.compile(r"\A([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)\Z")
HTTP_THREADS = 256
"""More than in other services: each open event stream holds a thread, and streams may hold three quarters of them."""
DEFAULT_QUIET_HOURS = "20:00-08:00"


@dataclass(frozen=True)
class Smtp:
    """The outgoing SMTP server. ``tls`` is ``none``, ``starttls`` or ``tls``."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: str


@dataclass(frozen=True)
class Config:
    """Mail server and sender, addresses of other services and the tokens for them, retention and limits."""

    accounts_url: str
    programmes_url: str
    to_accounts: str = field(repr=False)
    to_programmes: str = field(repr=False)
    public_url: str
    smtp: Smtp
    mail_from: str
    mail_threads: int
    quiet_hours: QuietHours
    kept: timedelta
    streams: int
    inside: Inside

    @property
    def letterhead(self) -> Letterhead:
        """The sender and the base URL that all mails share."""
        return Letterhead(self.mail_from, self.public_url)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        """Reads the settings; raises `BadSetting` with one line that states how to correct the value."""
        return cls(
            accounts_url=environ.get("RELEVE_ACCOUNTS_URL", "http://127.0.0.1:5001").rstrip("/"),
            programmes_url=environ.get("RELEVE_PROGRAMMES_URL", "http://127.0.0.1:5005").rstrip("/"),
            to_accounts=required(environ, "RELEVE_INTERNAL_NOTIFY_ACCOUNTS"),
            to_programmes=required(environ, "RELEVE_INTERNAL_NOTIFY_PROGRAMMES"),
            public_url=environ.get("RELEVE_PUBLIC_URL", "http://localhost:8080").rstrip("/"),
            smtp=_smtp(environ),
            mail_from=_sender(environ),
            mail_threads=integer(environ, "RELEVE_MAIL_THREADS", 2, 1),
            quiet_hours=read_quiet_hours(environ.get("RELEVE_QUIET_HOURS", DEFAULT_QUIET_HOURS)),
            kept=duration(environ, "RELEVE_NOTIFICATIONS_KEPT", "P180D"),
            streams=max(1, integer(environ, "RELEVE_HTTP_THREADS", HTTP_THREADS, 1) * 3 // 4),
            inside=tls(environ),
        )


def read_quiet_hours(text: str) -> QuietHours:
    """Parses ``20:00-08:00``, or ``none``: off until a person switches them on. Raises `BadSetting`."""
    if text == "none":
        return QuietHours(on=False)
    found = QUIET_HOURS.match(text)
    if found is None:
        raise BadSetting(f"RELEVE_QUIET_HOURS={text!r} must look like {DEFAULT_QUIET_HOURS}, or be none")
    first, last = (time(int(found[n]), int(found[n + 1])) for n in (1, 3))
    return QuietHours(on=True, start=first, end=last)


def _smtp(environ: Mapping[str, str]) -> Smtp:
    text = environ.get("RELEVE_SMTP", "127.0.0.1:25")
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit():
        raise BadSetting(f"RELEVE_SMTP={text!r} must be host:port")
    kind = environ.get("RELEVE_SMTP_TLS", "none")
    if kind not in ("none", "starttls", "tls"):
        raise BadSetting(f"RELEVE_SMTP_TLS={kind!r} must be none, starttls or tls")
    user, password = environ.get("RELEVE_SMTP_USER", ""), environ.get("RELEVE_SMTP_PASSWORD", "")
    return Smtp(host.strip("[]"), int(port), user, password, kind)


def _sender(environ: Mapping[str, str]) -> str:
    text = environ.get("RELEVE_MAIL_FROM", "Relève <no-reply@releve.example>")
    try:
        ascii_address(parseaddr(text)[1])
    except BadAddress as error:
        message = f"RELEVE_MAIL_FROM={text!r} must be an address, such as Relève <no-reply@releve.example>"
        raise BadSetting(message) from error
    return text
