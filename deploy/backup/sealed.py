"""Encrypts a backup's files in the format of age (age-encryption.org/v1), so that `age -d` opens them, too.

The backup key is a pair: taking a backup needs the public half only (``age1…``), restoring one the private half
(``AGE-SECRET-KEY-1…``). Files are streamed; every 64 KiB are authenticated before they are used.
"""

import gzip
import json
import os
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage

from deploy.backup.manifest import Manifest, Refused, new_file

SETTING = "RELEVE_BACKUP_KEY"
PUBLIC, PRIVATE = "age1", "AGE-SECRET-KEY-1"
QUICKLY = 1
"""gzip's level: MongoDB keeps the snapshot for minutes only, and better compression takes several times as long."""


@dataclass(frozen=True)
class BackupKey:
    """The public keys to encrypt to, and the private ones among them that can decrypt."""

    public: tuple[str, ...]
    private: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "BackupKey":
        """Reads public and private keys, one a line; lines with ``#`` are comments. Raises `Refused`."""
        public, private = list[str](), list[str]()
        for line in filter(None, (line.partition("#")[0].strip() for line in text.splitlines())):
            try:
                if line.startswith(PRIVATE):
                    public.append(str(pyrage.x25519.Identity.from_str(line).to_public()))
                    private.append(line)
                else:
                    public.append(str(pyrage.x25519.Recipient.from_str(line)))
            except (pyrage.RecipientError, pyrage.IdentityError) as error:
                raise Refused(f"{SETTING} has a line that is no key of age: {PUBLIC}… or {PRIVATE}…") from error
        if not public:
            raise Refused(f"{SETTING} holds no key: make one with `python -m deploy.backup key --to FILE`")
        return cls(tuple(dict.fromkeys(public)), tuple(private))

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "BackupKey | None":
        """The key in the settings; None if there is none."""
        return cls.parse(environ[SETTING]) if environ.get(SETTING) else None


def new_key_text() -> str:
    """A new pair, as the text of its file."""
    private = pyrage.x25519.Identity.generate()
    return f"# public key: {private.to_public()}\n{private}\n"


def keep_new_key(path: Path) -> BackupKey:
    """Draws a pair into a new file that only its owner can read."""
    text = new_key_text()
    with new_file(path) as file:
        file.write(text.encode())
    return BackupKey.parse(text)


def write_sealed(path: Path, pieces: Iterable[bytes], key: BackupKey) -> None:
    """Writes the compressed and encrypted ``pieces`` into a new file that only its owner can read."""
    source = _Source(_packed(pieces))
    with new_file(path) as file:
        try:
            pyrage.encrypt_io(source, file, [pyrage.x25519.Recipient.from_str(one) for one in key.public])
        except Exception:
            if source.error:
                raise source.error from None  # what reading the data raised, which the library hides
            raise


@contextmanager
def read_sealed(path: Path, key: BackupKey | None) -> Iterator[gzip.GzipFile]:
    """The decompressed bytes of a file, streamed; without a key the file is only compressed, as in format 1.

    Raises `Refused` if it does not open, or not to its end.
    """
    if key is None:
        with gzip.open(path) as packed:
            yield packed
        return
    reads, writes = os.pipe()
    failed: list[Exception] = []

    def open_up() -> None:
        with path.open("rb") as sealed, os.fdopen(writes, "wb") as plain:
            try:
                pyrage.decrypt_io(sealed, plain, [pyrage.x25519.Identity.from_str(one) for one in key.private])
            except Exception as error:  # also when the reader has gone
                failed.append(error)
                with suppress(OSError):
                    plain.close()

    thread = threading.Thread(target=open_up, name="decrypt", daemon=True)
    thread.start()
    try:
        with os.fdopen(reads, "rb") as pipe, gzip.open(pipe) as packed:
            yield packed
            while packed.read(1 << 16):
                pass
        thread.join()
    except (EOFError, OSError, zlib.error) as error:
        thread.join()
        raise _damaged(path) from (failed[0] if failed else error)
    if failed:
        raise _damaged(path) from failed[0]


def read_secrets(manifest: Manifest, folder: Path, key: BackupKey | None) -> dict[str, str]:
    """The secrets in a backup; empty if it was taken without them. Raises `Refused` if they do not open."""
    if not manifest.secrets:
        return {}
    path = manifest.secrets_file(folder)
    if key is None:
        return _strings(path.read_bytes())
    with read_sealed(path, key) as plain:
        return _strings(plain.read())


def require_private(key: BackupKey | None, encrypted_to: Iterable[str]) -> BackupKey:
    """The key, if it opens what was encrypted to these public keys. Raises `Refused`, naming the key that does."""
    wanted = tuple(encrypted_to)
    if key is None or not key.private:
        raise Refused(
            f"the backup is encrypted, and {SETTING}_FILE names no file with the private key of {' or '.join(wanted)} "
            "(KEY=file)"
        )
    if not set(BackupKey.parse("\n".join(key.private)).public) & set(wanted):
        raise Refused(f"{SETTING} does not open this backup: it was encrypted to {' or '.join(wanted)} (KEY=file)")
    return key


def _strings(text: bytes) -> dict[str, str]:
    return {str(name): str(value) for name, value in json.loads(text).items()}


def _damaged(path: Path) -> Refused:
    return Refused(f"{path} does not open to its end: nothing was restored; take another backup")


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(QUICKLY, wbits=31)  # gzip, without a time
    for piece in pieces:
        if some := packer.compress(piece):
            yield some
    yield packer.flush()


class _Source:
    """What the library reads from; keeps the exception of the data, which the library would replace."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""
        self.error: Exception | None = None

    def read(self, size: Any = -1) -> bytes:
        """The next bytes, at most ``size``; none at the end."""
        try:
            while not self._rest and (piece := next(self._pieces, None)) is not None:
                self._rest = piece
        except Exception as error:
            self.error = error
            raise
        some, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return some
