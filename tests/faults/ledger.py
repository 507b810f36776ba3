"""The ledger: every answer that a person got, one JSON line each, written before the answer is used.

A line is either a participant (``what`` is ``person``: account, role, email, ``secrets``) or an answer
(``attempt``: sent, answered, account, role, method, route, project, wish, number, status, error, got, heard). All
attempts of one wish carry one Idempotency-Key, ``wish``. ``status`` None means that the outcome is unknown. ``got`` is
the essential part of an answer, ``heard`` the text of one that a mentor read.
"""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FIELDS = (
    *("sent", "answered", "account", "role", "method", "route", "project"),
    *("wish", "number", "status", "error", "got", "heard"),
)


class Ledger:
    """Appends to one file; several ledgers may use it in turn. Thread-safe."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self.close()

    def person(self, account: str, role: str, email: str, secrets: list[str]) -> None:
        """Records a participant; only they and a chosen mentor may ever read the words in ``secrets``."""
        self._write({"what": "person", "account": account, "role": role, "email": email, "secrets": secrets})

    def attempt(self, entry: Mapping[str, Any]) -> None:
        """Records one request and its answer, or the lack of one; requires exactly `FIELDS`."""
        if entry.keys() != set(FIELDS):
            raise ValueError(f"not an attempt: {sorted(entry.keys() ^ set(FIELDS))}")
        self._write({"what": "attempt", **entry})

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._file.close()

    def _write(self, entry: Mapping[str, Any]) -> None:
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"
        with self._lock:
            self._file.write(line)
            self._file.flush()


def read(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Returns people and attempts. An incomplete last line is ignored: its answer was never used."""
    people: list[dict[str, Any]] = []
    attempts: list[dict[str, Any]] = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                entry = json.loads(line)
                (people if entry.pop("what") == "person" else attempts).append(entry)
    return people, attempts
