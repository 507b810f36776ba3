"""Migrates the data of every service to this version: `python -m deploy.migrate`.

Each service also migrates on start; this command does it beforehand and shows the result. It reads the services'
environment, or uses the system that `make run` runs.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from contracts.parts import DATABASES, part_of
from deploy.local.running import ROOT, known_settings


def main(environ: Mapping[str, str], services: Sequence[str] = DATABASES) -> int:
    """Returns 0, or 1 at the first service whose migration fails; the service prints the reason."""
    settings = {**environ, **known_settings(environ)}
    for service in services:
        command = [sys.executable, "-m", f"{part_of(service).package}.app", "migrate"]
        if subprocess.run(command, cwd=ROOT, env=settings, check=False).returncode:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
