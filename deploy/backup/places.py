"""The system that a command works on: the engines named in the environment, or a local data folder."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis.settings import environment
from contracts import parts
from deploy.backup.manifest import Manifest, Refused, fingerprint
from deploy.local.engines import Mongo
from deploy.local.folder import Folder
from deploy.local.masters import restore_keys
from deploy.local.ports import free_port
from deploy.local.running import ROOT, known_settings

ENGINES = ("RELEVE_MONGO_URI", "RELEVE_KAFKA")
DRAWN = tuple(map(parts.variable_of, parts.DRAWN))
"""The secrets that the embedded default generates and keeps in its data folder."""


@dataclass(frozen=True)
class Source:
    """A system to back up. ``secrets`` are those to include in the backup, because they are kept nowhere else."""

    mongo_uri: str
    prefix: str
    blind_secret: str | None
    secrets: Mapping[str, str]


def source(environ: Mapping[str, str]) -> Source:
    """The system named in the environment, or the one `make run` runs; raises `Refused` if there is neither."""
    settings = environment(known_settings(environ))
    if not settings.get("RELEVE_MONGO_URI"):
        raise Refused(f"nothing runs with the data in {folder_of(environ)}: start it, or set RELEVE_MONGO_URI")
    embedded = not any(environ.get(name) for name in ENGINES)
    kept = {name: settings[name] for name in DRAWN if name in settings} if embedded else {}
    return Source(settings["RELEVE_MONGO_URI"], prefix_of(settings), settings.get("RELEVE_BLIND_SECRET"), kept)


@contextmanager
def target(environ: Mapping[str, str], manifest: Manifest, kept: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The settings of the system to restore into; they include RELEVE_KAFKA if there is a Kafka already.

    It is the engines named in the environment, or else a new folder, whose MongoDB runs during the body; on failure
    the folder is emptied again. Raises `Refused` if the folder is not empty or the blind secret differs.
    """
    given = {name: value for name, value in environ.items() if name.startswith("RELEVE_")}
    settings = {**kept, **given}
    secret = settings.get("RELEVE_BLIND_SECRET")
    if secret and manifest.blind_secret and fingerprint(secret) != manifest.blind_secret:
        raise Refused("RELEVE_BLIND_SECRET is not that of the system which was backed up: give that one, or none here")
    if any(given.get(name) for name in ENGINES):
        if missing := [name for name in ENGINES if not given.get(name)]:
            raise Refused(f"{missing[0]} is not set: a restore looks at MongoDB and at Kafka before it writes anything")
        yield settings
        return
    data = folder_of(environ)
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise Refused(f"{data} is not empty, and a restore goes into a new folder: name one (RELEVE_DATA=…)")
    with _new_data(data) as mongo:
        if kept:
            _keep_secrets(data / "secrets.json", restore_keys(data, kept))
            settings = {**Folder(data).secrets(), **settings}  # a backup of an older version lacks some
        yield {**settings, "RELEVE_MONGO_URI": mongo}


def folder_of(environ: Mapping[str, str]) -> Path:
    """The data folder of the embedded default."""
    return Path(environ.get("RELEVE_DATA") or ROOT / ".releve").absolute()


def prefix_of(settings: Mapping[str, str]) -> str:
    """The prefix of the databases' names."""
    return settings.get("RELEVE_DB_PREFIX", "releve_")


@contextmanager
def _new_data(data: Path) -> Iterator[str]:
    """Runs the MongoDB that `make run` will use in this folder; its Kafka will be a new one."""
    data.mkdir(parents=True, exist_ok=True)
    try:
        with Mongo(data / "mongo", free_port(), data / "logs") as engine:
            yield engine.uri
    except BaseException:
        _remove(data)
        raise


def _keep_secrets(path: Path, secrets: Mapping[str, str]) -> None:
    with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        json.dump(dict(secrets), file)


def _remove(data: Path) -> None:
    """Empties the folder, which was empty before."""
    for path in data.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
