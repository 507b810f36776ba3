"""Starts processes that see a shifted date. The machine's own clock is never changed."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

SOURCE = Path(__file__).with_name("shift.c")
COMPILERS = ("cc", "gcc")


class NoCompiler(Exception):
    """No C compiler is installed; the text says how to get one."""


def compiler() -> str:
    """The path of the C compiler. Raises NoCompiler."""
    found = next(filter(None, map(shutil.which, COMPILERS)), None)
    if found is None:
        raise NoCompiler("a shifted clock needs a C compiler (make test-tools)")
    return found


def build(folder: Path) -> Path:
    """Compiles the preload library into ``folder``. Raises NoCompiler, CalledProcessError."""
    command = compiler()
    folder.mkdir(parents=True, exist_ok=True)
    library = (folder / f"shift-{os.getpid()}.so").absolute()
    subprocess.run([command, "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", library, SOURCE, "-ldl"],
                   check=True)  # fmt: skip
    return library


def shifted(library: Path, by: timedelta, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which a process and its children see a date ``by`` later, to the second.

    A shift already in ``environ`` is added.
    """
    seconds = round(by.total_seconds()) + int(environ.get("CLOCK_SHIFT_S", "0"))
    return {**environ, "LD_PRELOAD": str(library), "CLOCK_SHIFT_S": str(seconds)}
