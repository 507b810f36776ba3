"""Replaces one service by another version while everything runs: `python -m deploy.rollout quotes releve-quotes:1.1`.

Run it with the variables that `make up` was given. From then on RELEVE_IMAGE_QUOTES, or RELEVE_VERSION once all have
it, must name the new image: put it where the others stand, or the next `up` takes the older one again.
"""

import os
import sys
from collections.abc import Sequence

from contracts.parts import PARTS
from deploy.docker import ROOT, DockerError, compose_command
from deploy.stack import Stack

PROJECT = "releve"


def main(arguments: Sequence[str]) -> int:
    """0, or 1 with one line of what is wrong; the older containers run on where the newer ones do not come up."""
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
    print(f"{service} runs {image}; let RELEVE_IMAGE_{service.upper()} name it from now on")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
