"""The images that the tree names."""

import re
from pathlib import Path

COMPOSE = (
    "deploy/compose.yaml",
    "deploy/compose.small.yaml",
    "deploy/monitoring/compose.yaml",
    "tests/rehearsal/compose.yaml",
)


def compose_images(root: Path) -> dict[str, str]:
    """What each variable of an image stands for where nobody sets it."""
    return {
        f"{file}: {image}": image
        for file in COMPOSE
        for image in re.findall(
            r"^ *image: (?:&\S+ )?(?:\$\{\w+:-)?([^\s$}]+)", (root / file).read_text(), re.MULTILINE
        )
    }


def base_images(root: Path) -> dict[str, str]:
    """Each Dockerfile's own default for its base."""
    files = root.glob("deploy/**/Dockerfile*")
    return {
        f"{file.name} {name}": image
        for file in files
        for name, image in re.findall(r"^ARG (\w*IMAGE)=(\S+)", file.read_text(), re.MULTILINE)
    }
