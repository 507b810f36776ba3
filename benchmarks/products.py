"""Where Relève is measured: five routes, the floor that each is compared with, and the people who call them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import contention, wrk
from benchmarks.posting import MENTORS, PROJECT
from benchmarks.wrk import Failed, Request, Turn
from deploy.local.system import System
from stories.nestle_waters import TOPICS
from stories.people import Person, mentor

SETTINGS = contention.SETTINGS | {"RELEVE_ACCESS_TOKEN_LIFE": "PT1H"}
NOTIFICATIONS = 20
"""On the page of notifications that is read, and so the weekly cap of each mentor."""
PROJECTS = 5
"""On the page of projects that is read."""
TURNS = 30
"""Turns of posts after which most people's pages must be full: a slow machine posts few projects in a short one."""


@dataclass(frozen=True)
class Product:
    """A route, the process that answers it, who calls it, its floor (`benchmarks.floors`), and the ratio aimed at."""

    method: str
    path: str
    process: str
    role: str
    floor: str
    goal: float
    body: Any = None

    @property
    def title(self) -> str:
        """The row's name in the table."""
        return f"{self.method} {self.path.removeprefix('/api')}"


PRODUCTS = (
    Product("POST", "/api/projects", "projects-http", "client", "transaction", 0.40, PROJECT),
    Product("GET", "/api/accounts/me", "accounts-http", "client", "find", 0.55),
    Product("GET", f"/api/projects?limit={PROJECTS}", "projects-http", "client", "find", 0.5),
    Product("GET", f"/api/notifications?limit={NOTIFICATIONS}", "notify-http", "mentor", "find", 0.5),
    Product("GET", "/api/skills?query=crm", "matching-http", "client", "bare", 0.35),
)


class Market:
    """A system with ``clients`` clients and twenty mentors, most with full pages, and workers without a backlog.

    ``floors`` is the port of the floors. Projects are posted through the gateway; reads go to the services themselves,
    or with ``gateway`` through it, too. Turns of posts of ``seconds`` come first. Raises `Failed` if they do not fill.
    """

    def __init__(
        self, system: System, floors: int, folder: Path, clients: int, seconds: int, *, gateway: bool = False
    ) -> None:
        self._system, self._floors, self._folder, self._gateway = system, floors, folder, gateway
        mentors = [mentor(system.url, f"Mentor {n}", TOPICS, weekly_invitations=NOTIFICATIONS) for n in range(MENTORS)]
        self._people = {"client": contention.signed_up(system, clients), "mentor": mentors}
        for _ in range(TURNS):
            self.turn(PRODUCTS[0], seconds)
            found = {
                "client": self._with("client", PRODUCTS[2].path, PROJECTS),
                "mentor": self._with("mentor", PRODUCTS[3].path, NOTIFICATIONS),
            }
            if all(2 * len(found[role]) > len(people) for role, people in self._people.items()):
                break
        else:
            full = {role: len(people) for role, people in found.items()}
            raise Failed(f"the pages of few people are full after {TURNS} turns of posts: {full}")
        for person in (*self._people["client"], *mentors):
            person.http.close()
        self._people = found

    def turn(self, product: Product, seconds: int) -> Turn:
        """Calls a route for this number of seconds, and returns once every posted project has been handled.

        Raises `Failed` if an answer is not the expected one, `TimeoutError` if a backlog stays.
        """
        turn = wrk.send(self.request(product), seconds, self._folder)
        contention.drain(self._system)
        return turn

    def floor(self, name: str, seconds: int) -> Turn:
        """Calls a floor for this number of seconds. Raises `Failed`."""
        method = "GET" if name in ("bare", "find") else "POST"
        return wrk.send(Request(self._floors, method, f"/{name}"), seconds, self._folder)

    def request(self, product: Product) -> Request:
        """A call of the route, by each of its people in turn."""
        through = self._gateway or product.method == "POST"
        port = self._system.port if through else self._system.port_of(product.process)
        people = [person.http.headers["Authorization"] for person in self._people[product.role]]
        return Request(port, product.method, product.path, people, product.body)

    def _with(self, role: str, path: str, items: int) -> list[Person]:
        """Those whose page at ``path`` has that many items."""
        return [person for person in self._people[role] if len(person.get(path).json()["items"]) == items]
