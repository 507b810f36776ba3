"""The master keys of the embedded default: one file a service in the data folder, because a rotation changes them."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from contracts.parts import ROTATED, variable_of


def drawn_keys(data: Path) -> dict[str, str]:
    """The settings that name the files, which are created if missing; only their owner can read them."""
    folder = data / "keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in ROTATED:
        if not (folder / name).exists():
            keep_key(folder / name, f"{secrets.token_hex(32)}\n")
    return key_files(data)


def key_files(data: Path) -> dict[str, str]:
    """The settings that name the files which exist."""
    files = {name: data / "keys" / name for name in ROTATED}
    return {f"{variable_of(name)}_FILE": str(file) for name, file in files.items() if file.exists()}


def restore_keys(data: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Writes the master keys among these settings into the files of a new data folder; returns all other settings."""
    texts = {name: settings[variable_of(name)] for name in ROTATED if variable_of(name) in settings}
    if texts:
        (data / "keys").mkdir(mode=0o700, exist_ok=True)
    for name, text in texts.items():
        keep_key(data / "keys" / name, f"{text.strip()}\n")
    return {name: value for name, value in settings.items() if name not in set(map(variable_of, ROTATED))}


def keep_key(path: Path, text: str) -> None:
    """Writes a new file that only its owner can read, whole or not at all."""
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)
    with open(draft, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
