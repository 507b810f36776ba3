"""matching in process: events arrive through its inbox, people call over HTTP."""

from typing import Any

from werkzeug.test import TestResponse

from chassis.mongo import Document, Documents
from contracts.blind import digests
from tests.kit.examples import PROFILE, PROJECT, posted_data
from tests.kit.services import Running


class Matching(Running):
    """One matching service; ``wave`` is the size of the first wave."""

    def __init__(self, database: Documents, wave: int = 20, **settings: Any) -> None:
        super().__init__("matching", database, RELEVE_WAVE_SIZE=str(wave), **settings)

    # Over HTTP.

    def profile(self, account: str, **changes: Any) -> None:
        answer = self.call(account, "PUT", "/api/mentors/me", PROFILE | changes)
        assert answer.status_code == 200, answer.json

    def invitations(self, account: str) -> list[Document]:
        items: list[Document] = self.get(account, "/api/invitations")["items"]
        return items

    def decline(self, account: str, project: str) -> TestResponse:
        (invitation,) = [row for row in self.invitations(account) if row["project_id"] == project]
        return self.call(account, "POST", f"/api/invitations/{invitation['id']}/decline", {})

    # Events and time.

    def posted(self, project: str, **changes: Any) -> dict[str, Any]:
        """The data of ``project.posted``; names under ``avoid_…`` are blinded as in projects."""
        blind = {
            f"blind_{kind}": digests(self.config.blind_secret, project, changes.pop(f"avoid_{kind}", []))
            for kind in ("client", "mentors", "schools")
        }
        known = {name: PROJECT[name] for name in ("title", "brief", "topics", "languages")} | blind
        return posted_data(changes.pop("client", "client"), **(known | {"posted_at": self.now} | changes))

    def post(self, project: str, **changes: Any) -> None:
        self.hear("project.posted", project, 1, **self.posted(project, **changes))

    def pass_time(self, project: str) -> None:
        """Fires the timer of this project after making its next wave due."""
        due = self.now
        moved = {"$set": {"due_at": due, "next_wave_at": due}}
        self.database.shortlists.update_one({"_id": project, "due_at": {"$exists": True}}, moved)
        self.fire(project)

    # Outcomes that others see.

    def waves(self, project: str) -> list[set[str]]:
        """The accounts that each wave invited."""
        rows = [row for row in self.outbox(project) if row["name"] == "mentors.invited"]
        assert [row["payload"]["wave"] for row in rows] == list(range(1, len(rows) + 1))
        return [{mentor["account"] for mentor in row["payload"]["mentors"]} for row in rows]
