"""projects in process, with a client and its first project."""

from typing import Any

from werkzeug.test import TestResponse

from chassis.events import Event
from chassis.mongo import Documents
from tests.kit.answers import body
from tests.kit.examples import ORGANISATION, PROJECT, card
from tests.kit.services import Running


class Projects(Running):
    """The service over one database, with a client ("client") and a project posted by it."""

    def __init__(self, database: Documents) -> None:
        super().__init__("projects", database)
        self.call("client", "PUT", "/api/organisations/me", ORGANISATION)
        self.id = self.post()

    def post(self) -> str:
        return str(body(self.call("client", "POST", "/api/projects", PROJECT))["id"])

    def invite(self, *accounts: str, project_id: str | None = None) -> Event:
        mentors = [card(account) for account in accounts]
        return self.hear("mentors.invited", project_id or self.id, wave=1, mentors=mentors)

    def ask(self, who: str, text: str = "Combien de personnes ?", project_id: str = "", **headers: str) -> TestResponse:
        return self.call(who, "POST", f"/api/projects/{project_id or self.id}/questions", {"text": text}, **headers)

    def asked(self, who: str, text: str = "Combien de personnes ?") -> dict[str, Any]:
        answer = self.ask(who, text)
        assert answer.status_code == 201, answer.text
        return body(answer)

    def read(self, who: str, query: str = "") -> TestResponse:
        return self.call(who, "GET", f"/api/projects/{self.id}/questions{query}")

    def texts(self, who: str) -> list[str]:
        """The questions' texts as a person reads them, oldest first."""
        answer = self.read(who)
        assert answer.status_code == 200, answer.text
        return [item["text"] for item in reversed(body(answer)["items"])]

    def answer(self, question_id: str, text: str = "Une douzaine.", who: str = "client", **body: str) -> TestResponse:
        path = f"/api/projects/{self.id}/questions/{question_id}/answer"
        return self.call(who, "POST", path, {"text": text, **body})
