"""Sample accounts to sign in with, and a project in every state, created over HTTP with real events, like stories."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any

from contracts.story import SOLUTION, TOPICS
from stories.nestle_waters import expect
from stories.people import Person, client, mentor

CLIENT, MENTOR, OPERATOR = "client@releve.example", "mentor@releve.example", "operator@releve.example"
PASSWORD = "visite-guidee-42"
LIMIT_S = 120.0
"""Timeout in seconds for creating all samples."""
ORGANISATION: dict[str, Any] = {
    "name": "Atelier Brume",
    "domains": ["atelier-brume.example"],
    "sector": "mobilier",
    "size": "medium",
    "contact": {"name": "Camille Ferrand", "email": "camille.ferrand@atelier-brume.example"},
}
OTHERS = ("Nils", "Jonas", "Chloé", "Lina")
OTHER_MENTORS = [MENTOR.replace("@", f"-{number}@") for number in range(2, len(OTHERS) + 2)]
TITLES = {
    "collecting": "Former l'équipe de vente aux réseaux sociaux",
    "choosing": "Refondre le site de prise de rendez-vous",
    "awarded": "Mettre en place un CRM simple",
    "completed": "Lancer une lettre d'information",
    "cancelled": "Préparer un salon en ligne",
    "refused": "Mesurer l'audience du site",
    "unfilled": "Ouvrir une boutique en ligne avant l'été",
    "expired": "Écrire une charte pour les réseaux sociaux",
}
"""The states of a project, each with the title of the sample in that state."""
BRIEF = "{title} : nous cherchons un jeune mentor pour trois demi-journées, sur nos propres cas, avec des exercices."
FULL = ("choosing", "awarded", "completed", "refused", "expired")
"""The states whose sample gets five quotes, which closes its window immediately."""


@dataclass
class Samples:
    """The sample accounts, and their projects by state."""

    url: str
    until: float = field(default_factory=lambda: time.monotonic() + LIMIT_S)
    projects: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = client(self.url, ORGANISATION, "Camille", email=CLIENT, password=PASSWORD)
        emails = [MENTOR, *OTHER_MENTORS]
        self.mentors = [
            mentor(self.url, name, TOPICS, email=email, password=PASSWORD, weekly_invitations=50)
            for name, email in zip(("Maya", *OTHERS), emails, strict=True)
        ]

    @property
    def left(self) -> float:
        """Seconds until the timeout."""
        return max(0.0, self.until - time.monotonic())

    def post(self, state: str, window: str = "PT48H") -> None:
        """Posts the project that will reach this state."""
        title = TITLES[state]
        body = {"title": title, "brief": BRIEF.format(title=title), "topics": TOPICS[:3], "languages": ["fr"]}
        more = {"window": window, "close_early": True, "budget": {"amount": 300_000, "currency": "EUR"}}
        self.projects[state] = expect(self.client.post("/api/projects", body | more), 201)["id"]

    def quote(self, state: str, mentors: list[Person]) -> str:
        """Submits a quote of each of these mentors. Returns the id of the first quote."""
        made = [
            expect(person.quote(self.projects[state], 1_800 + 150 * place, SOLUTION, self.left), 201)["id"]
            for place, person in enumerate(mentors)
        ]
        return str(made[0])

    def wait(self, state: str, now: str) -> str:
        """Waits until the project is in the state ``now``. Returns its path."""
        path = f"/api/projects/{self.projects[state]}"
        self.client.until(path, lambda project: project["state"] == now, self.left)
        return path

    def accept(self, state: str, quote_id: str) -> str:
        """Accepts this quote as the client. Returns the project's path."""
        path = self.wait(state, "choosing")
        expect(self.client.post(f"{path}/acceptance", {"quote_id": quote_id}), 200)
        return path

    def close(self) -> None:
        """Closes the connections; the accounts remain."""
        for person in (self.client, *self.mentors):
            person.http.close()


def make(
    url: str,
    say: Callable[[str], None],
    choices_end_soon: Callable[[], AbstractContextManager[object]],
) -> dict[str, str]:
    """Creates the accounts and their projects. Returns the projects' ids by state, once both sides see all of them.

    A client usually has weeks to choose; inside ``choices_end_soon()`` a choice that begins lasts two seconds. Raises
    AssertionError if a state is not reached in time.
    """
    began = time.monotonic()

    def done(what: str) -> None:
        say(f"  {time.monotonic() - began:5.1f} s  ✓ {what}")

    made = Samples(url)
    with ExitStack() as stack:
        stack.callback(made.close)
        done("a client and five mentors have accounts")
        for state in TITLES:
            if state != "expired":
                made.post(state, "PT3S" if state == "unfilled" else "PT48H")
        made.quote("collecting", made.mentors[1:3])  # the first mentor may still quote
        made.quote("cancelled", made.mentors[:1])
        reason = {"reason": "Le projet est reporté à l'année prochaine"}
        expect(made.client.post(f"/api/projects/{made.projects['cancelled']}/cancellation", reason), 200)
        done("one project collects quotes, one is cancelled")
        quotes = {state: made.quote(state, made.mentors) for state in FULL if state != "expired"}
        made.accept("awarded", quotes["awarded"])
        path = made.accept("completed", quotes["completed"])
        for person, comment in ((made.mentors[0], "Une équipe curieuse."), (made.client, "Clair et concret.")):
            expect(person.post(f"{path}/completion", {"rating": 5, "comment": comment}), 200)
        reason = {"reason": "Aucune proposition ne correspond à notre calendrier"}
        expect(made.client.post(f"{made.wait('refused', 'choosing')}/refusal", reason), 200)
        for state in ("choosing", "completed", "unfilled"):
            made.wait(state, state)
        done("one waits for a choice, others are awarded, completed, refused, unfilled")
        with choices_end_soon():
            made.post("expired")
            made.quote("expired", made.mentors)
            made.wait("expired", "expired")
        done("one has expired")
        _check(made)
    return made.projects


def _check(made: Samples) -> None:
    wanted = {id: state for state, id in made.projects.items()}
    made.client.until("/api/projects?limit=200", lambda page: _states(page) == wanted, made.left)
    made.mentors[0].until(
        "/api/invitations?limit=200",
        lambda page: {item["project_id"] for item in page["items"]} >= wanted.keys(),
        made.left,
    )


def _states(page: Mapping[str, Any]) -> dict[str, str]:
    return {item["id"]: item["state"] for item in page["items"]}
