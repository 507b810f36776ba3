"""The matching service over one database: events go in through its inbox, people ask over HTTP."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from werkzeug.test import TestResponse

from chassis.events import Event
from chassis.http.app import create_app
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.mongo import Document, Documents, database_now
from chassis.service import Service
from chassis.settings import Settings
from contracts.blind import digests
from contracts.events import CONTRACT
from services.matching import api, handlers, store
from services.matching.config import Config

SECRET = b"a secret of this test"
KEY = ec.generate_private_key(ec.SECP256R1())
PROFILE: dict[str, Any] = {
    "display_name": "Thomas",
    "headline": "Freelance, business intelligence",
    "school": "ESSEC",
    "bio": "Je forme des équipes au CRM depuis trois ans.",
    "skills": ["crm", "social-networks"],
    "languages": ["fr"],
    "day_rate": {"amount": 50_000, "currency": "EUR"},
    "excluded_organisations": [],
}


class _Keys:
    def get(self, key_id: str) -> jwt.PyJWK:
        return jwt.PyJWK({**ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": key_id}, "ES256")


class World:
    """One matching service; ``wave`` is the size of the first wave."""

    def __init__(self, database: Documents, wave: int = 20) -> None:
        environ = {"RELEVE_MONGO_URI": "-", "RELEVE_KAFKA": "-", "RELEVE_INTERNAL_TOKEN": "-"}
        self.database, self.config = database, Config(wave, SECRET)
        self.service = Service(
            settings=replace(Settings.read("matching", environ), database=database.name),
            config=self.config,
            contract=CONTRACT,
            handlers=handlers.HANDLERS,
            deadlines=handlers.DEADLINES,
            indexes=store.INDEXES,
            blueprints=api.blueprints,
        )
        self.service.ensure_indexes(database)
        self.work = self.service.work(database)
        self.inbox = Inbox(self.work, "matching", handlers.HANDLERS, self.config)
        self.app = create_app(self.service.settings, database, api.blueprints(self.work, self.config))
        self.app.extensions["releve_keys"] = _Keys()

    # Over HTTP.

    def call(
        self, who: str, method: str, path: str, body: Any = None, role: str = "mentor", **headers: str
    ) -> TestResponse:
        claims = {"iss": "releve", "aud": "releve-api", "sub": who, "role": role, "sid": "s", "exp": time.time() + 600}
        token = jwt.encode(claims, KEY, "ES256", headers={"kid": "k", "typ": "at+jwt"})
        sent = {"Authorization": f"Bearer {token}", **{name.replace("_", "-"): text for name, text in headers.items()}}
        return self.app.test_client().open(path, method=method, json=body, headers=sent)

    def get(self, who: str, path: str, role: str = "mentor", **headers: str) -> Any:
        answer = self.call(who, "GET", path, role=role, **headers)
        assert answer.status_code == 200, answer.json
        return answer.json

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

    def event(self, name: str, project: str, sequence: int, data: Mapping[str, Any]) -> Event:
        return Event(new_id(), name, project, sequence, database_now(self.database), dict(data))

    def hear(self, name: str, project: str, sequence: int, **data: Any) -> None:
        assert self.inbox.apply(self.event(name, project, sequence, data))

    def posted(self, project: str, **changes: Any) -> dict[str, Any]:
        """The data of ``project.posted``; names under ``avoid_…`` are blinded as projects does it."""
        blind = {
            f"blind_{kind}": digests(SECRET, project, changes.pop(f"avoid_{kind}", []))
            for kind in ("client", "mentors", "schools")
        }
        return {
            "client": "client",
            "title": "Coacher nos équipes",
            "brief": "Nos équipes veulent apprendre le CRM et les réseaux sociaux.",
            "topics": ["crm"],
            "languages": ["fr"],
            "descriptor": {"sector": "agroalimentaire", "size": "large"},
            "budget": None,
            "window": timedelta(hours=48),
            "posted_at": database_now(self.database),
            "close_early": True,
            "auto_extend": False,
            "relaunched_from": None,
            **blind,
            **changes,
        }

    def post(self, project: str, **changes: Any) -> None:
        self.hear("project.posted", project, 1, **self.posted(project, **changes))

    def pass_time(self, project: str) -> None:
        """What the timer does for this project, once the time of its next wave has come."""
        due = database_now(self.database)
        moved = {"$set": {"due_at": due, "next_wave_at": due}}
        self.database.shortlists.update_one({"_id": project, "due_at": {"$exists": True}}, moved)
        self.fire(project)

    def fire(self, project: str) -> None:
        """What the timer does for this project now."""
        self.work.run(lambda unit: handlers.send_due_wave(unit, project, self.config))

    # What others see of it.

    def published(self, project: str) -> list[Document]:
        return list(self.database.outbox.find({"subject": project}).sort("sequence", 1))

    def waves(self, project: str) -> list[set[str]]:
        """The accounts that each wave invited."""
        rows = [row for row in self.published(project) if row["name"] == "mentors.invited"]
        assert [row["payload"]["wave"] for row in rows] == list(range(1, len(rows) + 1))
        return [{mentor["account"] for mentor in row["payload"]["mentors"]} for row in rows]
