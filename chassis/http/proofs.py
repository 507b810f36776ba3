"""How a caller must have proven who they are: with a second factor, or with a code given lately.

Names are those of the standards: `amr` (RFC 8176), `acr` and `auth_time` (RFC 9068), and the challenge of RFC 9470. Its
status would be 401; here 401 means that a token is not valid, and a client would refresh it in vain, so it is 403.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from chassis.facts import Refusal

MFA = "mfa"
"""The method that says that several factors were used (RFC 8176)."""
ONE_FACTOR, TWO_FACTORS = "urn:releve:acr:password", "urn:releve:acr:second-factor"
"""The values of `acr`."""


class Proof(Enum):
    """What a route demands of an operator."""

    PASSWORD = "password"
    FACTOR = "second factor"
    RECENT = "recent code"


REFUSED: Mapping[Proof, tuple[str, ...]] = {
    Proof.PASSWORD: (),
    Proof.FACTOR: ("second-factor-required",),
    Proof.RECENT: ("second-factor-required", "step-up-required"),
}
"""The refusals of a route that demands this."""


@dataclass(frozen=True)
class Proofs:
    """Whether proofs are ``required`` at all, and for how many seconds a code counts as recent."""

    required: bool
    recent_s: float

    def check(self, demanded: Proof, methods: Collection[str], since: float) -> None:
        """Refuses ``second-factor-required`` or ``step-up-required`` a caller with these ``methods``, last used at
        ``since`` (Unix time)."""
        if not self.required or demanded is Proof.PASSWORD:
            return
        challenge: dict[str, object] = {"acr_values": TWO_FACTORS}
        if MFA not in methods:
            raise Refusal("second-factor-required", "Give a code of your authenticator app first.", extra=challenge)
        if demanded is Proof.RECENT and time.time() - since > self.recent_s:
            challenge["max_age"] = int(self.recent_s)
            raise Refusal("step-up-required", "Give a new code of your authenticator app first.", extra=challenge)


def context_of(methods: Collection[str]) -> str:
    """The `acr` of a session with these methods."""
    return TWO_FACTORS if MFA in methods else ONE_FACTOR


def challenge_of(refusal: Refusal) -> str:
    """The `WWW-Authenticate` of such a refusal (RFC 9470, section 3)."""
    values = "".join(f', {name}="{refusal.extra[name]}"' for name in ("acr_values", "max_age") if name in refusal.extra)
    return f'Bearer error="insufficient_user_authentication"{values}'
