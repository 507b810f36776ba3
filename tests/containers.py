"""`python -m tests.containers`: runs integration tests and stories again, on engines of testcontainers.

`RELEVE_IMAGE_MONGO` and `RELEVE_IMAGE_KAFKA` name the images; otherwise they are built from the software of the
embedded default. If no container engine runs or can be started, it says so in one line.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deploy.docker import ROOT, DockerError, docker
from deploy.images.__main__ import build_engines, has
from deploy.local.process import StartError
from tests.kit.engines import RUN_LABEL
from tests.rehearsal.engine import NoEngine, engine, need_base

RUN = f"{os.getpid()}-{time.time_ns()}"
IMAGES = {"RELEVE_IMAGE_MONGO": "releve-mongo:local", "RELEVE_IMAGE_KAFKA": "releve-kafka:local"}
SETTINGS = {
    "RELEVE_TEST_ENGINES": "containers",
    "TESTCONTAINERS_RYUK_DISABLED": "true",  # its image is in a registry; left-overs are checked below
    "TESTCONTAINERS_HOST_OVERRIDE": "127.0.0.1",
    "RELEVE_TEST_RUN": RUN,
}
TESTS = ("tests/integration", "tests/stories")


def main(arguments: list[str]) -> int:
    """Returns the tests' exit status, or 1 if a container is left over."""
    try:
        with tempfile.TemporaryDirectory(prefix="releve-containers-") as logs, engine(Path(logs)):
            environment = {**IMAGES, **os.environ, **SETTINGS}
            if any(environment[name] == image and not has(image) for name, image in IMAGES.items()):
                need_base()
                build_engines()
            command = [sys.executable, "-m", "pytest", "-q", *TESTS, *arguments]
            try:
                status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
            finally:
                left = docker("ps", "--all", "--quiet", "--filter", f"label={RUN_LABEL}={RUN}").split()
                if left:
                    docker("rm", "--force", *left)
            if left:
                print(f"{len(left)} containers were left over", file=sys.stderr)
            return status or int(bool(left))
    except NoEngine as error:
        print(f"The tests are not run on containers: {error}.")
        return 0
    except (DockerError, StartError) as error:
        print(f"The tests cannot be run on containers: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
