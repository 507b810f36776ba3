"""Posts projects through the gateway, and reads from the services' logs when each was published and handled."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from deploy.local.system import System
from stories.nestle_waters import BRIEF, ORGANISATION, TOPICS
from stories.people import client, mentor

MENTORS = 20
WINDOW = "P2D"
PATIENCE_S = 60.0
PROJECT = {"title": "Le numérique", "brief": BRIEF, "topics": TOPICS, "languages": ["fr"], "window": WINDOW}


class Posting:
    """One signed-in client that posts the same brief repeatedly, over persistent connections."""

    def __init__(self, system: System) -> None:
        for number in range(MENTORS):
            mentor(system.url, f"Mentor {number}", TOPICS).http.close()
        company = client(system.url, ORGANISATION)
        self._body = json.dumps(PROJECT).encode()
        self._headers = {"Content-Type": "application/json", "Authorization": company.http.headers["Authorization"]}
        self._port = system.port
        self._own = threading.local()

    def post(self, _index: int) -> str:
        """Posts a project and returns its id. Raises RuntimeError if the answer is not 201."""
        if not hasattr(self._own, "connection"):
            self._own.connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        self._own.connection.request("POST", "/api/projects", self._body, self._headers)
        answer = self._own.connection.getresponse()
        text = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"POST /api/projects: {answer.status} {text[:300]!r}")
        return str(json.loads(text)["id"])


@dataclass(frozen=True)
class Way:
    """When a project's ``project.posted`` was acknowledged by Kafka, received by quotes, and its round was opened."""

    published: float
    received: float
    opened: float


def ways(logs: Path, project_ids: set[str]) -> dict[str, Way]:
    """Waits until all rounds are open and returns each project's times. Raises `TimeoutError` if one does not open."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        opened = dict(_lines(logs / "quotes-worker.log", "event_handled", project_ids))
        if opened.keys() >= project_ids:
            break
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(project_ids - opened.keys())} rounds did not open within {PATIENCE_S:.0f} s")
        time.sleep(0.5)
    published = dict(_lines(logs / "projects-worker.log", "event_published", project_ids))
    found = {}
    for project_id, line in opened.items():
        moment = _moment(line)
        found[project_id] = Way(_moment(published[project_id]), moment - line["ms"] / 1000, moment)
    return found


def _lines(log: Path, event: str, project_ids: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for text in log.read_text(errors="replace").splitlines():
        if '"project.posted"' in text and text.endswith("}"):
            line = json.loads(text)
            if line["event"] == event and line["subject"] in project_ids:
                yield line["subject"], line


def _moment(line: dict[str, Any]) -> float:
    return datetime.fromisoformat(line["time"]).timestamp()
