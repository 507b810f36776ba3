"""One project from the client's post to the mentor's outcome, by people who act at scheduled times.

The schedule is fixed when the project arrives. An action that needs a notification (an invitation, the end of the
window) happens at the later of its scheduled time and the notification; the wait is a figure of its own. A mentor's
week takes seconds; only idle time is shortened.
"""

import random
import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import AsyncResult
from gevent.pool import Group

from stories.nestle_waters import TOPICS
from stories.people import about, offer
from tests.kit.oracle.five import CAME, LATE, REFUSED, TAKEN_BACK, UNKNOWN, Ledger
from tests.load.people import Page, Person, Unfinished
from tests.load.proposals import proposal

LONG, SHORT_S = "PT2H", 15
"""The window of a project that ends before its deadline, and of one that ends at its deadline."""
ACTORS = 9
"""Mentors of a project who act; the other eleven of the twenty invited do not respond."""
QUOTERS, RACERS = range(4), range(4, 7)
ASKER, DECLINER = 7, 8
INVITED_S = 1.0
"""When mentors start to read, if the notification has arrived."""
RACE_S = 7.0
"""When three mentors concurrently submit a quote for the last free slot."""
LIST = "?limit=20"
UNFILLED = "project-unfilled"
ENDS = ("window-ended", UNFILLED)
OVER = (":round-full", ":window-ended", ":claim-spent", ":already-ended")
"""Valid problem types for a late action. Its lateness counts in the latency of the request."""

Tell = Callable[[str, float, float], None]
"""Called with a kind of notification, the scheduled time of its cause, and its arrival (both monotonic)."""


