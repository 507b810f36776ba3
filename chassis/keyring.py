"""Master keys: a key service wraps the keys that stored data and tokens depend on, so that none is stored readable.

The built-in service (`MasterKeys`) reads master keys from a file. RELEVE_KEY_SERVICE names another one, such as a
company's key management service; docs/decisions/0076-vault.md says what it must do.
"""

import importlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol

from chassis import sealing
from chassis.masters import MasterKeys
from chassis.settings import BadSetting, required

MOST_CACHED = 1_000
"""Maximum number of unwrapped keys that a process keeps, in memory only; the least recently used one goes first."""


class KeyService(Protocol):
    """What wraps keys. ``place`` is authenticated with the key: unwrapping for another place must fail.

    Implementations are called from several threads, sometimes inside a database transaction: they must answer within
    two seconds, or raise `chassis.sealing.KeysAway`. They raise `chassis.sealing.unopened` for bytes that do not open.
    """

    @property
    def version(self) -> str:
        """The name of the master key that `wrap` uses now, such as ``2`` or a key's address."""

    def wrap(self, key: bytes, place: str) -> tuple[str, bytes]:
        """Encrypts a key (at most 1 KiB) under the current version; the version that it used, and the ciphertext."""

    def unwrap(self, wrapped: bytes, place: str, version: str) -> bytes:
        """Decrypts what `wrap` returned with this version."""


class Keyring:
    """Wraps and unwraps the keys of one service. Stored: ``{"by": version, "data": bytes, "for": place}``."""

    def __init__(self, owner: str, service: KeyService, most: int = MOST_CACHED) -> None:
        self._owner, self._service = owner, service
        self._open = lru_cache(maxsize=most)(service.unwrap)  # an error is not kept

    @property
    def version(self) -> str:
        """The version of the master key that wraps new keys."""
        return self._service.version

    def place(self, *names: str) -> str:
        """The place of a value of this service: collection, id, field."""
        return sealing.place(self._owner, *names)

    def wrap(self, key: bytes, place: str) -> dict[str, Any]:
        """The stored form of a key that belongs to this place. Raises `chassis.sealing.KeysAway`."""
        version, data = self._service.wrap(key, place)
        return {"by": version, "data": data, "for": place}

    def unwrap(self, stored: Any, place: str) -> bytes:
        """The key that belongs to this place; the stored ``for`` is not trusted.

        Raises `chassis.sealing.Unopened`, also for a key that is stored readable, and `chassis.sealing.KeysAway`.
        """
        if not isinstance(stored, Mapping):
            raise sealing.unopened(place, "is not wrapped")
        return self._open(bytes(stored["data"]), place, str(stored["by"]))

    def rewrap(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The same key under the current version, for the place that the row names."""
        return self.wrap(self._service.unwrap(bytes(stored["data"]), stored["for"], str(stored["by"])), stored["for"])


def read(service: str, environ: Mapping[str, str]) -> Keyring:
    """The keys of a service: its master keys, or the key service that RELEVE_KEY_SERVICE names. Raises `BadSetting`."""
    if hook := environ.get("RELEVE_KEY_SERVICE"):
        return Keyring(service, _factory(hook)(service, environ))
    name = f"RELEVE_MASTER_KEY_{service.upper()}"
    text, path = required(environ, name), environ.get(f"{name}_FILE", "")
    return Keyring(service, MasterKeys(name, text, path))


def needed(keys: Keyring | None) -> Keyring:
    """The keys; raises RuntimeError for a service that was composed without any."""
    if keys is None:
        raise RuntimeError("this service was composed without keys (chassis.keyring.read)")
    return keys


def _factory(hook: str) -> Callable[[str, Mapping[str, str]], KeyService]:
    """``module:function``, which makes the key service of a service from its name and settings."""
    module, _, function = hook.partition(":")
    try:
        found: Callable[[str, Mapping[str, str]], KeyService] = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise BadSetting(f"RELEVE_KEY_SERVICE={hook!r} cannot be imported: it is module:function") from error
    return found
