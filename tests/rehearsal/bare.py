"""A fresh machine: the bare base image with the packages that the README requires."""

import os
import subprocess
import tempfile
from pathlib import Path

from deploy.docker import ROOT, docker
from deploy.images.__main__ import LOCAL_BASE
from deploy.local.ports import free_port

REQUIRED = ("make", "libcurl4")
"""Debian packages that the README names; the base image brings Python, pip and OpenSSL 3."""
TESTS = "tests/unit/test_rounds.py tests/integration/test_chassis.py"
WITHIN_S = 1_200


def demo_and_tests() -> str:
    """Runs `make demo` and a few tests there as an unprivileged user; raises DockerError."""
    with tempfile.TemporaryDirectory(prefix="releve-bare-") as folder:
        source = Path(folder) / "source.tar"
        subprocess.run(["git", "archive", "--output", source, "HEAD"], cwd=ROOT, check=True)
        os.chmod(folder, 0o755)
        registry = [f"--env=PIP_INDEX_URL={os.environ['PIP_INDEX_URL']}"] if "PIP_INDEX_URL" in os.environ else []
        script = (
            "exec 2>&1; "  # so that the last lines show the error
            f"apt-get update -qq && apt-get install -qq -y --no-install-recommends {' '.join(REQUIRED)} >/dev/null"
            " && useradd --create-home visitor && cd /home/visitor && tar -xf /given/source.tar"
            " && chown -R visitor . && su visitor -c '"
            f'RELEVE_PORT={free_port()} make demo && make test WORKERS=1 ARGS="-q {TESTS}"'
            "'"
        )
        said = docker("run", "--rm", "--network=host", "--init", *registry, f"--volume={folder}:/given:ro", LOCAL_BASE,
                      "bash", "-c", script, timeout=WITHIN_S)  # fmt: skip
    return said.strip().splitlines()[-1].strip("= ")
