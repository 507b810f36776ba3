"""Fetches and verifies Apache Kafka's jars, once. `jars.lock` pins their coordinates and SHA-256, but no address.

`python -m deploy.local.jars` resolves the dependencies again and rewrites that file.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from deploy.local.process import StartError

KAFKA = "4.4.0"
# with log4j's own binding, jgo selects older versions of some of Kafka's jars; with slf4j-simple it does not
ENDPOINT = f"org.apache.kafka:kafka_2.13:{KAFKA}+org.slf4j:slf4j-simple:1.7.36"
LOCK = Path(__file__).with_name("jars.lock")


class Jar(NamedTuple):
    """One line of the lock file."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


def read_lock(text: str) -> list[Jar]:
    """The jars listed in `text`; raises StartError if one of Kafka's own has another version."""
    jars = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            coordinates, digest = line.split()
            group, artifact, version = coordinates.split(":")
            jars.append(Jar(group, artifact, version, digest))
    check_versions(jar.file for jar in jars)
    return jars


def check_versions(files: Iterable[str]) -> None:
    """Raises StartError if one of Kafka's own jars is not of the tested version."""
    for file in files:
        if file.startswith(("kafka-", "kafka_")) and not file.endswith(f"-{KAFKA}.jar"):
            raise StartError(f"Kafka cannot start: {file} is not of version {KAFKA}.")


def cache() -> Path:
    """The download cache, shared by all checkouts and data folders of the user."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("RELEVE_CACHE") or Path(base) / "releve")


def kafka_jars(lock: Path = LOCK, root: Path | None = None) -> list[Path]:
    """Kafka's class path; fetches and verifies the jars on the first call only. Raises StartError."""
    text = lock.read_text()
    jars = read_lock(text)
    root = root or cache()
    # the folder is renamed into place once complete and verified, so an existing folder needs no verification
    folder = root / f"kafka-{short(text.encode())}"
    if not folder.is_dir():
        root.mkdir(parents=True, exist_ok=True)
        with alone(root / "kafka.lock"), tempfile.TemporaryDirectory(dir=root) as work:
            if not folder.is_dir():
                _fetch(jars, Path(work)).rename(folder)
    paths = sorted(folder.glob("*.jar"))
    check_versions(path.name for path in paths)
    if [path.name for path in paths] != sorted(jar.file for jar in jars):
        raise StartError(f"Kafka cannot start: {folder} is not what was put there; remove it to fetch it again.")
    return paths


def short(content: bytes) -> str:
    """A name derived from the content."""
    return hashlib.sha256(content).hexdigest()[:16]


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Serialises processes, so that concurrent starts do not both fetch."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(jars: list[Jar], work: Path) -> Path:
    try:
        from jgo.config import GlobalSettings
        from jgo.maven import MavenContext
    except ImportError as error:
        raise StartError("Kafka cannot start: the package jgo is missing; `make clean run` installs it.") from error
    settings = GlobalSettings.load()  # a user configures a mirror there
    context = MavenContext(repo_cache=work / "repository", remote_repos=settings.repositories or None, timeout=30)
    done = work / "jars"
    done.mkdir()

    def fetch(jar: Jar) -> None:
        try:
            artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
            path = artifact.resolve()
        except Exception as error:  # jgo and the network fail in many ways, all of which mean the same here
            raise StartError(f"{jar.file} of Kafka cannot be fetched: {error}") from error
        check(path, jar)
        shutil.move(path, done / jar.file)

    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(fetch, jars):
            pass
    return done


def check(path: Path, jar: Jar) -> None:
    """Raises StartError unless the file's SHA-256 is the locked one."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != jar.sha256:
        raise StartError(f"{jar.file} of Kafka is not the locked one: SHA-256 {digest}, expected {jar.sha256}.")


def lock_jars(lock: Path = LOCK) -> None:
    """Resolves Kafka's dependencies again and writes the lock file."""
    import jgo

    lines = []
    with tempfile.TemporaryDirectory() as work:
        environment = jgo.build(ENDPOINT, cache_dir=Path(work))
        sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in environment.all_jars}
        for artifact in jgo.resolve(ENDPOINT):
            name = f"{artifact.artifactId}-{artifact.version}.jar"
            if name in sums:
                lines.append(f"{artifact.groupId}:{artifact.artifactId}:{artifact.version} {sums.pop(name)}\n")
    if sums:
        raise SystemExit(f"jars without coordinates: {sorted(sums)}")
    text = f"# {ENDPOINT}, by `make lock`\n" + "".join(sorted(lines))
    read_lock(text)
    lock.write_text(text)


if __name__ == "__main__":
    lock_jars()
