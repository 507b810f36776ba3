"""Whole projects at a steady rate, however slow the system is: an open loop, because people do not wait for each other.

A project begins every ``1 / rate`` seconds even if earlier ones hang, and with every eighth a programme whose people
read their mails. The seed decides what it is like. Every answer is in the ledger before it is used; errors are
recorded, too.
"""

import asyncio
import random
import secrets
import threading
from collections import defaultdict
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.faults.cohort import PAIRS, Cohort
from tests.faults.ledger import Ledger
from tests.faults.people import TIMEOUT_S, Person, Wire
from tests.faults.script import NEWS_WITHIN_S, TOPICS, Invited, Script, draw

CLIENTS, MENTORS = 6, 30
AT_ONCE = 8
LOOK_S = 3.0
"""Interval at which each mentor reads their invitations, seconds."""
A_PROGRAMME = 8
"""A programme begins with the first project, and with every eighth after it."""
MOST_INVITATIONS = 40
IDLE_S = 120.0
"""A mentor with this many invitations, or without any for this long, is replaced: the maximum is fifty a week."""
READY_WITHIN_S = 180.0
CARD: dict[str, Any] = {
    "display_name": "Thomas",
    "headline": "Web, réseaux sociaux et CRM",
    "school": "Sorbonne",
    "bio": "J'accompagne des équipes dans leur passage au numérique, du site à la relation client.",
    "skills": TOPICS,
    "languages": ["fr", "en"],
    "day_rate": {"amount": 45_000, "currency": "EUR"},
    "weekly_invitations": 50,
    "excluded_organisations": [],
    "timezone": "Europe/Paris",
}


class Load:
    """The load between `start` and `stop`; ``window`` is the length of each project's window.

    ``mails`` is the folder of the sent mails; without it there are no programmes. ``acknowledged`` records when (unix
    seconds) and by which service each write was acknowledged.
    """

    def __init__(
        self, url: str, ledger: Path, *, rate: float, seed: int, window: timedelta, mails: Path | None = None
    ) -> None:
        self.acknowledged: list[tuple[float, str]] = []
        self.begun = 0
        """Number of projects begun."""
        self._url, self._path, self._rate, self._seed, self._window = url, ledger, rate, seed, window
        self._mails = mails
        self._run = f"{seed}-{secrets.token_hex(3)}"
        self._chance = random.Random(f"{seed} projects")
        self._stop, self._ready = threading.Event(), threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="load", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self.stop()

    def start(self) -> None:
        """Returns once every person has signed up and the first project begins; raises if they could not."""
        self._thread.start()
        if not self._ready.wait(READY_WITHIN_S):
            raise TimeoutError(f"the people of the load had not all signed up after {READY_WITHIN_S:.0f} s")
        if self._failure:
            raise RuntimeError("the load could not begin") from self._failure

    def stop(self) -> None:
        """Starts no new projects; those under way are finished, or abandoned after a while and left in the ledger.

        Raises if the load itself failed, as opposed to the system under test.
        """
        self._stop.set()
        self._thread.join(self._patience_s + 60)
        if self._thread.is_alive():
            raise TimeoutError("the load does not end")
        if self._failure:
            raise RuntimeError("the load broke down") from self._failure

    @property
    def _patience_s(self) -> float:
        return 2 * self._window.total_seconds() + NEWS_WITHIN_S

    def _work(self) -> None:
        try:
            with Ledger(self._path) as ledger:
                asyncio.run(self._all(ledger))
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _all(self, ledger: Ledger) -> None:
        limits = httpx.Limits(max_connections=300, max_keepalive_connections=50)
        async with httpx.AsyncClient(base_url=self._url, timeout=TIMEOUT_S, limits=limits, trust_env=False) as http:
            crowd = _Crowd(Wire(http, ledger, self.acknowledged), random.Random(f"{self._seed} people"))
            await crowd.join()
            self._ready.set()
            looking = asyncio.create_task(crowd.look())
            try:
                await self._begin(crowd)
            finally:
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)
            if crowd.failure:
                raise crowd.failure

    async def _begin(self, crowd: "_Crowd") -> None:
        clock = asyncio.get_running_loop()
        first, under_way = clock.time(), set[asyncio.Task[None]]()
        while not self._stop.is_set():
            if clock.time() < first + self.begun / self._rate:
                await asyncio.sleep(min(0.1, first + self.begun / self._rate - clock.time()))
                continue
            name = f"{self._run} {self.begun}"
            client, plan = self._chance.choice(crowd.clients), draw(self._chance)
            script = Script(f"Coaching {name}", plan, client, self._window, crowd.invited, name)
            under_way.add(asyncio.create_task(script.play()))
            if self._mails and self.begun % A_PROGRAMME == 0:
                cohort = crowd.cohort(self._mails, name)
                under_way.add(asyncio.create_task(cohort.play()))
            self.begun += 1
            failed = [task for task in under_way if task.done() and task.exception()]
            under_way = {task for task in under_way if not task.done()} | set(failed)
            if failed:
                break
        done, late = await asyncio.wait(under_way, timeout=self._patience_s) if under_way else (set(), set())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            if error := task.exception():
                raise error


