"""Runs the commands of the local container engine and of compose."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ANSWERS_WITHIN_S = 20


class DockerError(RuntimeError):
    """A command of the engine failed. The text has the last lines of its output; `output` has all of it."""

    def __init__(self, text: str, output: str = "") -> None:
        super().__init__(text)
        self.output = output


def run(command: Sequence[str | Path], timeout: float = 600, env: Mapping[str, str] | None = None) -> str:
    """Runs the command and returns its standard output; raises DockerError."""
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout,
                              env={**os.environ, **(env or {})}, cwd=ROOT, check=False)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DockerError(f"{command[0]} {command[1]}: {error}") from error
    if done.returncode:
        words = " | ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-6:])
        raise DockerError(f"{' '.join(map(str, command))[:200]}: {words}", done.stdout + done.stderr)
    return done.stdout


def docker(*arguments: str | Path, timeout: float = 600) -> str:
    """Runs `docker …`; raises DockerError."""
    return run(["docker", *arguments], timeout, _builder() if arguments[0] == "build" else None)


@cache
def _builder() -> dict[str, str]:
    """Selects the classic builder if buildx is missing, as in Debian: newer clients use buildx by default."""
    try:
        run(["docker", "buildx", "version"], ANSWERS_WITHIN_S)
    except DockerError:
        return {"DOCKER_BUILDKIT": "0"}
    return {}


def answers() -> bool:
    """Whether there is an engine that the current user may use."""
    try:
        docker("info", timeout=ANSWERS_WITHIN_S)
    except DockerError:
        return False
    return True


def compose_command() -> list[str]:
    """The command in COMPOSE, as in the Makefile, or else the engine's plugin; raises DockerError."""
    command = os.environ.get("COMPOSE", "").split() or ["docker", "compose"]
    try:
        run([*command, "version"], timeout=ANSWERS_WITHIN_S)
    except DockerError as error:
        raise DockerError("docker compose (v2.24 or later) is missing") from error
    return command
