"""Master keys from a file: one line a version, ``number:64 hexadecimal digits``; the highest number wraps new keys.

A file with the digits alone is version 1. A running process reads the file again when it has changed, so a rotation
needs no restart.
"""

import os
import re
import threading
from collections.abc import Mapping

from chassis import sealing, telemetry
from chassis.settings import BadSetting

NEVER = (0, 0, 0)
LINE = re.compile(r"(?:([1-9][0-9]{0,5}):)?([0-9a-fA-F]{64})")


def parse(text: str) -> dict[int, bytes]:
    """The master keys by version. Raises ValueError, whose text holds no key."""
    found: dict[int, bytes] = {}
    for line in text.split():
        match = LINE.fullmatch(line)
        if match is None:
            raise ValueError("each line must be a number, a colon and 64 hexadecimal digits")
        version = int(match[1] or 1)
        if version in found:
            raise ValueError(f"version {version} appears twice")
        found[version] = bytes.fromhex(match[2])
    if not found:
        raise ValueError("it holds no key")
    return found


def text_of(keys: Mapping[int, bytes]) -> str:
    """The file's text for these keys, oldest first."""
    return "".join(f"{version}:{keys[version].hex()}\n" for version in sorted(keys))


class MasterKeys:
    """The built-in `chassis.keyring.KeyService`. Raises `BadSetting` for a malformed text, by the setting's name."""

    def __init__(self, setting: str, text: str, path: str = "") -> None:
        self._setting, self._path = setting, path
        self._lock = threading.Lock()
        self._seen = NEVER
        try:
            self._keys = parse(text)
        except ValueError as error:
            raise BadSetting(f"{setting}: {error} (docs/settings.md)") from error

    @property
    def version(self) -> str:
        """The highest version in the file."""
        self._refresh()
        return str(max(self._keys))

    def wrap(self, key: bytes, place: str) -> tuple[str, bytes]:
        """Encrypts under the highest version. The version is bound, too."""
        self._refresh()
        keys = self._keys  # another thread may replace them
        version = max(keys)
        return str(version), sealing.encrypt(keys[version], key, _bound(place, version))

    def unwrap(self, wrapped: bytes, place: str, version: str) -> bytes:
        """Decrypts with that version. Raises `chassis.sealing.Unopened`, also if the file lacks the version."""
        self._refresh()
        key = self._keys.get(int(version)) if version.isascii() and version.isdigit() else None
        if key is None:
            raise sealing.unopened(place, f"needs version {version} of {self._setting}, which is not in the file")
        return sealing.decrypt(key, wrapped, _bound(place, int(version)))

    def _refresh(self) -> None:
        """Reads the file again if it has changed. One that cannot be read at the moment changes nothing."""
        if not self._path or (now := self._look()) == self._seen:
            return
        with self._lock:  # one reader
            try:
                with open(self._path, encoding="ascii") as file:
                    self._keys = parse(file.read())
                self._seen = now
                telemetry.log.info("master_keys_read", setting=self._setting, version=max(self._keys))
            except (OSError, ValueError):  # being written; the next call looks again
                telemetry.log.warning("master_keys_unreadable", setting=self._setting)

    def _look(self) -> tuple[int, int, int]:
        """What changes when the file is written or replaced."""
        try:
            found = os.stat(self._path)
        except OSError:
            return NEVER
        return (found.st_mtime_ns, found.st_size, found.st_ino)


def _bound(place: str, version: int) -> str:
    return f"{place}@{version}"
