"""The second factor of operators: one-time passwords by the clock (RFC 6238), and recovery codes. Pure."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pyotp

STEP_S = 30
DRIFT = 1
"""Steps before and after the present one whose code is accepted, for clocks that differ."""
SECRET_BYTES = 20
"""As RFC 4226 recommends."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
FREE_CODES = 5
CODE_WAITS_S = (0,) * FREE_CODES + (5, 10, 20, 40, 80, 160, 320, 640, 900)
"""Seconds to wait after the n-th wrong code in a row: none before the fifth, at most 900."""
MOST_WRONG = 50
"""Wrong codes in a row after which only a reset helps. Three codes count at a time: 50 guesses succeed with 0.015 %."""
ENROL_WITHIN = timedelta(days=1)
"""How long after its account was made, or its factor removed, an operator may enrol: a stolen password alone is of use
for no longer."""
OTP, RECOVERY = "otp", "recovery"
ISSUER = "Relève"


@dataclass(frozen=True)
class Factor:
    """An operator's second factor: awaited until ``enrol_until``, begun with a ``secret``, active once confirmed.

    ``recovery`` holds the digests of the unused recovery codes; ``used_step`` is the latest step whose code was used.
    """

    account: str
    secret: bytes | None = field(default=None, repr=False)
    recovery: tuple[str, ...] = field(default=(), repr=False)
    enrol_until: datetime | None = None
    confirmed_at: datetime | None = None
    used_step: int = 0
    wrong: int = 0
    blocked_until: datetime | None = None
    version: int = 0

    @property
    def is_active(self) -> bool:
        """Whether codes are asked for."""
        return self.confirmed_at is not None

    @property
    def is_locked(self) -> bool:
        """Whether so many codes were wrong that none is looked at any more."""
        return self.wrong >= MOST_WRONG

    def may_enrol(self, now: datetime) -> bool:
        """Whether its owner may enrol an authenticator now."""
        return not self.is_active and self.enrol_until is not None and now < self.enrol_until

    def begin(self, secret: bytes, recovery: tuple[str, ...]) -> "Factor":
        """With a new secret, not confirmed yet. Wrong codes still count, so that beginning again frees no guesses."""
        return replace(self, secret=secret, recovery=recovery, used_step=0)

    def confirm(self, now: datetime) -> "Factor":
        """Active from now on."""
        return replace(self, confirmed_at=now, enrol_until=None)

    def with_recovery(self, recovery: tuple[str, ...]) -> "Factor":
        """With these recovery codes instead of the present ones."""
        return replace(self, recovery=recovery)

    def wait(self, now: datetime) -> timedelta:
        """How long no code is looked at, after wrong ones."""
        return max(timedelta(0), self.blocked_until - now) if self.blocked_until else timedelta(0)

    def attempt(self, given: str, now: datetime) -> tuple["Factor", str | None]:
        """Checks a code, which then counts as used, or counts a wrong one. Returns the changed factor with the kind of
        the right code (`OTP` or `RECOVERY`), or None."""
        text = "".join(given.split())
        for step in steps(now):
            if self.secret and step > self.used_step and _same(code(self.secret, step), text):
                return replace(self, used_step=step, wrong=0, blocked_until=None), OTP
        digest = recovery_digest(text)
        if self.is_active and digest in self.recovery:
            left = tuple(one for one in self.recovery if one != digest)
            return replace(self, recovery=left, wrong=0, blocked_until=None), RECOVERY
        wrong = self.wrong + 1
        waited = timedelta(seconds=CODE_WAITS_S[min(wrong, len(CODE_WAITS_S) - 1)])
        return replace(self, wrong=wrong, blocked_until=now + waited if waited else None), None


def awaited(account: str, now: datetime, version: int = 0) -> Factor:
    """A factor that its owner may enrol from now on."""
    return Factor(account, enrol_until=now + ENROL_WITHIN, version=version)


def steps(now: datetime) -> range:
    """The steps whose codes are accepted now."""
    present = int(now.timestamp()) // STEP_S
    return range(present - DRIFT, present + DRIFT + 1)


def code(secret: bytes, step: int) -> str:
    """The code of a step: six digits, with SHA-1 as authenticator apps expect."""
    return pyotp.HOTP(_base32(secret)).at(step)


def uri(secret: bytes, email: str) -> str:
    """The address that an authenticator app reads, as text or as a QR code."""
    return pyotp.TOTP(_base32(secret)).provisioning_uri(name=email, issuer_name=ISSUER)


def shown_secret(secret: bytes) -> str:
    """The secret for an app that reads no QR code."""
    return _base32(secret)


def recovery_code(drawn: bytes) -> str:
    """A recovery code for a person to write down, of 80 random bits: `abcd-efgh-ijkl-mnop`."""
    text = _base32(drawn).lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def recovery_digest(given: str) -> str:
    """What is stored of a recovery code. Its case, dashes and spaces do not matter."""
    return hashlib.sha256("".join(given.lower().replace("-", "").split()).encode()).hexdigest()


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
