"""The platforms on which the locked packages are installed."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from deploy.local.engines.mongo import WHEEL

LOCKS = ("deploy/local/requirements.txt", "tests/load/requirements.txt", "tests/requirements.txt")


def mongod_of(lock: Path) -> Requirement:
    (line,) = [line for line in lock.read_text().splitlines() if line.startswith(f"{WHEEL}==")]
    return Requirement(line.removesuffix("\\").strip())


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize(
    ("system", "machine", "has_one"),
    [
        ("linux", "x86_64", True),
        ("linux", "aarch64", True),
        ("linux", "riscv64", False),
        ("darwin", "arm64", False),
        ("darwin", "x86_64", False),
        ("win32", "AMD64", False),
    ],
)
def test_mongod_is_installed_only_on_supported_platforms(
    root: Path, lock: str, system: str, machine: str, has_one: bool
) -> None:
    """On other platforms RELEVE_MONGO_URI or RELEVE_MONGOD names a server, and installation must not fail."""
    marker = mongod_of(root / lock).marker
    assert marker is not None
    assert marker.evaluate({"sys_platform": system, "platform_machine": machine}) is has_one
