"""The people of one history, over HTTP: a client and some mentors, who know only what the services have answered.

An answer may be lost. A request repeated under its key gets the same answer.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from werkzeug.test import TestResponse

from chassis.mongo import Document as Row
from tests.histories.history import PROFILE, REASON
from tests.kit.examples import CLIENT, ORGANISATION, PROJECT, TERMS
from tests.kit.market import Market
from tests.kit.services import Running
from tests.simulation.clock import BEGIN, VirtualClock

MENTORS = [f"mentor-{number}" for number in range(1, 8)]
WINDOWS = {"PT6H": timedelta(hours=6), "PT24H": timedelta(hours=24), "PT48H": timedelta(hours=48)}
DAYS = {
    "starts_on": (BEGIN + timedelta(days=90)).date().isoformat(),
    "valid_until": (BEGIN + timedelta(days=365)).date().isoformat(),
}
"""A quote's dates, in virtual time."""
KEPT_ANSWERS = (409, 422)
"""Refusals that are stored under a key; others may differ on a retry."""

WISHES = {
    "open": ["cancellation", "cancellation", "acceptance", "refusal"],
    "closed": ["acceptance"] * 5 + ["refusal", "cancellation"],
    "ended": ["completion"] * 3 + ["acceptance", "refusal", "cancellation"],
}
"""The requests that a client may make about a project, sensible or not."""


@dataclass
class Posted:
    """A project as its client posted it, and the quotes that its mentors know of."""

    id: str
    window: timedelta
    close_early: bool
    auto_extend: bool
    quotes: dict[str, str] = field(default_factory=dict)
    """The live quote of each mentor."""
    acknowledged: dict[str, str] = field(default_factory=dict)
    """The state of each acknowledged quote, as far as its mentor knows."""


@dataclass(frozen=True)
class Asked:
    """A request with a key, and its answer."""

    service: Running
    who: str
    path: str
    body: Any
    key: str
    answer: TestResponse


def sign_up(world: Market) -> dict[str, list[Row]]:
    """Stores the client's organisation and each mentor's profile; returns the stored rows by collection."""
    client = world.projects.call(CLIENT, "PUT", "/api/organisations/me", ORGANISATION)
    assert client.status_code in (200, 201)
    for account in MENTORS:
        assert world.matching.call(account, "PUT", "/api/mentors/me", PROFILE).status_code == 200
    stored = {"organisations": world.projects.database.organisations, "profiles": world.matching.database.profiles}
    return {name: list(rows.find()) for name, rows in stored.items()}


