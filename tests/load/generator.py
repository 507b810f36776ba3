"""The process that simulates people: `python -m tests.load.generator`, controlled by lines on standard input.

The first line configures it (JSON: url, ca, seed, mentors_a_wave, circles, bystanders, clients, projects, patience,
forgiving, warm_up, rest); each further line is a level. Results go to standard output, one JSON object per line. The
process ends at the end of its input.

Locust supplies the client, the statistics and the run of a level. Its users wait for a response before they continue
(a closed loop), so here its single user only starts projects at their scheduled times and waits for none of them.
"""

import json
import random
import ssl
import sys
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import gevent
from gevent.event import Event
from gevent.pool import Pool
from locust import User, task
from locust.env import Environment
from locust.exception import StopUser

from stories.nestle_waters import TOPICS
from tests.load.measures import YARDSTICK
from tests.load.people import Person, Unfinished
from tests.load.story import Story

WEEKLY = 50
"""A mentor's weekly cap of invitations, the maximum."""
PROJECTS_A_CIRCLE = 45
"""Projects per circle of mentors: below the weekly cap, to leave room for waves after the first."""
LEAD_S = 1.5
"""Seconds before a project arrives at which its people open their pages."""
ENDS_WITHIN_S = 90.0
"""Seconds after the last arrival at which a running story counts as unfinished."""
BEAT_S, YARDSTICK_S = 0.05, 0.5
AT_ONCE = 12
"""Number of people who sign up concurrently."""


def tell(**what: Any) -> None:
    """Writes one line to the parent process."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Circle:
    """Mentors with a language of their own, so that a project in that language invites exactly them first.

    The codes are those that ISO 639-2 reserves for local use, qaa to qtz.
    """

    def __init__(self, number: int, mentors: list[Person]) -> None:
        self.language, self.mentors, self.left = language(number), mentors, PROJECTS_A_CIRCLE


def language(number: int) -> str:
    """The language code of the circle with this number."""
    return f"q{chr(97 + number // 26 % 20)}{chr(97 + number % 26)}"


class Market:
    """The people, and the current level."""

    def __init__(self, environment: Environment, told: dict[str, Any]) -> None:
        self.environment, self.told = environment, told
        self.lots = random.Random(told["seed"])
        self.clients: list[Person] = []
        self.circles: list[Circle] = []
        self.bystanders: list[Person] = []
        self.passer_by = Person(environment, "nobody")
        self.short_windows = True
        self._turn = 0

    # --- before the clock starts

    def prepare(self, projects: int) -> None:
        """Creates enough people for the number of projects; existing people are used first."""
        while len(self.clients) < self.told["clients"]:
            self.clients += self._sign_up("client", min(AT_ONCE, self.told["clients"] - len(self.clients)), [])
        while len(self.bystanders) < self.told["bystanders"]:
            left = self.told["bystanders"] - len(self.bystanders)
            # ranked for every project, but not invited: places for newcomers would keep some of a circle out of a wave
            self.bystanders += self._sign_up("mentor", min(20, left), ["en"], near=True)
        least, size = self.told["circles"], self.told["mentors_a_wave"]
        while len(self.circles) < least or sum(circle.left for circle in self.circles) < 1.1 * projects:
            number = len(self.circles)
            self.circles.append(Circle(number, self._sign_up("mentor", size, [language(number)])))
            if number % 10 == 9:
                tell(say=f"{len(self.circles)} circles of mentors have signed up")

    def _sign_up(self, role: str, count: int, languages: list[str], *, near: bool = False) -> list[Person]:
        people = [Person(self.environment, role) for _ in range(count)]
        pool = Pool(AT_ONCE)
        jobs = [pool.spawn(self._join, person, languages, near) for person in people]
        gevent.joinall(jobs, raise_error=True)
        return people

    def _join(self, person: Person, languages: list[str], near: bool) -> None:
        person.join()
        if person.role == "client":
            name = person.email.partition("@")[0]
            contact = {"name": "Camille Fabre", "email": f"camille@{name}.example"}
            person.set_up("PUT", "/api/organisations/me", {
                "name": f"Société {name[-12:]}", "aliases": [], "domains": [f"{name}.example"], "people": [],
                "products": [], "sector": "services", "size": "large", "contact": contact,
            }, 200)  # fmt: skip
            return
        person.card = {
            "display_name": "Camille", "headline": "Web, réseaux sociaux et CRM", "school": "Sorbonne",
            "bio": "J'accompagne des équipes dans leur passage au numérique, du site à la relation client.",
            "skills": TOPICS[:1] if near else TOPICS, "languages": languages, "timezone": "Europe/Paris",
            "day_rate": {"amount": 45_000, "currency": "EUR"}, "excluded_organisations": [],
            "weekly_invitations": WEEKLY,
        }  # fmt: skip
        person.set_up("PUT", "/api/mentors/me", person.card, 200)

    def warm_up(self) -> None:
        """Runs two unmeasured projects: one ends at its fifth quote, one at its deadline.

        Raises `Unfinished` if the first does not end correctly.
        """
        Person.began = time.monotonic() + LEAD_S
        stories = [self._story(kind, Person.began) for kind in ("full", "deadline")]
        jobs = [gevent.spawn(story.play) for story in stories]
        gevent.joinall(jobs, timeout=ENDS_WITHIN_S)
        (_, first), (_, second) = ((job.value or (None, "it did not end")) for job in jobs)
        if first:
            raise Unfinished(f"A first project did not go as it should: {first}")
        if second:
            self.short_windows = False
            tell(say=f"no short windows here ({second}): every project ends at its fifth quote or by its client")

    def rest(self) -> None:
        """Pauses the mentors, so that projects of other people do not invite them."""
        mentors = [*self.bystanders, *(mentor for circle in self.circles for mentor in circle.mentors)]
        pool = Pool(AT_ONCE)
        for mentor in mentors:
            pool.spawn(mentor.set_up, "PUT", "/api/mentors/me", mentor.card | {"paused": True}, 200)
        pool.join(timeout=ENDS_WITHIN_S)

    # --- a level

    def play(self, level: dict[str, Any]) -> None:
        """Starts every project of the level at its scheduled time, and returns when the last has ended."""
        Person.began = began = time.monotonic() + LEAD_S + 0.2
        beside = [gevent.spawn(self._beat), gevent.spawn(self._measure_yardstick)]
        running: dict[Any, Story] = {}
        for start, kind in zip(level["starts"], level["stories"], strict=True):
            gevent.sleep(max(0.0, began + start - LEAD_S - time.monotonic()))
            story = self._story(kind, began + start)
            job = gevent.spawn(story.play)
            job.link(lambda job: self._ended(running, job))
            running[job] = story
        gevent.joinall(list(running), timeout=ENDS_WITHIN_S)
        for job, story in list(running.items()):
            job.unlink_all()
            gevent.kill(job)
            tell(story={**story.ledger.row(), "wrong": "it did not end"})
        gevent.killall(beside)

    def _ended(self, running: dict[Any, Story], job: Any) -> None:
        story = running.pop(job)
        ledger, wrong = job.value if job.successful() else (story.ledger, f"{type(job.exception).__name__}")
        tell(story={**ledger.row(), "wrong": f"{story.kind}: {wrong}" if wrong else ""})

    def _story(self, kind: str, due: float) -> Story:
        if kind in ("deadline", "few") and not self.short_windows:
            kind = "full"
        self._turn += 1
        circle = next(self._free_circles())
        circle.left -= 1
        client = self.clients[self._turn % len(self.clients)]
        return Story(kind, due, client, circle.mentors, circle.language, self.lots, self._heard)

    def _free_circles(self) -> Iterator[Circle]:
        for step in range(len(self.circles)):
            circle = self.circles[(self._turn + step) % len(self.circles)]
            if circle.left > 0:
                yield circle
        raise Unfinished("no mentors are left")

    def _heard(self, kind: str, due: float, came: float) -> None:
        tell(news=[kind, round(due - Person.began, 4), round(came - due, 4)])

    def _beat(self) -> None:
        """Measures how late this process wakes; if it is busy, its figures reflect the system less."""
        due = time.monotonic()
        while True:
            due += BEAT_S
            gevent.sleep(max(0.0, due - time.monotonic()))
            tell(wake=round(time.monotonic() - due, 4))

    def _measure_yardstick(self) -> None:
        """Measures an empty GET that the gateway answers itself, concurrently with the load."""
        due = time.monotonic()
        while True:
            due += YARDSTICK_S
            try:
                self.passer_by.ask(due, YARDSTICK)
            except Unfinished:
                continue


class Arrivals(User):
    """Locust's single user, which starts projects without waiting for them."""

    market: ClassVar[Market]
    level: ClassVar[dict[str, Any]]
    over: ClassVar[Event]

    @task
    def play(self) -> None:
        """Plays one level."""
        try:
            self.market.play(self.level)
        finally:
            self.over.set()
        raise StopUser


