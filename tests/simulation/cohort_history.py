"""A history of a programme: its owner and its people act, solvers find pairs, events are late, processes die."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pymongo.errors import PyMongoError
from werkzeug.test import TestResponse

from chassis.mongo import Document as Row
from tests.kit.programmes import OWNER, PROGRAMME
from tests.kit.services import Running
from tests.simulation.cohort_watch import CohortWatch
from tests.simulation.cohorts import MENTORS, SEATS, CohortStage, Seat, Solver
from tests.simulation.driver import Driver, Steps
from tests.simulation.people import KEPT_ANSWERS, named

PATH = "/api/programmes/"
UNDER_WAY = ("published", "running")
ONCE = ("/proposal",)
"""Routes whose answer differs while the solver is at work."""
OWNERS_WISHES = {
    "enrolling": ["proposal"] * 4 + ["publication"],
    "proposed": ["publication"] * 3 + ["proposal", "mark"],
    "published": ["end"] * 3 + ["proposal", "publication"],
    "running": ["end"] * 9 + ["proposal", "publication", "closing"],
    "closed": ["closing", "end", "publication"],
}
"""The requests that an owner may make, sensible or not."""
WISHES = ["accept"] * 8 + ["agree"] * 3 + ["decline", "session", "session", "cancel", "end", "capacity", "leave"]
Asked = tuple[str, str, Any, str, TestResponse]  # who, path, body, key and the answer


class CohortHistory(Driver):
    """One history of one programme."""

    NOT_AWAITED = frozenset({"progress", "programmes"})

    def __init__(self, stage: CohortStage, seed: int) -> None:
        super().__init__((stage.programmes, stage.notify), stage.clock, seed)
        self._stage, self._database = stage, stage.programmes.database
        self._watch = CohortWatch(stage)
        self._solver = Solver(stage.programmes)
        self._asked: list[Asked] = []
        self._path = ""
        self.end = ""
        """The programme's state at the end."""

    @property
    def _state(self) -> str:
        row: Row = self._database.programmes.find_one({}, {"state": 1}) or {}
        return str(row["state"])

    def _begin(self) -> None:
        self._stage.clear()
        made = self._ask(OWNER, "", PROGRAMME | {"rules": {"answer_within": "P6D"}})
        assert made.status_code == 201, made.text
        self._path = str(made.get_json()["id"])
        enrolled = self._ask(OWNER, "/participants", [seat.row for seat in SEATS])
        assert enrolled.get_json()["accepted"] == len(SEATS), enrolled.text
        for seat in SEATS:
            self._database.participants.update_one({"ref": seat.ref}, {"$set": {"account": seat.account}})

    def _people(self) -> Steps:
        state = self._state
        yield 0.5 if state in UNDER_WAY else 3.0, self._owner
        if state in UNDER_WAY:
            yield 12.0, self._somebody
        elif state != "closed":
            yield 1.0, self._somebody
        if self._asked:
            yield 1.0, self._ask_again
        if self._solver.busy or self._due():
            yield 3.0, self._solve

    def _settling(self) -> bool:
        if self._solver.busy or self._due():
            self._solve()
            return True
        if self._state in ("enrolling", "proposed") and self._chance.random() < 0.8:
            self._owner()
            return True
        return False

    def _after(self, service: Running, subject: str) -> bool:
        return self._watch.look()

    def _check(self) -> None:
        self.end = self._watch.check_end(self._log, [one.effects for one in self._processes.values()])

    def _next_deadline(self) -> Any:
        later = super()._next_deadline()
        first = self._database.solves.find_one({"due_at": {"$exists": True}}, {"due_at": 1}, sort=[("due_at", 1)])
        return min((at for at in (later, first and first["due_at"]) if at), default=None)

    def _due(self) -> bool:
        due = {"due_at": {"$lte": self._clock.moment}}
        return self._database.solves.find_one(due, {"_id": 1}) is not None

    # One step of a person or of the solver.

    def _owner(self) -> None:
        wish = self._chance.choice(OWNERS_WISHES[self._state])
        if wish == "mark":
            mentor, mentee = self._chance.choice(SEATS[:MENTORS]), self._chance.choice(SEATS[MENTORS:])
            body = {"locked": False, "forbidden": self._chance.random() < 0.5}
            answer = self._send(OWNER, "PUT", f"/pairs/{mentor.ref}/{mentee.ref}", body)
            said = f"mark: {named(answer)}"
        elif wish == "end":
            said = self._end(OWNER)
        else:
            body = {"with_unpaired": True} if wish == "publication" else {}
            said = f"{wish}: {named(self._ask(OWNER, f'/{wish}', body))}"
        self._done("owner", said)

    def _somebody(self) -> None:
        seat, wish = self._chance.choice(SEATS), self._chance.choice(WISHES)
        acts: dict[str, Callable[[Seat], str]] = {
            "accept": lambda one: self._answer(one, accepted=True),
            "decline": lambda one: self._answer(one, accepted=False),
            "agree": self._agree, "leave": self._leave, "capacity": self._capacity, "end": self._end,
            "session": self._session, "cancel": self._cancel,
        }  # fmt: skip
        self._done(seat.ref, f"{wish}: {acts[wish](seat)}")

    def _agree(self, seat: Seat) -> str:
        return named(self._ask(seat.account, "/agreement", {}))

    def _leave(self, seat: Seat) -> str:
        return named(self._ask(seat.account, "/leaving", {}))

    def _capacity(self, seat: Seat) -> str:
        return named(self._send(seat.account, "PATCH", "/me", {"capacity": 2}))

    def _answer(self, seat: Seat, *, accepted: bool) -> str:
        route = self._pair_of(seat.account, "proposed", "active", "ended_early")
        return named(self._ask(seat.account, f"{route}/answer", {"accepted": accepted})) if route else "has none"

    def _session(self, seat: Seat) -> str:
        route = self._pair_of(seat.account, "active")
        starts = self._clock.moment + timedelta(days=self._chance.choice([1, 5, 30]))
        body = {"starts_at": starts.isoformat()}
        return named(self._ask(seat.account, f"{route}/sessions", body)) if route else "has none"

    def _cancel(self, seat: Seat) -> str:
        ahead = {"state": {"$in": ["planned", "moved"]}}
        session = self._database.sessions.find_one(ahead, {"_id": 1}, sort=[("_id", 1)])
        if session is None:
            return "none"
        return named(self._send(seat.account, "PATCH", f"/sessions/{session['_id']}", {"state": "cancelled"}))

    def _end(self, who: Seat | str) -> str:
        account = who if isinstance(who, str) else who.account
        route = self._pair_of(account, "active", "proposed")
        body = {"reason": "other", "rematch": self._chance.random() < 0.7, "never_again": self._chance.random() < 0.2}
        return named(self._ask(account, f"{route}/end", body)) if route else "has none"

    def _pair_of(self, account: str, *states: str) -> str:
        """The path of a pair of this person, or any for the owner, in one of these states; or an empty text."""
        refs = {row["_id"]: row for row in self._database.participants.find({}, {"ref": 1, "account": 1})}
        found = [
            f"/pairs/{refs[pair['mentor']]['ref']}/{refs[pair['mentee']]['ref']}"
            for pair in self._watch.pairs()
            if pair["state"] in states and {pair["mentor"], pair["mentee"]} <= refs.keys()
            and account in (OWNER, refs[pair["mentor"]].get("account"), refs[pair["mentee"]].get("account"))
        ]  # fmt: skip
        return self._chance.choice(found) if found else ""

    def _solve(self) -> None:
        if self._solver.busy and self._chance.random() < self._weather.crashes:
            self._solver = Solver(self._stage.programmes)
            self._say("solver", "dies")
            return
        try:
            said = self._solver.step()
        except PyMongoError as error:
            raise AssertionError(f"the solver cannot store: {type(error).__name__}") from error
        self._done("solver", said)

    def _done(self, who: str, what: str) -> None:
        self._say(who, what)
        self._changed(self._stage.programmes, [self._path])

    def _ask_again(self) -> None:
        """Repeats a request whose answer was lost: the same answer, and no second effect."""
        who, route, body, key, first = self._chance.choice(self._asked)
        again = self._send(who, "POST", route, body, Idempotency_Key=key)
        assert named(again) == named(first), f"the same request is answered {named(first)}, then {named(again)}"
        ids = [(answer.get_json(silent=True) or {}).get("id") for answer in (first, again)]
        assert ids[0] == ids[1], "the same request is answered in two ways"
        self._done(who, f"asks again: {named(again)}")

    def _ask(self, who: str, route: str, body: Any) -> TestResponse:
        key = f"key-{self._chance.getrandbits(64):x}"
        answer = self._send(who, "POST", route, body, Idempotency_Key=key)
        if route and route not in ONCE and (answer.status_code < 400 or answer.status_code in KEPT_ANSWERS):
            self._asked.append((who, route, body, key, answer))
        return answer

    def _send(self, who: str, method: str, route: str, body: Any, **headers: str) -> TestResponse:
        path = f"{PATH}{self._path}{route}" if self._path else PATH.rstrip("/")
        return self._stage.programmes.call(who, method, path, body, **headers)
