"""Apache Kafka's jars: pinned by `jars.lock` (coordinates and SHA-256, no address), fetched once, checked once.

`python -m deploy.local.jars` resolves the dependencies anew and writes that file.
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
# with log4j's own binding beside it, jgo lowers some of Kafka's jars; with slf4j-simple it does not
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
    """The jars that `text` names; raises StartError where one of Kafka's own is not of the one version."""
    jars = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            coordinates, digest = line.split()
            group, artifact, version = coordinates.split(":")
            jars.append(Jar(group, artifact, version, digest))
    check_versions(jar.file for jar in jars)
    return jars


def check_versions(files: Iterable[str]) -> None:
    """Raises StartError where a jar of Kafka's is not of the version that everything here was tried with."""
    for file in files:
        if file.startswith(("kafka-", "kafka_")) and not file.endswith(f"-{KAFKA}.jar"):
            raise StartError(f"Kafka cannot start: {file} is not of version {KAFKA}.")


def cache() -> Path:
    """Where what was fetched is kept for every checkout and data directory of this person."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("RELEVE_CACHE") or Path(base) / "releve")


def kafka_jars(lock: Path = LOCK, root: Path | None = None) -> list[Path]:
    """Kafka's class path, fetched and checked on the first call only; raises StartError."""
    text = lock.read_text()
    jars = read_lock(text)
    root = root or cache()
    # the folder appears, whole and checked, by one rename: that it is there says that it was checked
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
    """A name for what has this content."""
    return hashlib.sha256(content).hexdigest()[:16]


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One process at a time: two that start together would both fetch."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(jars: list[Jar], work: Path) -> Path:
    try:
        from jgo.config import GlobalSettings
        from jgo.maven import MavenContext
    except ImportError as error:
        raise StartError("Kafka cannot start: the package jgo is missing; `make clean run` installs it.") from error
    settings = GlobalSettings.load()  # where a person says which mirror to use
    context = MavenContext(
        repo_cache=work / "repository", remote_repos=settings.repositories or None, timeout=30
    )
    done = work / "jars"
    done.mkdir()

    def fetch(jar: Jar) -> None:
        try:
            artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
            path = artifact.resolve()
        except Exception as error:  # jgo and the net fail in many ways, and all mean the same here
            raise StartError(f"{jar.file} of Kafka cannot be fetched: {error}") from error
        check(path, jar)
        shutil.move(path, done / jar.file)

    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(fetch, jars):
            pass
    return done


def check(path: Path, jar: Jar) -> None:
    """Raises StartError where the file at `path` is not, byte for byte, the locked one."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != jar.sha256:
        raise StartError(f"{jar.file} of Kafka is not the locked one: SHA-256 {digest}, expected {jar.sha256}.")


def lock_jars(lock: Path = LOCK) -> None:
    """Resolves Kafka's dependencies anew and writes the lock file."""
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
