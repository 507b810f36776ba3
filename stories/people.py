"""Users of the marketplace: a thin HTTP client that acts as a web client does, through the gateway."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from contracts.vocabulary import SKILLS

PASSWORD = "une phrase longue et sûre, 42 fois"
PATIENCE_S = 40.0


class Person:
    """A user with an account. Each call goes through the gateway with the user's token."""

    def __init__(
        self, url: str, role: str, name: str, locale: str = "fr", *, email: str = "", password: str = PASSWORD
    ) -> None:
        self.name, self.role, self.locale, self.password = name, role, locale, password
        self.email = email or f"{role}-{secrets.token_hex(6)}@example.org"
        self.card: dict[str, Any] = {}
        self.heard: list[str] = []
        """The text of every answer that this person received."""
        self.http = httpx.Client(base_url=url, timeout=20, headers={"Accept-Language": locale})

    def join(self) -> "Person":
        """Registers and signs in."""
        body = {"email": self.email, "password": self.password, "role": self.role, "display_name": self.name}
        answer = self.call("POST", "/api/accounts", body | {"locale": self.locale})
        assert answer.status_code == 201, answer.text
        self.id: str = answer.json()["id"]
        self.sign_in()
        return self

    def sign_in(self) -> None:
        """Signs in and uses the new access token from now on."""
        answer = self.call("POST", "/api/sessions", {"email": self.email, "password": self.password})
        assert answer.status_code == 201, answer.text
        self.session: dict[str, Any] = answer.json()
        self.http.headers["Authorization"] = f"Bearer {self.session['access_token']}"

    @property
    def token(self) -> str:
        """The access token, or the pass, that the calls carry."""
        return str(self.http.headers["Authorization"].removeprefix("Bearer "))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Sends a request and returns its answer, whatever its status."""
        answer = self.http.request(method, path, json=body, headers=headers)
        self.heard.append(answer.text)
        return answer

    def get(self, path: str) -> httpx.Response:
        """Sends a GET request."""
        return self.call("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Sends a POST request, with an empty object if there is no ``body``."""
        return self.call("POST", path, {} if body is None else body, **headers)

    def until(self, path: str, true: Callable[[Any], Any], patience: float = PATIENCE_S) -> Any:
        """Polls ``path`` until ``true(body)`` is truthy, and returns that value.

        Raises AssertionError after ``patience`` seconds.
        """
        began = time.monotonic()
        while True:
            answer = self.get(path)
            found = true(answer.json()) if answer.status_code == 200 else None
            if found:
                return found
            waited = time.monotonic() - began
            if waited > patience:
                raise AssertionError(f"{self.name} waited {patience:.0f} s for {path}: {answer.text[:300]}")
            time.sleep(min(0.25, max(0.05, waited / 20)))

    def notification(self, kind: str, project_id: str) -> Any:
        """Waits for the notification of this kind about this project and returns it."""

        def wanted(page: Any) -> Any:
            return next((n for n in page["items"] if n["kind"] == kind and n["project_id"] == project_id), None)

        return self.until("/api/notifications?limit=200", wanted)

    def invitation(self, project_id: str) -> Any:
        """Waits for the invitation to this project and returns it."""
        return self.until(
            "/api/invitations?limit=200",
            lambda page: next((i for i in page["items"] if i["project_id"] == project_id), None),
        )

    def quote(self, project_id: str, euros: int, solution: str, patience: float = PATIENCE_S) -> httpx.Response:
        """Submits a quote. Retries while the answer is 404, because the invitation has not reached quotes yet."""
        return self._once_invited("/api/quotes", offer(project_id, euros, solution), patience)

    def ask(self, project_id: str, text: str, patience: float = PATIENCE_S) -> httpx.Response:
        """Asks the client. Retries while the answer is 404, because the invitation has not reached projects yet."""
        return self._once_invited(f"/api/projects/{project_id}/questions", {"text": text}, patience)

    def _once_invited(self, path: str, body: dict[str, Any], patience: float) -> httpx.Response:
        deadline = time.monotonic() + patience
        while (answer := self.post(path, body)).status_code == 404 and time.monotonic() < deadline:
            time.sleep(0.05)
        return answer

    @contextmanager
    def listening(self, **headers: str) -> Iterator[Iterator[Any]]:
        """The person's event stream, as an iterator of notifications with their ``id``."""
        with self.http.stream("GET", "/api/notifications/stream", timeout=60, headers=headers) as stream:
            assert stream.status_code == 200, stream.read()
            yield _events(stream.iter_lines())


