"""Master keys for tests."""

from collections.abc import Mapping

from chassis import keyring
from chassis.keyring import Keyring
from contracts.parts import ROTATED, variable_of

MASTER_KEYS: Mapping[str, str] = {
    variable_of(name): f"{number + 1:02}" * 32 for number, name in enumerate(ROTATED)
}  # fmt: skip
"""A different master key for each service that has one, as its settings."""


def keys_of(service: str) -> Keyring | None:
    """The keys of a service, as in `tests.kit.services.SETTINGS`; None for a service without any."""
    return keyring.read(service, MASTER_KEYS) if f"RELEVE_MASTER_KEY_{service.upper()}" in MASTER_KEYS else None
