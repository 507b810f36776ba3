"""One compose project: starts, inspects and scales its containers, and replaces a service without failed requests."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from contracts.parts import part_of
from deploy.docker import DockerError, docker, run

PATIENCE_S = 180.0
LOOK_S = 0.5


class Stack:
    """The containers of `project`, defined by the compose files `files` with these variables."""

    def __init__(
        self, command: Sequence[str], project: str, files: Sequence[Path], variables: Mapping[str, str],
        profiles: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.project, self.variables = project, dict(variables)
        self._command = [*command, "--project-name", project]
        self._command += [part for file in files for part in ("--file", str(file))]
        self._command += [part for profile in profiles for part in ("--profile", profile)]

    def compose(self, *arguments: str, timeout: float = 600) -> str:
        """Runs `docker compose …` on this project; raises DockerError."""
        return run([*self._command, *arguments], timeout, self.variables)

    def containers(self, service: str = "") -> list[str]:
        """The ids of the running containers, of one service or all."""
        labels = [f"label=com.docker.compose.project={self.project}", "label=com.docker.compose.oneoff=False"]
        if service:
            labels.append(f"label=com.docker.compose.service={service}")
        return docker("ps", "--quiet", "--no-trunc", *(f"--filter={label}" for label in labels)).split()

    def healthy(self, ids: Sequence[str]) -> bool:
        """Whether the engine reports all of these containers as healthy."""
        state = "{{if .State.Health}}{{.State.Health.Status}}{{else}}healthy{{end}}"
        return set(docker("inspect", "--format", state, *ids).split()) == {"healthy"}

    def wait_healthy(self, service: str, number: int = 1) -> None:
        """Returns once ``number`` containers of the service are running and healthy; raises DockerError."""

        def there() -> bool:
            ids = self.containers(service)
            return len(ids) >= number and self.healthy(ids)

        wait(there, f"{number} of {service} healthy")

    def address(self, container: str) -> str:
        """The IP address at which the gateway reaches a container."""
        networks = json.loads(docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", container))
        (shared,) = [name for name in networks if name.startswith(f"{self.project}_gateway-")]
        return str(networks[shared]["IPAddress"])

    def memory_mb(self) -> dict[str, float]:
        """Current memory use of each running container, by name, in MB."""
        lines = docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *self.containers()).splitlines()
        return {name.removeprefix(f"{self.project}-"): _megabytes(used) for name, used, *_ in map(str.split, lines)}

    def seen_by_gateway(self, service: str) -> set[str]:
        """The addresses of a service's containers that the gateway routes requests to."""
        request = "GET /clusters HTTP/1.1\\r\\nHost: gateway\\r\\nConnection: close\\r\\n\\r\\n"
        ask = f"exec 3<>/dev/tcp/127.0.0.1/9901; printf '{request}' >&3; cat <&3"
        lines = docker("exec", self.containers("gateway")[0], "bash", "-c", ask).splitlines()
        fine = [line for line in lines if line.startswith(f"{service}::") and "::health_flags::healthy" in line]
        return {line.split("::")[1].rpartition(":")[0] for line in fine}

    def replace(self, service: str, image: str = "") -> None:
        """Replaces the containers of `service` by ones running `image`; old ones stop once the new ones serve.

        Sets the project's variable to the new image; without one the image stays. Raises DockerError.
        """
        if image:
            self.variables[f"RELEVE_IMAGE_{service.upper()}"] = image
        for part in part_of(service).processes:
            old = self.containers(part)
            self._scale(part, 2 * len(old))
            new = [container for container in self.containers(part) if container not in old]
            if part.endswith("-http"):
                addresses = {self.address(container) for container in new}
                wait(lambda a=addresses: a <= self.seen_by_gateway(service), f"the gateway sees {part}")  # type: ignore[misc]
            for container in old:
                docker("stop", container)
                docker("rm", container)

    def scale(self, **numbers: int) -> None:
        """Scales services to these numbers of containers (`quotes_http=3`), without recreating running ones."""
        for part, number in numbers.items():
            self._scale(part.replace("_", "-"), number)

    def _scale(self, part: str, number: int) -> None:
        self.compose("up", "--detach", "--no-deps", "--no-recreate", "--scale", f"{part}={number}", part)
        self.wait_healthy(part, number)


def wait(true: Callable[[], bool], what: str, seconds: float = PATIENCE_S) -> None:
    """Polls `true` until it returns true; raises DockerError after ``seconds``."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise DockerError(f"{what}: not after {seconds:.0f} s")
        time.sleep(LOOK_S)


def _megabytes(text: str) -> float:
    for unit, factor in (("GiB", 1073.7), ("MiB", 1.0486), ("KiB", 0.001024), ("kB", 0.001), ("B", 1e-6)):
        if text.endswith(unit):
            return round(float(text.removesuffix(unit)) * factor, 1)
    raise ValueError(text)
