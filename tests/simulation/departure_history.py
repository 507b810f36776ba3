"""A history of people who leave, while projects are posted, awarded and completed, in any order of arrival."""

from collections import Counter
from datetime import timedelta
from typing import Any

from werkzeug.test import TestResponse

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.ids import new_id
from chassis.mongo import Document as Row
from services.accounts import store
from services.accounts.commands.departures import ask_erasure, erase, stop_erasure
from tests.kit.answers import body
from tests.kit.examples import PROJECT, TERMS
from tests.kit.services import Running, internally
from tests.simulation.departure_watch import DepartureWatch
from tests.simulation.departures import CLIENTS, MENTORS, DepartureStage
from tests.simulation.driver import Driver, Steps
from tests.simulation.people import DAYS, named

MOST_PROJECTS = 3
WINDOW = timedelta(hours=6)
MOST_ASKED = 8
"""How many departures a history may begin while it comes to its end."""
REVIEW = {"rating": 5, "comment": "Merci"}
REASON = {"reason": "Le besoin a changé."}
WISHES = ["acceptance"] * 8 + ["completion"] * 2 + ["refusal", "cancellation"]
"""The requests that a client may make about a project, sensible or not."""


class DepartureHistory(Driver):
    """One history. In some, an older version of accounts erases people without asking projects.

    ``early``: people leave while the windows are open, too.
    """

    def __init__(self, stage: DepartureStage, seed: int, *, early: bool = False) -> None:
        super().__init__(stage.services, stage.clock, seed)
        self._early = early
        self._stage, self._world, self._accounts = stage, stage.world, stage.accounts
        self._older = self._chance.random() < 0.3
        self._watch = DepartureWatch(stage, self._older)
        self._posted: list[str] = []
        self._asked = 0
        self.ends: Counter[str] = Counter()
        """How the departures ended."""

    def _begin(self) -> None:
        """Quotes are in and the windows end; what follows is delivered in any order."""
        self._stage.clear()
        for _ in range(MOST_PROJECTS):
            self._post()
        self._deliver_all()
        for mentor, project in self._could_quote():
            if self._chance.random() < 0.8:
                self._quote(mentor, project)
        self._deliver_all()
        if self._early:
            self._leave_early()
        if (first := self._next_deadline()) is not None:
            self._clock.pass_to(max(first, self._clock.moment + WINDOW))
        self._time_has_passed()
        self._fire_all(self._processes["quotes"])

    def _leave_early(self) -> None:
        """Some leave while quotes are collected; what they cause is delivered in part before the windows end."""
        for account in self._chance.sample([*MENTORS, *CLIENTS], 3):
            self._ask(account)
        self._clock.pass_to(self._clock.moment + timedelta(minutes=11))
        self._time_has_passed()
        self._fire_all(self._processes["accounts"])
        for _ in range(self._chance.randint(40, 200)):
            if (busy := self._busy()) is not None:
                self._deliver(busy)
        for mentor, project in self._could_quote():
            if self._chance.random() < 0.5:
                self._quote(mentor, project)

    def _deliver_all(self) -> None:
        while (busy := self._busy()) is not None:
            self._deliver(busy)

    def _people(self) -> Steps:
        yield 0.7, self._let_time_pass
        if self._choosing():
            yield 1.0, self._choose
        yield 0.2, self._choose
        yield 0.25, self._leave
        if self._accounts.database.departures.find_one({}, {"_id": 1}):
            yield 0.2, self._stop
        if self._older:
            yield 0.7 if self._needed() else 0.02, self._erase_at_once

    def _settling(self) -> bool:
        if self._choosing() and self._chance.random() < 0.8:
            self._choose()
        elif self._asked < MOST_ASKED and self._chance.random() < 0.5:
            self._leave()
        else:
            return False
        return True

    def _after(self, service: Running, subject: str) -> bool:
        if service in (self._world.projects, self._accounts):  # the others' steps change nothing that it looks at
            self._watch.look()
        return service.database.outbox.find_one({"pending": True}, {"_id": 1}) is not None

    def _check(self) -> None:
        self.ends = self._watch.check_end(self._log, [one.effects for one in self._processes.values()])

    # One step of a person.

    def _post(self) -> None:
        client = self._chance.choice(CLIENTS)
        answer = self._world.projects.call(client, "POST", "/api/projects", PROJECT | {"window": "PT6H"})
        if answer.status_code == 201:
            self._posted.append(str(body(answer)["id"]))
        self._done(self._world.projects, f"{client} posts: {named(answer)}")

    def _quote(self, mentor: str, project: str) -> None:
        answer = self._world.quotes.call(mentor, "POST", "/api/quotes", {**TERMS, **DAYS, "project_id": project})
        self._done(self._world.quotes, f"{mentor} quotes: {named(answer)}")

    def _choose(self) -> None:
        open_ones = self._choosing() if self._chance.random() < 0.8 else []
        project = self._chance.choice(open_ones or self._posted)
        client = self._chance.choice(self._project(project).get("clients") or CLIENTS)
        wish = self._chance.choice(WISHES)
        said: dict[str, Any] = {"completion": REVIEW, "refusal": REASON, "cancellation": REASON}
        if wish == "acceptance":
            known = self._world.quotes.database.rounds.find_one({"_id": project}) or {"slots": []}
            ids = sorted(slot["quote_id"] for slot in known["slots"] if slot["quote_id"])
            ids += sorted((self._project(project)).get("left", []))
            said[wish] = {"quote_id": self._chance.choice(ids or ["none"])}
        answer = self._world.projects.call(client, "POST", f"/api/projects/{project}/{wish}", said[wish])
        self._done(self._world.projects, f"{client} {wish}: {named(answer)}")

    def _leave(self) -> None:
        projects = self._world.projects.database.projects
        chosen = [row["chosen"] for row in projects.find({"chosen": {"$ne": None}}, {"chosen": 1})]
        account = self._chance.choice([*MENTORS, *CLIENTS, *sorted(chosen)])
        if self._chance.random() < 0.5 and self._is_bound(account):  # otherwise an award comes after the question
            self._say("people", f"{account} is bound")
            return
        self._ask(account)

    def _ask(self, account: str) -> None:
        question, self._asked = new_id(), self._asked + 1
        self._try(account, lambda unit, actor: ask_erasure(unit, actor, question, self._accounts.config), "asks")

    def _stop(self) -> None:
        self._try(self._chance.choice([*MENTORS, *CLIENTS]), stop_erasure, "stops")

    def _erase_at_once(self) -> None:
        needed = self._needed() if self._chance.random() < 0.8 else []
        account = self._chance.choice(needed or [*MENTORS, *CLIENTS])

        def effect(unit: Any, actor: Actor) -> Row:
            erase(unit, store.my_account(unit, actor), self._accounts.config)
            return {}

        self._try(account, effect, "is erased at once")

    def _try(self, account: str, effect: Any, what: str) -> None:
        actor, said = Actor(account, "", ""), "done"
        try:
            self._accounts.work.run(lambda unit: effect(unit, actor))
        except Refusal as refusal:
            said = refusal.name
        if said == "done" and what == "stops":
            self._watch.stopped += 1
        self._done(self._accounts, f"{account} {what}: {said}")

    def _is_bound(self, account: str) -> bool:
        """As accounts asks, over the internal route."""
        path = f"/internal/commitments/{account}"
        answer: TestResponse = self._world.projects.app.test_client().get(
            path, headers=internally("accounts", "projects")
        )
        return bool(body(answer)["bound"])

    def _could_quote(self) -> list[tuple[str, str]]:
        """The mentors and projects of invitations that are not used yet."""
        database = self._world.quotes.database
        rounds = {row["_id"]: row for row in database.rounds.find({"reason": None})}
        slots = {(slot["account"], key) for key, row in rounds.items() for slot in row["slots"]}
        invited = {(row["account"], row["project_id"]) for row in database.invitations.find()}
        return sorted(pair for pair in invited - slots if pair[1] in rounds)

    def _needed(self) -> list[str]:
        """The mentors who may be chosen, and both sides of an award whose order is pending."""
        database = self._world.projects.database
        ordered = {row["_id"] for row in database.orders.find({}, {"_id": 1})}
        mentors = [quote["account"] for one in self._choosing() for quote in self._project(one)["received"]]
        awards = [row for row in database.projects.find({"state": "awarded"}) if row["_id"] not in ordered]
        return sorted([*mentors, *(one for row in awards for one in (*row["clients"], row["chosen"]))])

    def _choosing(self) -> list[str]:
        """The projects whose client may choose."""
        return sorted(row["_id"] for row in self._world.projects.database.projects.find({"state": "choosing"}))

    def _project(self, project_id: str) -> Row:
        return self._world.projects.database.projects.find_one({"_id": project_id}) or {}

    def _done(self, service: Running, said: str) -> None:
        self._say("people", said)
        self._changed(service, ["-"])
