"""One project of the load, from posting to end: a plan for every person is drawn first, then carried out."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from stories.people import in_days
from tests.faults.people import Answer, Person

TOPICS = ["crm", "website-creation"]
BRIEF = "Nous souhaitons que de jeunes professionnels accompagnent nos équipes marketing, deux ateliers par mois."
SOLUTION = (
    "Je propose un diagnostic d'une demi-journée, puis six ateliers pratiques : un site témoin monté ensemble, une "
    "ligne éditoriale pour les réseaux sociaux, un CRM pris en main sur vos propres cas, et deux activations mesurées. "
    "Chaque atelier laisse une fiche d'une page et un exercice corrigé."
)
REASON = "Le budget de cette année a changé."
ENDINGS = ("accept", "accept", "accept", "accept", "refuse", "refuse", "leave", "cancel")
COUNTS = (0, 1, 2, 3, 4, 5, 5, 5, 6, 7)
"""Number of mentors who try; a sixth may still find a slot that was freed."""
NEWS_WITHIN_S = 120.0
"""How long a client waits for the end to arrive, through any fault, seconds."""


@dataclass(frozen=True)
class Part:
    """The actions of one invited mentor; ``at`` is their time as a fraction of the window."""

    at: float
    declines: bool = False
    claims: bool = False
    revises: int = 0
    withdraws: bool = False
    returns: bool = False
    peeks: bool = False


@dataclass(frozen=True)
class Plan:
    """The actions of all people; ``cancels_at`` is a fraction of the window."""

    close_early: bool
    auto_extend: bool
    parts: tuple[Part, ...]
    ending: str
    cancels_at: float
    completes: bool


def draw(chance: random.Random) -> Plan:
    """The same plan for the same ``chance``."""
    quoting = [
        Part(
            at=chance.uniform(0.0, 0.45),
            claims=chance.random() < 0.4,
            revises=chance.choice((0, 0, 0, 1, 1, 2)),
            withdraws=(back := chance.random() < 0.15),
            returns=back and chance.random() < 0.5,
            peeks=chance.random() < 0.2,
        )
        for _ in range(chance.choice(COUNTS))
    ]
    declining = [Part(at=chance.uniform(0.0, 0.3), declines=True) for _ in range(chance.choice((0, 0, 0, 1)))]
    parts = [*quoting, *declining]
    chance.shuffle(parts)
    return Plan(
        close_early=chance.random() < 0.5,
        auto_extend=chance.random() < 0.3,
        parts=tuple(parts),
        ending=chance.choice(ENDINGS),
        cancels_at=chance.uniform(0.2, 0.8),
        completes=chance.random() < 0.3,
    )


Invited = asyncio.Queue[tuple[Person, str]]
"""Mentors with the id of their invitation, in the order in which they learn of it."""


class Script:
    """One project and its people. `play` returns once all of them have finished."""

    def __init__(
        self, title: str, plan: Plan, client: Person, window: timedelta, invited: Callable[[str], Invited], seed: str
    ) -> None:
        self._title, self._plan, self._client, self._window_s = title, plan, client, window.total_seconds()
        self._invited, self._chance = invited, random.Random(seed)
        self._project = ""
        self._quotes: dict[str, Person] = {}

    async def play(self) -> None:
        """Posts the project, lets mentors and client act, and follows it to its end."""
        posted = await self._client.ask("POST", "/api/projects", self._body())
        if not posted.done:
            return
        self._project = posted.body["id"]
        invited = self._invited(self._project)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hand_out(invited, group))
            if self._plan.ending == "cancel":
                await asyncio.sleep(self._plan.cancels_at * self._window_s)
                await self._of_client("POST", "/api/projects/{project_id}/cancellation", {"reason": REASON})
        state = await self._ended()
        if state == "choosing":
            await self._choose()
        await self._read_news()

    def _body(self) -> dict[str, Any]:
        return {
            "title": self._title,
            "brief": BRIEF,
            "topics": TOPICS,
            "languages": ["fr"],
            "budget": {"amount": 500_000, "currency": "EUR"},
            "window": f"PT{self._window_s:g}S",
            "close_early": self._plan.close_early,
            "auto_extend": self._plan.auto_extend,
        }

    async def _of_client(self, method: str, route: str, body: Any = None) -> Answer:
        return await self._client.ask(method, route, body, project=self._project)

    async def _hand_out(self, invited: Invited, group: asyncio.TaskGroup) -> None:
        """Gives each part to the next mentor who learns of the invitation, while the window is open."""
        began = asyncio.get_running_loop().time()
        for part in self._plan.parts:
            left = began + 1.5 * self._window_s - asyncio.get_running_loop().time()
            try:
                person, invitation = await asyncio.wait_for(invited.get(), max(left, 0.01))
            except TimeoutError:
                return
            group.create_task(self._act(part, person, invitation))

    async def _act(self, part: Part, person: Person, invitation: str) -> None:
        await asyncio.sleep(part.at * self._window_s)
        if part.peeks:
            await self._peek(person)
        if part.declines:
            route = "/api/invitations/{invitation_id}/decline"
            await person.ask("POST", route, {}, project=self._project, invitation_id=invitation)
            return
        if part.claims:
            route, soon = "/api/rounds/{project_id}/claim", self._window_s
            await person.ask("POST", route, {}, project=self._project, found_within_s=soon)
            await self._think()
        quote_id = await self._quote(person)
        for _ in range(part.revises if quote_id else 0):
            await self._think()
            price = {"price": {"amount": self._chance.randint(100_000, 500_000), "currency": "EUR"}}
            await person.ask("PATCH", "/api/quotes/{quote_id}", price, project=self._project, quote_id=quote_id)
        if quote_id and part.withdraws:
            await self._think()
            await person.ask("DELETE", "/api/quotes/{quote_id}", project=self._project, quote_id=quote_id)
            if part.returns:
                await self._think()
                await self._quote(person)

    async def _think(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.01, 0.08) * self._window_s)

    async def _quote(self, person: Person) -> str:
        body = {
            "project_id": self._project,
            "price": {"amount": self._chance.randint(100_000, 500_000), "currency": "EUR"},
            "days": 3.5,
            "starts_on": in_days(30),
            "valid_until": in_days(90),
            "proposal": SOLUTION,
        }
        soon = self._window_s
        answer = await person.ask("POST", "/api/quotes", body, project=self._project, found_within_s=soon)
        if not answer.done:
            return ""
        quote_id: str = answer.body["id"]
        self._quotes[quote_id] = person
        return quote_id

    async def _peek(self, person: Person) -> Answer:
        return await person.ask("GET", "/api/projects/{project_id}/client", project=self._project)

    async def _ended(self) -> str:
        """The project's state after it stopped collecting quotes; empty if that did not arrive in time."""
        clock = asyncio.get_running_loop()
        patience = clock.time() + 1.5 * self._window_s + NEWS_WITHIN_S
        while clock.time() < patience:
            answer = await self._of_client("GET", "/api/projects/{project_id}")
            if answer.done and answer.body["state"] != "collecting":
                return str(answer.body["state"])
            await asyncio.sleep(max(0.5, self._window_s / 8))
        return ""

    async def _choose(self) -> None:
        mine = f"?project_id={self._project}"
        listed = await self._client.ask("GET", "/api/quotes", project=self._project, query=mine)
        quotes = sorted(quote["id"] for quote in listed.body["items"]) if listed.done else []
        if not quotes or self._plan.ending == "leave":
            return
        if self._plan.ending in ("refuse", "cancel"):
            await self._of_client("POST", "/api/projects/{project_id}/refusal", {"reason": REASON})
            return
        chosen = self._chance.choice(quotes)
        accepted = await self._of_client("POST", "/api/projects/{project_id}/acceptance", {"quote_id": chosen})
        for quote_id in quotes:
            if quote_id in self._quotes:
                await self._peek(self._quotes[quote_id])
        if accepted.done and self._plan.completes:
            review = {"rating": 5, "comment": "Merci."}
            await self._of_client("POST", "/api/projects/{project_id}/completion", review)
            if chosen in self._quotes:
                route = "/api/projects/{project_id}/completion"
                await self._quotes[chosen].ask("POST", route, review, project=self._project)

    async def _read_news(self) -> None:
        page = await self._client.ask("GET", "/api/notifications", query="?unread=true&limit=20")
        mine = [n["id"] for n in page.body["items"] if n["project_id"] == self._project] if page.done else []
        if mine:
            route = "/api/notifications/{notification_id}/read"
            await self._client.ask("POST", route, {}, project=self._project, notification_id=mine[0])
