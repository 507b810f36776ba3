"""One small write to every service, all the time: it shows when writes are refused and when they work again.

The load is too thin for that: seconds may pass between two of its writes to one service.
"""

import asyncio
import threading
import time
from collections import Counter
from itertools import pairwise
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx

from contracts.topics import SERVICES
from stories.nestle_waters import SOLUTION, expect
from stories.people import PASSWORD, Person, about, client, mentor

EVERY_S = 1.0
TIMEOUT_S = 15.0
"""Longer than a service waits for its database before it answers 503."""
UNANSWERED = 2
TOPIC = "newsletters"
"""A topic outside the load, so that none of its mentors is invited."""
ORGANISATION = {
    "name": "Kwvbrxdun", "aliases": [], "domains": ["kwvbrxdun.example"], "people": [], "products": [],
    "sector": "agroalimentaire", "size": "group",
    "contact": {"name": "Jqzmtklor", "email": "contact@kwvbrxdun.example", "phone": "+33 1 70 00 00 43"},
}  # fmt: skip


class Write(NamedTuple):
    """A write that changes nothing, however often it is repeated."""

    service: str
    person: Person
    method: str
    path: str
    body: Any


class Probe:
    """A client and a mentor who only send these writes, between `start` and `stop`.

    An unanswered write does not delay the next one; with two unanswered, a service gets no more until one is answered,
    because writes of one document wait for each other.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._ended = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._beat()), name="probe", daemon=True)
        self._writes: list[Write] = []
        self.acknowledged: dict[str, list[float]] = {service: [] for service in SERVICES}
        """When each service acknowledged a write, unix seconds."""
        self.refused: list[tuple[float, str, int | None, str]] = []
        """Every other answer: time, service, status (None if there was no answer), content type."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self.stop()

    def start(self) -> None:
        """Returns once both have signed up, the mentor has a quote in a window that stays open, the client a draft."""
        company, person = client(self._url, ORGANISATION), mentor(self._url, "Probe", [TOPIC])
        body = {"title": "Une sonde", **about([TOPIC]), "languages": ["fr"], "window": "P2D"}
        project_id = expect(company.post("/api/projects", body), 201)["id"]
        quote_id = expect(person.quote(project_id, 900, SOLUTION), 201)["id"]
        programme = {"name": "Une sonde", "kind": "pairing"}
        programme_id = expect(company.post("/api/programmes", programme), 201)["id"]
        price = {"price": {"amount": 95_000, "currency": "EUR"}}
        self._writes = [
            Write("accounts", company, "POST", "/api/sessions", _password(company)),
            Write("projects", company, "PUT", "/api/organisations/me", ORGANISATION),
            Write("matching", person, "PUT", "/api/mentors/me", person.card),
            Write("quotes", person, "PATCH", f"/api/quotes/{quote_id}", price),
            Write("programmes", company, "PATCH", f"/api/programmes/{programme_id}", {"name": "Une sonde"}),
            Write("notify", person, "PUT", "/api/notifications/preferences", {}),
        ]
        self._thread.start()

    def stop(self) -> None:
        """Stops writing."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def since(self, moment: float) -> set[str]:
        """The services that acknowledged a write after this moment."""
        return {service for service, times in self.acknowledged.items() if times and times[-1] > moment}

    def gap(self, begin: float, end: float) -> float:
        """The longest time that any service went without an acknowledged write between two moments, seconds."""
        longest = 0.0
        for times in self.acknowledged.values():
            marks = [begin, *(moment for moment in list(times) if begin <= moment <= end), end]
            longest = max(longest, *(later - earlier for earlier, later in pairwise(marks)))
        return longest

    async def _beat(self) -> None:
        under_way: list[tuple[str, asyncio.Task[None]]] = []
        async with httpx.AsyncClient(base_url=self._url, timeout=TIMEOUT_S, trust_env=False) as http:
            while not self._ended.is_set():
                under_way = [(service, task) for service, task in under_way if not task.done()]
                waiting = Counter(service for service, _ in under_way)
                free = [write for write in self._writes if waiting[write.service] < UNANSWERED]
                under_way += [(write.service, asyncio.create_task(self._ask(http, write))) for write in free]
                await asyncio.sleep(EVERY_S)
            for _, task in under_way:
                task.cancel()
            await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)

    async def _ask(self, http: httpx.AsyncClient, write: Write) -> None:
        headers = {"Authorization": write.person.http.headers["Authorization"]}
        try:
            answer = await http.request(write.method, write.path, json=write.body, headers=headers)
            if answer.status_code == 401:  # the token has expired
                session = await http.post("/api/sessions", json=_password(write.person))
                if session.is_success:
                    write.person.http.headers["Authorization"] = f"Bearer {session.json()['access_token']}"
        except httpx.HTTPError as error:
            self.refused.append((time.time(), write.service, None, type(error).__name__))
            return
        if answer.is_success:
            self.acknowledged[write.service].append(time.time())
        else:
            kind = answer.headers.get("content-type", "")
            self.refused.append((time.time(), write.service, answer.status_code, kind))


def _password(person: Person) -> dict[str, str]:
    return {"email": person.email, "password": PASSWORD}