class People:
    """The people of one history; chance decides who acts and how."""

    def __init__(self, world: Market, clock: VirtualClock, chance: random.Random) -> None:
        self._world, self._clock, self._chance = world, clock, chance
        self.projects: dict[str, Posted] = {}
        self._asked: list[Asked] = []

    def post(self) -> tuple[str, str]:
        """The client posts a project; returns its id."""
        window = self._chance.choice(list(WINDOWS))
        early, extends = self._chance.random() < 0.6, self._chance.random() < 0.4
        body = {**PROJECT, "window": window, "close_early": early, "auto_extend": extends}
        answer = self._ask(self._world.projects, CLIENT, "/api/projects", body)
        assert answer.status_code == 201, answer.text
        project = Posted(answer.get_json()["id"], WINDOWS[window], early, extends)
        self.projects[project.id] = project
        return f"posts {window}, close_early {early}, auto_extend {extends}", project.id

    def mentor_acts(self, project: Posted, account: str) -> tuple[str, Running]:
        """A mentor acts on a project; returns the outcome and the service that was called."""
        names = ["quote"] * 5 + ["claim"] * 2 + ["revise", "withdraw", "decline"]
        name = self._chance.choice(names)
        if name == "decline":
            return f"{account} declines: {self._decline(project, account)}", self._world.matching
        if self._chance.random() < 0.1:
            self._clock.hold_up_next(self._chance.choice([timedelta(seconds=30), project.window / 2, project.window]))
        result = {"quote": self._quote, "claim": self._claim, "revise": self._revise, "withdraw": self._withdraw}[name]
        said = f"{account} would {name}: {result(project, account)}"
        self._clock.hold_up_next(timedelta(0))  # in case no unit of work ran
        return said, self._world.quotes

    def client_acts(self, project: Posted, state: str) -> str:
        """The client cancels, chooses, chooses again, refuses all quotes or completes the project."""
        name = self._chance.choice(WISHES[state])
        body: dict[str, Any] = {"reason": REASON}
        if name == "acceptance":
            body = {"quote_id": self._wish(project)}
        if name == "completion":
            body = {"rating": 5, "comment": "Merci"}
        path = f"/api/projects/{project.id}/{name}"
        return f"client: {name}: {named(self._ask(self._world.projects, CLIENT, path, body))}"

    def can_ask_again(self) -> bool:
        """Whether there is a request to repeat."""
        return bool(self._asked)

    def ask_again(self) -> str:
        """Repeats a request whose answer was lost."""
        asked = self._chance.choice(self._asked)
        again = self._send(asked.service, asked.who, asked.path, asked.body, asked.key)
        first, second = (named(asked.answer), named(again))
        assert first == second, f"the same request is answered {first}, then {second}"
        if asked.answer.status_code < 400:
            assert asked.answer.get_json() == again.get_json(), "the same request is answered in two ways"
        return f"{asked.who} asks again: {second}"

    def read_as_client(self, project: str) -> TestResponse:
        """The quotes that the client reads."""
        return self._world.quotes.call(CLIENT, "GET", f"/api/quotes?project_id={project}")

    def _wish(self, project: Posted) -> str:
        """The id of a quote that the client reads or, rarely, of one that existed before."""
        shown = self.read_as_client(project.id)
        ids = [item["id"] for item in shown.get_json()["items"]] if shown.status_code == 200 else []
        if not ids or self._chance.random() < 0.15:
            ids = list(project.acknowledged) or ["none"]
        return str(self._chance.choice(ids))

    def _claim(self, project: Posted, account: str) -> str:
        return named(self._ask(self._world.quotes, account, f"/api/rounds/{project.id}/claim", None))

    def _quote(self, project: Posted, account: str) -> str:
        body = {**TERMS, **DAYS, "project_id": project.id}
        answer = self._ask(self._world.quotes, account, "/api/quotes", body)
        if answer.status_code == 201:
            quote_id = answer.get_json()["id"]
            project.quotes[account], project.acknowledged[quote_id] = quote_id, "sealed"
        return named(answer)

    def _revise(self, project: Posted, account: str) -> str:
        if (quote_id := project.quotes.get(account)) is None:
            return "has none"
        answer = self._world.quotes.call(account, "PATCH", f"/api/quotes/{quote_id}", {"days": 5})
        if answer.status_code == 200:
            project.acknowledged[quote_id] = "revised"
        return named(answer)

    def _withdraw(self, project: Posted, account: str) -> str:
        if (quote_id := project.quotes.get(account)) is None:
            return "has none"
        answer = self._world.quotes.call(account, "DELETE", f"/api/quotes/{quote_id}")
        if answer.status_code == 204:
            project.acknowledged[quote_id] = "withdrawn"
            del project.quotes[account]
        return named(answer)

    def _decline(self, project: Posted, account: str) -> str:
        items = self._world.matching.call(account, "GET", "/api/invitations").get_json()["items"]
        mine = [item["id"] for item in items if item["project_id"] == project.id]
        if not mine:
            return "not invited"
        return named(self._ask(self._world.matching, account, f"/api/invitations/{mine[0]}/decline", {}))

    def _ask(self, service: Running, who: str, path: str, body: Any) -> TestResponse:
        key = f"key-{self._chance.getrandbits(64):x}"
        answer = self._send(service, who, path, body, key)
        if answer.status_code < 400 or answer.status_code in KEPT_ANSWERS:
            self._asked.append(Asked(service, who, path, body, key, answer))
        return answer

    def _send(self, service: Running, who: str, path: str, body: Any, key: str) -> TestResponse:
        return service.call(who, "POST", path, body, Idempotency_Key=key)


def named(answer: TestResponse) -> str:
    """``201`` and the like, or the name of the refusal."""
    if answer.status_code < 400:
        return str(answer.status_code)
    return str(answer.get_json(force=True)["type"]).removeprefix("urn:releve:problem:")
