"""A light load through the gateway on a fixed schedule, with a record of every failed request."""

import itertools
import threading
import time
from collections import Counter
from types import TracebackType
from typing import Self

import httpx

from stories.people import Person
from tests.rehearsal.market import Market

RATE = 8.0
"""Requests a second in total: below the lowest rate limit per address."""
THREADS = 4
Request = tuple[Person, str, str, dict[str, object] | None]


class Load:
    """Reads and writes on an open project within `with`."""

    def __init__(self, market: Market, project_id: str) -> None:
        quotes = [market.quote(project_id, number) for number in range(2)]
        company, mentors = market.client, market.mentors
        requests: list[Request] = [
            (company, "GET", f"/api/rounds/{project_id}", None),
            (mentors[0], "PATCH", f"/api/quotes/{quotes[0]}", {"days": 2.5}),
            (mentors[2], "GET", f"/api/rounds/{project_id}", None),
            (company, "GET", f"/api/projects/{project_id}", None),
            (mentors[1], "PATCH", f"/api/quotes/{quotes[1]}", {"days": 1.5}),
            (mentors[3], "GET", f"/api/quotes?project_id={project_id}", None),
        ]
        self._next, self._lock = itertools.cycle(requests), threading.Lock()
        self._stop = threading.Event()
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []
        self.slowest_s = 0.0

    def __enter__(self) -> Self:
        began = time.monotonic()
        self._threads = [threading.Thread(target=self._ask, args=(began + n / RATE,)) for n in range(THREADS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def said(self) -> str:
        """The number of requests and failures, and the longest latency."""
        return f"{self.answers.total()} requests, {len(self.failures)} failed, at most {self.slowest_s:.1f} s"

    def _ask(self, due: float) -> None:
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            with self._lock:
                person, method, path, body = next(self._next)
            try:
                answer = person.http.request(method, path, json=body)
                outcome, bad = str(answer.status_code), answer.status_code not in (200, 409)
                text = f"{outcome} {answer.text[:200]}"
            except httpx.HTTPError as error:
                outcome, bad, text = type(error).__name__, True, repr(error)
            with self._lock:
                self.answers[outcome] += 1
                self.slowest_s = max(self.slowest_s, time.monotonic() - due)
                if bad:
                    self.failures.append(f"{method} {path.split('/')[2].split('?')[0]}: {text}")
            due += THREADS / RATE