def record(request_type: str, name: str, response_time: float, exception: Exception | None,
           context: dict[str, Any], **_: Any) -> None:  # fmt: skip
    """Reports every request counted by Locust with its scheduled time."""
    shot = [f"{request_type} {name}", round(context["due"], 4), round(response_time / 1000, 5)]
    tell(shot=[*shot, round(context["from_send"], 5), str(exception).rpartition(": ")[2] if exception else ""])


def next_line() -> str:
    """The next line of standard input, without blocking other greenlets."""
    return gevent.get_hub().threadpool.apply(sys.stdin.readline)


def main() -> int:
    """Returns the process's exit status."""
    told = json.loads(next_line())
    gevent.get_hub().NOT_ERROR += (Unfinished,)  # the greenlet that waits for it reports it in one line
    Person.patience, Person.forgiving = told["patience"], told["forgiving"]
    Person.host = Arrivals.host = told["url"]
    if told["url"].startswith("https:"):
        Person.insecure = False
        Person.ssl_context_factory = staticmethod(lambda: ssl.create_default_context(cafile=told["ca"] or None))
    environment = Environment(user_classes=[Arrivals], host=told["url"])
    runner = environment.create_local_runner()
    market = Arrivals.market = Market(environment, told)
    try:
        market.prepare(told["projects"])
        if told["warm_up"]:
            market.warm_up()
    except Unfinished as problem:
        tell(failed=str(problem))
        return 1
    environment.events.request.add_listener(record)
    tell(ready={"clients": len(market.clients), "circles": len(market.circles), "bystanders": len(market.bystanders)})
    while line := next_line().strip():
        Arrivals.level, Arrivals.over = json.loads(line), Event()
        try:
            market.prepare(len(Arrivals.level["starts"]))
        except Unfinished as problem:
            tell(failed=str(problem))
            return 1
        tell(begins=len(market.circles))
        runner.start(1, spawn_rate=1)
        Arrivals.over.wait()
        runner.stop()
        total = environment.stats.total
        tell(done={"seconds": round(time.monotonic() - Person.began, 2), "requests": total.num_requests,
                   "failures": total.num_failures})  # fmt: skip
    if told["rest"]:
        market.rest()
    runner.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
