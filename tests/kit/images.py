"""The container images named in the tree."""

import re
from pathlib import Path

COMPOSE = (
    "deploy/compose.yaml",
    "deploy/compose.small.yaml",
    "deploy/monitoring/compose.yaml",
    "tests/rehearsal/compose.yaml",
)


def compose_images(root: Path) -> dict[str, str]:
    """The default of each image variable in the compose files."""
    return {
        f"{file}: {image}": image
        for file in COMPOSE
        for image in re.findall(
            r"^ *image: (?:&\S+ )?(?:\$\{\w+:-)?([^\s$}]+)", (root / file).read_text(), re.MULTILINE
        )
    }


def base_images(root: Path) -> dict[str, str]:
    """The default base image of each Dockerfile."""
    files = root.glob("deploy/**/Dockerfile*")
    return {
        f"{file.name} {name}": image
        for file in files
        for name, image in re.findall(r"^ARG (\w*IMAGE)=(\S+)", file.read_text(), re.MULTILINE)
    }