class _Crowd:
    """The clients, and the current mentors with their invitations."""

    def __init__(self, wire: Wire, chance: random.Random) -> None:
        self._wire, self._chance = wire, chance
        self.clients: list[Person] = []
        self.failure: BaseException | None = None
        self._mentors: list[Person] = []
        self._seen: dict[Person, set[str]] = defaultdict(set)
        self._last: dict[Person, float] = {}
        self._leaving: set[Person] = set()
        self._invited: dict[str, Invited] = defaultdict(asyncio.Queue)

    async def join(self) -> None:
        """Signs everybody up; raises `ConnectionError` if one of them cannot."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(joining: Coroutine[Any, Any, Person | None]) -> Person:
            async with gate:
                person = await joining
            if person is None:
                raise ConnectionError("a person could not sign up")
            return person

        clients = [one(self._client()) for _ in range(CLIENTS)]
        everybody = await asyncio.gather(*clients, *(one(self._mentor()) for _ in range(MENTORS)))
        self.clients, self._mentors = everybody[:CLIENTS], everybody[CLIENTS:]

    def invited(self, project: str) -> Invited:
        """The mentors, as they learn of their invitation to this project."""
        return self._invited[project]

    async def look(self) -> None:
        """Reads the invitations of all mentors in a loop; replaces mentors who have had enough."""
        tasks: set[asyncio.Task[None]] = set()
        place = 0
        try:
            while True:
                await asyncio.sleep(LOOK_S / MENTORS)
                tasks = {task for task in tasks if not self._ended(task)}
                if len(tasks) < MENTORS:
                    tasks.add(asyncio.create_task(self._look_once(self._mentors[place % MENTORS])))
                    place += 1
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> bool:
        if task.done() and (error := task.exception()):
            self.failure = error
        return task.done()

    async def _look_once(self, person: Person) -> None:
        page = await person.ask("GET", "/api/invitations", query="?limit=20")
        if not page.done:
            return
        seen, now = self._seen[person], asyncio.get_running_loop().time()
        self._last.setdefault(person, now)
        for item in page.body["items"]:
            if item["id"] not in seen:
                seen.add(item["id"])
                self._last[person] = now
                self._invited[item["project_id"]].put_nowait((person, item["id"]))
        enough = len(seen) >= MOST_INVITATIONS or now - self._last[person] > IDLE_S
        if enough and person in self._mentors and person not in self._leaving:
            self._leaving.add(person)
            newcomer = await self._mentor()
            self._leaving.discard(person)
            if newcomer:
                self._mentors[self._mentors.index(person)] = newcomer

    async def _client(self) -> Person | None:
        """A client with an organisation whose names are all planted."""
        word, name = self._word(), self._word()
        domain, contact = f"{word.lower()}.example", f"{self._word()} {self._word()}"
        email = f"{contact.split()[0].lower()}@{domain}"
        organisation = {
            "name": word,
            "aliases": [word + "ique"],
            "domains": [domain],
            "people": [contact],
            "products": [],
            "sector": "agroalimentaire",
            "size": "group",
            "contact": {"name": contact, "email": email, "phone": "+33 1 70 00 00 42"},
        }
        person = Person(self._wire, "client", name, [word, domain, *contact.split(), email, name])
        return person if await person.join("/api/organisations/me", organisation) else None

    async def _mentor(self) -> Person | None:
        person = Person(self._wire, "mentor", "Thomas", [])
        return person if await person.join("/api/mentors/me", CARD) else None

    def cohort(self, mails: Path, seed: str) -> Cohort:
        """A programme of one of the clients; every name in it is planted."""
        words = [self._word() for _ in range(2 * PAIRS)]
        return Cohort(self._wire, self._chance.choice(self.clients), words, mails, seed)

    def _word(self) -> str:
        """A word that does not occur by chance."""
        return "Zq" + "".join(self._chance.choice("bcdfghjklmnprstvwxz") for _ in range(9))
