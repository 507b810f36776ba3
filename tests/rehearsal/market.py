"""A small market whose people retry while a part of Relève is down."""

from collections.abc import Callable
from typing import Any

import httpx

from stories.nestle_waters import ORGANISATION, SOLUTION
from stories.people import Person, about, client, mentor, offer
from tests.kit.waiting import NotInTime, until

TOPICS = ["website-creation", "crm"]
MENTORS = 5
PATIENCE_S = 180.0
AGAIN_S = 0.2


class NotServed(Exception):
    """A request was not served within the timeout."""


class Market:
    """One client and five mentors, each with an account."""

    def __init__(self, url: str) -> None:
        self.mentors = [mentor(url, f"Mentor {n}", TOPICS, weekly_invitations=50) for n in range(MENTORS)]
        self.client = client(url, ORGANISATION, "Hélène")
        self.refused = 0
        """The number of responses reporting an outage, and of broken connections."""

    @property
    def people(self) -> list[Person]:
        """The client and the mentors."""
        return [self.client, *self.mentors]

    def post(self, window: str = "PT1H") -> str:
        """Posts a project and returns its id once every mentor is invited and may quote."""
        body = {"title": "Bâtir un site", **about(TOPICS), "languages": ["fr"], "window": window}
        project_id: str = self.insist(lambda: self.client.post("/api/projects", body), 201)["id"]
        for person in self.mentors:
            self.insist(lambda person=person: person.get(f"/api/rounds/{project_id}"), 200)  # type: ignore[misc]
        return project_id

    def quote(self, project_id: str, number: int) -> str:
        """Submits a quote of the mentor with this number; returns its id."""
        person, body = self.mentors[number], offer(project_id, 1_000 + number, SOLUTION)
        key = f"{project_id}-{number}"
        given = self.insist(lambda: person.post("/api/quotes", body, **{"Idempotency-Key": key}), 201)
        return str(given["id"])

    def finish(self, project_id: str) -> None:
        """Submits five quotes, which end the window; the client chooses, and everyone is notified."""
        quotes = [self.quote(project_id, number) for number in range(MENTORS)]
        path = f"/api/projects/{project_id}"
        self.insist(lambda: self.client.get(path), 200, lambda project: project["state"] == "choosing")
        choice = {"quote_id": quotes[0]}
        self.insist(lambda: self.client.post(f"{path}/acceptance", choice, **{"Idempotency-Key": project_id}), 200)
        for number, person in enumerate(self.mentors):
            kind = "not-chosen" if number else "chosen"
            self.insist(
                lambda person=person: person.get("/api/notifications?limit=200"), 200,  # type: ignore[misc]
                lambda page, kind=kind: any(  # type: ignore[misc]
                    news["kind"] == kind and news["project_id"] == project_id for news in page["items"]),
            )  # fmt: skip

    def insist(
        self, ask: Callable[[], httpx.Response], status: int, true: Callable[[Any], bool] = lambda body: True
    ) -> Any:
        """Retries until a response has this status and satisfies `true`; returns its body.

        404 and 409 may mean that an event has not arrived yet. Raises NotServed.
        """

        def once() -> tuple[bool, Any]:
            try:
                answer = ask()
            except httpx.TransportError as error:
                self.refused += 1
                return False, type(error).__name__
            if answer.status_code == status and true(answer.json()):
                return True, answer.json()
            self.refused += answer.status_code >= 500
            return False, f"{answer.status_code} {answer.text[:200]}"

        try:
            return until(once, PATIENCE_S, lambda found: found[0], every_s=AGAIN_S)[1]
        except NotInTime as error:
            raise NotServed(str(error)) from error
