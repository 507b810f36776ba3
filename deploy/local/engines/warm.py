"""A Kafka that starts in half the time: its JVM maps the classes that an earlier run had loaded and linked.

Source: JEP 483 and 514, ahead-of-time class loading. The cache is made once a machine, by a broker that nobody uses,
and lies beside the jars that it is of. A JVM that cannot use it starts without it.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from deploy.local.jars import alone, short
from deploy.local.process import StartError

RELEASE = "release"
"""The file of a Java that says, among other things, its version."""


def options(java: Path, jars: Path, train: Callable[[list[str]], None]) -> list[str]:
    """What a JVM of this `java` is told for the jars of this folder; the first time ever, `train` runs Kafka once.

    `train` gets the options under which Kafka is to start and to end by itself; it raises StartError where it did not.
    Then an empty file says so, and every start is as slow as the first. Where the folder takes no file, too.
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
        path.unlink(missing_ok=True)  # it may be half of one
    path.touch()
    return path
