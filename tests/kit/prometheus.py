"""A real Prometheus that scrapes a system of processes, with the configuration and rules of deploy/monitoring."""

import json
import os
import shutil
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from deploy.local.ports import free_port
from deploy.local.process import Process

MONITORING = Path(__file__).resolve().parents[2] / "deploy" / "monitoring"


def program(name: str) -> str | None:
    """The path of `promtool` or `prometheus`: from PROMTOOL or PROMETHEUS, else the installed one."""
    return os.environ.get(name.upper()) or shutil.which(name)


class Prometheus:
    """Scrapes `targets`, by job: pairs of address and labels. Scrapes every 3 s; alerts fire without delay."""

    def __init__(self, data: Path, targets: Mapping[str, Sequence[tuple[str, dict[str, str]]]]) -> None:
        self._data, self._targets, self._port = data, targets, free_port()
        command = [
            program("prometheus") or "prometheus",
            f"--config.file={data / 'prometheus.yaml'}",
            f"--storage.tsdb.path={data / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self._port}",
        ]
        self._process = Process("prometheus", command, data / "prometheus.log")

    def __enter__(self) -> Self:
        config = yaml.safe_load((MONITORING / "prometheus.yaml").read_text())
        config["global"] = {"scrape_interval": "3s", "scrape_timeout": "3s", "evaluation_interval": "1s"}
        config["scrape_configs"] = [
            {"job_name": "releve"},
            *(job for job in config["scrape_configs"] if "dns_sd_configs" not in job),
        ]
        for job in config["scrape_configs"]:
            for name in ("static_configs", "scheme", "tls_config"):  # here processes have no certificates
                job.pop(name, None)
            job["static_configs"] = [
                {"targets": [address], "labels": labels} for address, labels in self._targets[job["job_name"]]
            ]
        rules = yaml.safe_load((MONITORING / "rules.yaml").read_text())
        for rule in (rule for group in rules["groups"] for rule in group["rules"]):
            rule.pop("for", None)  # promtool tests how long each waits
        self._data.mkdir(parents=True, exist_ok=True)
        (self._data / "prometheus.yaml").write_text(yaml.safe_dump(config))
        (self._data / "rules.yaml").write_text(yaml.safe_dump(rules))
        self._process.start()
        self._process.wait_until(self._ready, 60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.stop()

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """The current value of a PromQL expression; fails if it cannot be parsed."""
        found: list[dict[str, Any]] = self._get("query?" + urllib.parse.urlencode({"query": expression}))["result"]
        return found

    def value(self, expression: str) -> float | None:
        """The single value of an expression, or None."""
        found = self.ask(expression)
        return float(found[0]["value"][1]) if found else None

    def names(self) -> set[str]:
        """Every metric scraped so far."""
        return set(self._get("label/__name__/values"))

    def firing(self) -> set[tuple[str, ...]]:
        """The firing alerts: the name, then the values of the labels that say where."""
        firing = [alert for alert in self._get("alerts")["alerts"] if alert["state"] == "firing"]
        return {
            (labels["alertname"], *(labels[name] for name in ("group", "service", "side") if name in labels))
            for labels in (alert["labels"] for alert in firing)
        }

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)["data"]

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/-/ready", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
