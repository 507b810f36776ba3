"""Replaces one service by another version without downtime: `python -m deploy.rollout quotes releve-quotes:1.1`.

Run it with the same variables as `make up`. Afterwards set RELEVE_IMAGE_QUOTES to the new image (or RELEVE_VERSION,
once all services have that version) with the other variables; otherwise the next `up` starts the old image again.
"""

import os
import sys
from collections.abc import Sequence

from contracts.parts import PARTS
from deploy.docker import ROOT, DockerError, compose_command
from deploy.stack import Stack

PROJECT = "releve"


def main(arguments: Sequence[str]) -> int:
    """Returns 0, or 1 after printing one error line; if the new containers do not start, the old ones keep running."""
    if len(arguments) != 2 or arguments[0] not in {part.name for part in PARTS}:
        print(__doc__, file=sys.stderr)
        return 2
    service, image = arguments
    files = [ROOT / "deploy/compose.yaml", *([ROOT / "deploy/compose.small.yaml"] if os.environ.get("SMALL") else [])]
    try:
        Stack(compose_command(), PROJECT, files, {}).replace(service, image)
    except DockerError as error:
        print(f"{service} is not replaced: {error}", file=sys.stderr)
        return 1
    print(f"{service} runs {image}; set RELEVE_IMAGE_{service.upper()} to it from now on")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
