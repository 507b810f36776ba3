"""Encryption of stored values: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front of the ciphertext.

Every ciphertext is bound to its place (service, collection, id, field): moved anywhere else, it does not open.
"""

import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis import telemetry

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = 1
"""The format of sealed values; it is part of what a ciphertext is bound to."""
PADDED_TO = 256
"""Sealed values are padded to a multiple of this many bytes, because the length of a name helps to guess it."""


class Unopened(Exception):
    """A ciphertext does not open: another key, another place, or changed bytes. The text names the place, no data.

    HTTP answers 500, and an event goes to the dead letters: nothing is ever guessed.
    """


class KeysAway(Exception):
    """The key service does not answer at the moment. It is an outage (`chassis.mongo.is_outage`): callers retry."""


def new_key() -> bytes:
    """A random data key."""
    return secrets.token_bytes(KEY_BYTES)


def place(*names: str) -> str:
    """The name of the place that a ciphertext is bound to: an unambiguous text of these names, outermost first."""
    return json.dumps(names, ensure_ascii=False, separators=(",", ":"))


def encrypt(key: bytes, plain: bytes, where: str) -> bytes:
    """The nonce and the ciphertext of ``plain``, bound to ``where``."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, where.encode())


def decrypt(key: bytes, sealed: bytes, where: str) -> bytes:
    """Opens what `encrypt` made for the same place. Raises `Unopened`, which is counted for an alert."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], where.encode())
    except (InvalidTag, ValueError) as error:
        raise unopened(where) from error


def unopened(where: str, why: str = "does not open") -> Unopened:
    """The error for a ciphertext at this place; counts it and logs the place."""
    telemetry.UNOPENED.inc()
    telemetry.log.error("ciphertext_unopened", place=where, why=why)
    return Unopened(f"{where} {why}")


def seal(key: bytes, value: Any, where: str) -> bytes:
    """Seals a JSON value: canonical (sorted names, no spaces), padded with spaces to a multiple of `PADDED_TO`."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return encrypt(key, text.ljust(-(-len(text) // PADDED_TO) * PADDED_TO), _versioned(where))


def unseal(key: bytes, sealed: bytes, where: str) -> Any:
    """The value that `seal` sealed for the same place. Raises `Unopened`."""
    return json.loads(decrypt(key, sealed, _versioned(where)))


def _versioned(where: str) -> str:
    return f"{where}#{VERSION}"
