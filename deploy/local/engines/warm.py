"""Halves Kafka's start-up time: its JVM maps the classes that an earlier run loaded and linked.

Source: JEP 483 and 514, ahead-of-time class loading. The cache is made once per machine, by an unused broker, and is
stored next to its jars. A JVM that cannot use it starts without it.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from deploy.local.jars import alone, short
from deploy.local.process import StartError

RELEASE = "release"
"""The file of a Java installation that contains its version."""


def options(java: Path, jars: Path, train: Callable[[list[str]], None]) -> list[str]:
    """JVM options of `java` for the jars in this folder; the first time, `train` runs Kafka once.

    `train` gets the options with which to start and stop Kafka, and raises StartError on failure. After a failure (kept
    as an empty file), or if the folder is not writable, every start is as slow as the first.
    """
    try:
        cache = jars / f"classes-{short((java.parents[1] / RELEASE).read_bytes())}.aot"
        if not cache.exists():
            with alone(jars / "classes.lock"), tempfile.TemporaryDirectory(dir=jars) as work:
                if not cache.exists():
                    _make(Path(work, "made.aot"), train).rename(cache)
        return [f"-XX:AOTCache={cache}"] if cache.stat().st_size else []
    except OSError:
        return []


def _make(path: Path, train: Callable[[list[str]], None]) -> Path:
    try:
        train([f"-XX:AOTCacheOutput={path}"])
    except StartError:
        path.unlink(missing_ok=True)  # it may be incomplete
    path.touch()
    return path
