"""Builds the images: `python -m deploy.images [--local] [--version VERSION] [NAME...]`.

A NAME is a part or `tools`; the default is all. With `--local`, they use a base image built here, and the engines'
images are built, too: for a machine without access to a registry (this needs root and mmdebstrap).
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from contracts.parts import PARTS, part_of
from deploy.docker import ROOT, DockerError, docker, run
from deploy.gateway import documents
from deploy.local.engines.envoy import envoy
from deploy.local.engines.kafka import java
from deploy.local.engines.mongo import mongod
from deploy.local.jars import kafka_jars
from deploy.local.process import StartError

HERE = Path(__file__).parent
LOCAL_BASE = "releve-base:local"
ENGINES = ("kafka", "mongo", "envoy")
AT_ONCE = 2
OURS = tuple(part.name for part in PARTS)


def build(name: str, version: str = "latest", base: str | None = None, context: Path = ROOT) -> str:
    """Builds the image of a part or of `tools` from `context`; returns its tag. Raises DockerError, NotBuilt."""
    ours = name in OURS
    tag = f"releve-{name}:{version}"
    folder = part_of(name).folder if ours else f"deploy/{name}"
    given = {"REQUIREMENTS": f"{folder}/requirements.txt", "VERSION": version, "SERVICE": name if ours else "",
             "FOLDER": folder if ours else "", "PACKAGE": part_of(name).package if ours else "",
             "BASE_IMAGE": base or "", "PIP_INDEX_URL": os.environ.get("PIP_INDEX_URL", "")}  # fmt: skip
    pairs = [f"--build-arg={key}={value}" for key, value in given.items() if value]
    target = "service" if ours else name
    if not ours:
        documents.built()
    docker("build", "--quiet", "--file", context / "deploy/Dockerfile", "--target", target, *pairs,
           "--tag", tag, context)  # fmt: skip
    return tag


def build_all(names: Sequence[str], version: str, base: str | None) -> None:
    """Builds images in parallel and prints their sizes. Builds the first alone, because they share its first stages."""

    def one(name: str) -> None:
        began = time.monotonic()
        tag = build(name, version, base)
        print(f"  {tag:28} {size(tag):5.0f} MB {time.monotonic() - began:6.1f} s", flush=True)

    one(names[0])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, names[1:]))


def size(tag: str) -> float:
    """Size of an image in MB, including its base."""
    return int(docker("image", "inspect", "--format", "{{.Size}}", tag)) / 1e6


def has(tag: str) -> bool:
    """Whether the engine has this image."""
    try:
        docker("image", "inspect", tag)
    except DockerError:
        return False
    return True


def build_base() -> None:
    """Builds the base image from this machine's Debian if missing (one to five minutes). Raises DockerError."""
    if not has(LOCAL_BASE):
        run(["bash", HERE / "base.sh", LOCAL_BASE], timeout=1_200)


def build_engines() -> None:
    """Builds the engines' images from the embedded default's software. Raises DockerError, StartError."""
    with tempfile.TemporaryDirectory(prefix="releve-engines-") as name:
        context = Path(name)
        shutil.copytree(java().parent.parent, context / "kafka" / "java", symlinks=True)
        (context / "kafka" / "libs").mkdir()
        for jar in kafka_jars():
            shutil.copy(jar, context / "kafka" / "libs")
        (context / "kafka" / "bin").mkdir()
        for script in ("kafka-storage.sh", "kafka-server-start.sh"):
            shutil.copy(HERE / script, context / "kafka" / "bin" / script)
            (context / "kafka" / "bin" / script).chmod(0o755)
        shutil.copy(mongod(), context / "mongod")
        shutil.copy(envoy(), context / "envoy")
        (context / "mongod").chmod(0o755)
        (context / "envoy").chmod(0o755)
        for engine in ENGINES:
            docker("build", "--quiet", "--file", HERE / "Dockerfile.engines", "--target", engine,
                   f"--build-arg=BASE_IMAGE={LOCAL_BASE}", "--tag", f"releve-{engine}:local", context)  # fmt: skip
            print(f"  {f'releve-{engine}:local':28} {size(f'releve-{engine}:local'):5.0f} MB", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Runs the command; returns 0, or 1 after printing one error line."""
    parser = argparse.ArgumentParser("deploy.images", description="Builds the images of Relève.")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*OURS, "tools", []])
    parser.add_argument("--local", action="store_true", help="build the base and the engines' images here, too")
    parser.add_argument("--version", default="latest")
    asked = parser.parse_args(arguments)
    try:
        if asked.local:
            build_base()
            build_engines()
        base = LOCAL_BASE if asked.local else os.environ.get("RELEVE_IMAGE_BASE")
        build_all(asked.names or [*OURS, "tools"], asked.version, base)
    except (DockerError, StartError, documents.NotBuilt) as error:
        print(f"The images are not built: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