class Story:
    """One project. `play` returns the ledger and an error text, which is empty on success."""

    def __init__(
        self, kind: str, due: float, client: Person, mentors: list[Person], language: str, lots: random.Random,
        tell: Tell,
    ) -> None:  # fmt: skip
        self.kind, self.due, self.client, self.language, self.tell = kind, due, client, language, tell
        self.actors = lots.sample(mentors, ACTORS)
        self.takes_back = lots.random() < 0.1
        self.proposals = [proposal(lots) for _ in self.actors]
        self.project: AsyncResult = AsyncResult()
        self.invited: AsyncResult = AsyncResult()
        """When the first mentor was notified of the project (monotonic); the wave reaches all of them together."""
        self.accepted: AsyncResult = AsyncResult()
        """When the choice was scheduled (monotonic), and the id of the chosen quote, empty if none."""
        self.quotes: dict[int, str] = {}
        self.ledger = Ledger("", kind)
        self.wrong: list[str] = []

    def play(self) -> tuple[Ledger, str]:
        """Plays the whole story; never raises."""
        people = Group()
        people.spawn(self._safely, self._client)
        for number in range(ACTORS):
            people.spawn(self._safely, self._mentor, number)
        people.join()
        return self.ledger, self.wrong[0] if self.wrong else ""

    def at(self, seconds: float) -> float:
        """The time ``seconds`` after the project's arrival (monotonic)."""
        return self.due + seconds

    def then(self, seconds: float) -> float:
        """Like `at`, for actions that need the invitation: delayed by its lateness beyond `INVITED_S`."""
        return self.at(seconds) + max(0.0, self.invited.get() - self.at(INVITED_S))

    def _safely(self, act: Callable[..., None], *arguments: int) -> None:
        try:
            act(*arguments)
        except (Unfinished, gevent.Timeout) as error:
            self.wrong.append(str(error))
        except Exception as error:
            self.wrong.append(f"{act.__name__}: {type(error).__name__}: {error!s:.100}")
        finally:  # releases waiters after a failure
            if self.wrong:
                for waited in (self.project, self.invited, self.accepted):
                    if not waited.ready():
                        waited.set_exception(Unfinished(self.wrong[0]))

    # --- the client

    def _client(self) -> None:
        client = self.client
        with client.watch() as page:
            body = {
                "title": "Accompagner nos équipes marketing vers le numérique", **about(TOPICS),
                "languages": [self.language], "budget": {"amount": 500_000, "currency": "EUR"},
                "window": LONG if self.kind in ("full", "cancelled") else f"PT{SHORT_S}S",
                "close_early": self.kind in ("full", "cancelled"),
            }  # fmt: skip
            project_id = client.ask(self.at(0), "POST /api/projects", wanted=(201,), body=body)["id"]
            self.ledger.project_id = project_id
            self.project.set(project_id)
            client.ask(self.at(0.5), "GET /api/projects/{id}", id=project_id)
            client.ask(self.at(3), "GET /api/rounds/{id}", again=(404,), id=project_id)
            client.ask(self.at(4.5), "GET /api/notifications", query=LIST)
            self._peek(project_id)
            self._answer(project_id)
            if self.kind == "cancelled":
                self._cancel(project_id)
            else:
                self._choose(project_id, page)

    def _peek(self, project_id: str) -> None:
        """Tries to read the quotes while the window is open."""
        mine = f"?project_id={project_id}"
        answer = self.client.ask(self.then(5), "GET /api/quotes", wanted=(200, 409), again=(404,), query=mine)
        surely_open = self.kind == "full" or time.monotonic() < self.at(SHORT_S)
        if "items" in answer and surely_open:
            self.ledger.peeked = len(answer["items"])

    def _answer(self, project_id: str) -> None:
        found = self.client.ask(self.then(5.5), "GET /api/projects/{id}/questions", id=project_id)
        for question in found["items"]:
            body, ids = {"text": "Deux ateliers par mois, le mardi matin."}, {"id": project_id, "qid": question["id"]}
            self._unless_over(
                self.client, self.then(6), "POST /api/projects/{id}/questions/{qid}/answer", body=body, **ids
            )

    def _cancel(self, project_id: str) -> None:
        body = {"reason": "Le budget est reporté à l'année prochaine."}
        self.client.ask(self.then(7), "POST /api/projects/{id}/cancellation", id=project_id, body=body)
        self.accepted.set((0.0, ""))

    def _choose(self, project_id: str, page: Page) -> None:
        ends = self.then(RACE_S) if self.kind == "full" else self.at(SHORT_S)
        ended, came = page.came(ENDS, project_id, ends - time.monotonic() + Person.patience)
        self.tell("window-ended", ends, came)
        if ended == UNFILLED:  # the invitations came too late for any quote
            self.accepted.set((0.0, ""))
            return
        read = max(came, self.then(RACE_S + 1))
        client = self.client
        client.ask(read, "GET /api/projects/{id}", id=project_id, until=lambda project: project["state"] == "choosing")
        self.ledger.received = client.ask(read, "GET /api/rounds/{id}", id=project_id)["received"]
        quotes = client.ask(read, "GET /api/quotes", query=f"?project_id={project_id}")["items"]
        self.ledger.shown = [quote["id"] for quote in quotes]
        cards = {quote["mentor_id"] for quote in quotes}
        client.ask(read, "GET /api/mentors", query=f"?project_id={project_id}", again=(404,),
                   until=lambda page: {card["id"] for card in page["items"]} >= cards)  # fmt: skip
        chosen, quote_id = read + 1, self.quotes.get(0, self.ledger.shown[0])
        client.ask(chosen, "POST /api/projects/{id}/acceptance", id=project_id, body={"quote_id": quote_id})
        self.accepted.set((chosen, quote_id))
        client.ask(chosen + 0.5, "GET /api/projects/{id}/client", id=project_id)

    # --- the mentors

    def _mentor(self, number: int) -> None:
        """Reads the invitation and acts on it; the first mentor keeps the notifications page open."""
        mentor = self.actors[number]
        if number == 0:
            with mentor.watch() as page:
                project_id = self.project.get()
                _, came = page.came(("invited",), project_id, Person.patience)
                self.tell("invited", self.due, came)
                self.invited.set(came)
                self._act(mentor, number, project_id, page)
        else:
            self._act(mentor, number, self.project.get(), None)

    def _act(self, mentor: Person, number: int, project_id: str, page: Page | None) -> None:
        def here(listed: Any) -> Any:
            return next((item["id"] for item in listed["items"] if item["project_id"] == project_id), None)

        listed = mentor.ask(self.then(INVITED_S + 0.1 * number), "GET /api/invitations", query=LIST, until=here)
        mentor.ask(self.then(1.5 + 0.1 * number), "GET /api/invitations/{id}", id=here(listed))
        if number == ASKER:
            self._question(mentor, project_id)
        elif number == DECLINER:
            decline = "POST /api/invitations/{id}/decline"
            body = {"reason": "Pas disponible ce mois-ci."}
            self._unless_over(mentor, self.then(2.8), decline, id=here(listed), body=body)
        elif number in QUOTERS[: 2 if self.kind == "cancelled" else 3 if self.kind == "few" else 4]:
            self._quoter(mentor, number, project_id)
        elif number in RACERS and self.kind in ("full", "deadline"):
            self._quote(mentor, self.then(RACE_S), project_id, number)
        if page is not None:
            self._outcome(mentor, project_id, page)

    def _quoter(self, mentor: Person, number: int, project_id: str) -> None:
        mentor.ask(self.then(2.4 + 0.1 * number), "GET /api/rounds/{id}", again=(404,), id=project_id)
        if number < 2:
            claim = "POST /api/rounds/{id}/claim"
            self._unless_over(mentor, self.then(2.8 + 0.1 * number), claim, wanted=201, id=project_id, body={})
        self._quote(mentor, self.then(3.5 + 0.3 * number), project_id, number)
        mine = self.quotes.get(number)
        if mine is None:
            return
        if number == 3 and self.takes_back:
            self._take_back(mentor, mine)
            self._quote(mentor, self.then(5.8), project_id, number)
        elif number in (0, 2):
            body = {"price": {"amount": 390_000, "currency": "EUR"}}
            self._unless_over(mentor, self.then(5.2), "PATCH /api/quotes/{id}", id=mine, body=body)
        if number == 1 and self.kind != "cancelled":  # the outcome
            due = max(self.accepted.get()[0], self.then(9))
            mentor.ask(due, "GET /api/quotes", query=f"?project_id={project_id}",
                       until=lambda page: page["items"][0].get("outcome"))  # fmt: skip
            mentor.ask(due, "GET /api/notifications", query=LIST)

    def _unless_over(self, person: Person, due: float, route: str, *, wanted: int = 200, **more: Any) -> bool:
        """Sends a request that is valid only while quotes are collected; returns whether it was in time."""
        final: list[int] = []
        answer = person.ask(due, route, wanted=(wanted, 409), again=(404,), tell=final.append, **more)
        if final == [wanted]:
            return True
        if not answer["type"].endswith(OVER):
            raise Unfinished(f"{route}: 409 {answer['type']}")
        return False

    def _quote(self, mentor: Person, due: float, project_id: str, number: int) -> None:
        """Submits a quote and records the response."""
        final: list[int] = []
        try:
            given = mentor.ask(due, "POST /api/quotes", wanted=(201, 409), again=(404,), tell=final.append,
                               body=offer(project_id, 3_600 + 100 * number, self.proposals[number]))  # fmt: skip
        except Unfinished:
            self.ledger.answers.append((UNKNOWN, ""))
            raise
        if final == [201]:
            self.quotes[number] = given["id"]
            self.ledger.answers.append((CAME, given["id"]))
            return
        if not given["type"].endswith(OVER):
            raise Unfinished(f"POST /api/quotes: 409 {given['type']}")
        by_time = given["type"].endswith(":window-ended") and self.kind in ("deadline", "few")
        self.ledger.answers.append((LATE if by_time else REFUSED, ""))

    def _take_back(self, mentor: Person, quote_id: str) -> None:
        try:
            if self._unless_over(mentor, self.then(5), "DELETE /api/quotes/{id}", wanted=204, id=quote_id):
                self.ledger.answers.append((TAKEN_BACK, quote_id))
        except Unfinished:
            self.ledger.answers.append((UNKNOWN, quote_id))
            raise

    def _question(self, mentor: Person, project_id: str) -> None:
        route = "POST /api/projects/{id}/questions"
        body = {"text": "Quels outils vos équipes utilisent-elles aujourd'hui ?"}
        self._unless_over(mentor, self.then(2.6), route, wanted=201, id=project_id, body=body)
        mentor.ask(self.then(6.6), "GET /api/projects/{id}/questions", id=project_id)

    def _outcome(self, mentor: Person, project_id: str, page: Page) -> None:
        """The first mentor is chosen and reads the client's identity."""
        if self.kind == "cancelled":
            return
        chosen, quote_id = self.accepted.get()
        if quote_id != self.quotes.get(0):
            return
        _, came = page.came(("chosen",), project_id, Person.patience)
        self.tell("chosen", chosen, came)
        mentor.ask(came, "GET /api/projects/{id}/client", again=(404,), id=project_id)
        unread = mentor.ask(came + 0.3, "GET /api/notifications", query=f"{LIST}&unread=true")["items"]
        news = next((item["id"] for item in unread if item["project_id"] == project_id), None)
        if news:
            mentor.ask(came + 0.6, "POST /api/notifications/{id}/read", id=news, body={})