def in_days(days: int) -> str:
    """The date this number of days from now in Europe/Paris, the market's time zone."""
    return (datetime.now(ZoneInfo("Europe/Paris")) + timedelta(days=days)).date().isoformat()


def offer(project_id: str, euros: int, solution: str) -> dict[str, Any]:
    """The body of a quote."""
    return {
        "project_id": project_id,
        "price": {"amount": euros * 100, "currency": "EUR"},
        "days": 3.5,
        "starts_on": in_days(30),
        "valid_until": in_days(90),
        "proposal": solution,
    }


def _events(lines: Iterator[str]) -> Iterator[Any]:
    """The notifications of a stream, without its hints of other kinds."""
    kind = ""
    for line in lines:
        if line.startswith("event:"):
            kind = line.removeprefix("event:").strip()
        elif line.startswith("data:") and kind == "notification":
            yield json.loads(line.removeprefix("data:"))


def client(url: str, organisation: dict[str, Any], name: str = "Camille", locale: str = "fr", **sign_in: str) -> Person:
    """Creates a client with an account and an organisation. ``sign_in`` may give ``email`` and ``password``."""
    person = Person(url, "client", name, locale, **sign_in).join()
    _describe(person, "/api/organisations/me", organisation)
    return person


def mentor(
    url: str, name: str, skills: list[str], locale: str = "fr", *, email: str = "", password: str = PASSWORD,
    **profile: Any,
) -> Person:  # fmt: skip
    """Creates a mentor with an account and a profile that shows these skills and no others."""
    person = Person(url, "mentor", name, locale, email=email, password=password).join()
    card = {
        "display_name": name,
        "headline": labels(skills),
        "school": "Sorbonne",
        "bio": f"Depuis trois ans, je forme des équipes : {labels(skills)}.",
        "skills": skills,
        "languages": ["fr", "en"],
        "day_rate": {"amount": 45000, "currency": "EUR"},
        "excluded_organisations": [],
        "timezone": "Europe/Paris",
    }
    person.card = card | profile
    _describe(person, "/api/mentors/me", person.card)
    return person


def _describe(person: Person, path: str, body: dict[str, Any]) -> None:
    """Stores a description. While the service is away, asks again when it says, as a web client does."""
    deadline = time.monotonic() + PATIENCE_S
    while (answer := person.call("PUT", path, body)).status_code == 503 and time.monotonic() < deadline:
        time.sleep(float(answer.headers["Retry-After"]))
    assert answer.status_code == 200, answer.text


def labels(skills: list[str]) -> str:
    """The French names of these skills."""
    return ", ".join(SKILLS[skill].fr.lower() for skill in skills if skill in SKILLS)


def about(topics: list[str]) -> dict[str, Any]:
    """A brief on these topics and no others: the ranking reads the text, so a text on CRM finds mentors of CRM."""
    text = f"Nous cherchons une personne qui forme nos équipes, deux ateliers par mois : {labels(topics)}."
    return {"brief": text, "topics": topics}


def pause(mentors: list[Person]) -> None:
    """Pauses the mentors' invitations, so that the mentors of another story rank first."""
    for person in mentors:
        person.call("PUT", "/api/mentors/me", person.card | {"paused": True})
        person.http.close()
