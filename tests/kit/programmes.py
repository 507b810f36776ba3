"""The programmes service in process, and the people of a programme."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.test import TestResponse

from chassis.clock import DATABASE_CLOCK, Clock
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from contracts.fit.encoder import Encoder, small_e5
from services.programmes import store
from services.programmes.jobs.solving import SMALL, Desk
from services.programmes.model.messages import Message, request
from services.programmes.model.participants import Participant
from tests.kit.answers import body
from tests.kit.services import Running, internally

OWNER, COLLEAGUE, STRANGER = "client-owner", "client-colleague", "client-stranger"
PROGRAMME = {
    "name": "Twenty with twenty",
    "kind": "pairing",
    "organisations": ["PWN Paris"],
    "purpose": "Chacune découvre les usages numériques.",
    "contact": {"name": "Claire Fontaine", "email": "claire.fontaine@pwn.example"},
}
SKILLS = ("crm", "seo", "social-networks")
People = dict[str, Participant]
"""The people of a programme, by ref."""
INTERNALLY = internally("notify", "programmes")


class Programmes(Running):
    """The service over one database. Accounts call it by name, participants with the pass of a mail.

    Nobody waits for a solver: `solve` runs it.
    """

    def __init__(self, database: Documents, *, clock: Clock = DATABASE_CLOCK, **settings: Any) -> None:
        super().__init__("programmes", database, clock=clock, **{"RELEVE_PROPOSAL_WAIT": "PT0S"} | settings)
        self.encoder: Callable[[], Encoder] = small_e5

    def create(self, who: str = OWNER, **changes: Any) -> str:
        """A new programme of this person; its id."""
        answer = self.call(who, "POST", "/api/programmes", PROGRAMME | changes)
        assert answer.status_code == 201, answer.text
        return str(body(answer)["id"])

    def put(self, programme: str, ref: str, side: str, **more: Any) -> Participant:
        """Somebody who is enrolled, stored directly."""
        given: Mapping[str, Any] = {"name": f"Name of {ref}", "email": f"{ref}@people.example".lower()} | more
        now = self.now
        participant = Participant(new_id(), programme, ref, side=side, created_at=now, **given)

        def add(unit: Any) -> None:
            store.add_participants(unit, [participant])
            kept = store.find_programme(unit, programme)
            assert kept is not None
            if kept.state == "draft":
                kept.state = "enrolling"
                store.save_programme(unit, kept)

        self.work.run(add)
        return participant

    def cohort(self, mentors: int = 3, mentees: int = 3, at: str = "", **rules: Any) -> tuple[str, People]:
        """A programme of people who fit one by one, M1 with S1 and so on. ``at`` is the domain of their addresses."""
        programme, people = self.create(rules=rules), People()
        for number, skill in enumerate(SKILLS, 1):
            for ref, side, wished, count in ((f"M{number}", "mentor", "offers", mentors),
                                             (f"S{number}", "mentee", "wants", mentees)):  # fmt: skip
                more = {wished: [skill], "languages": ["fr"], "email": f"{ref}@{at or programme}.example".lower()}
                if number <= count:
                    people[ref] = self.put(programme, ref, side, **more)
        return programme, people

    def message(self, participant: Participant, kind: str = "enrolled", **data: Any) -> Message:
        """A message to this person, requested from notify."""
        message = Message(new_id(), participant.programme, kind, self.now, participant=participant.id, data=data)

        def send(unit: Any) -> None:
            store.add_messages(unit, [message])
            current = store.find_participant(unit, participant.id)
            assert current is not None
            store.save_participant(unit, current, request([message]))

        self.work.run(send)
        return message

    def read(self, message_id: str) -> TestResponse:
        """What notify receives when it sends a message."""
        return self.app.test_client().post(f"/internal/messages/{message_id}", headers=INTERNALLY)

    def token(self, message_id: str) -> str:
        """The token in the link of a message's mail."""
        answer = self.read(message_id)
        assert answer.status_code == 200, answer.text
        return str(body(answer)["token"])

    def messages(self, kind: str = "", **wanted: Any) -> list[Document]:
        """The stored messages of a kind."""
        return list(self.database.messages.find({"kind": kind, **wanted} if kind else wanted))

    def open(self, token: str, **headers: str) -> TestResponse:
        """Exchanges the token of a link for a pass."""
        return self.app.test_client().post("/api/programmes/passes", json={"token": token}, headers=headers)

    def pass_of(self, participant: Participant) -> str:
        """The pass of a participant, through the link of a mail."""
        answer = self.open(self.token(self.message(participant).id))
        assert answer.status_code == 201, answer.text
        return str(body(answer)["access_token"])

    def by_pass(self, token: str, method: str, path: str, json: Any = None, **headers: str) -> TestResponse:
        """Sends one request with a pass."""
        sent = {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): text for name, text in headers.items()}
        answer = self.app.test_client().open(path, method=method, json=json, headers=sent)
        assert answer.status_code < 500 or "Retry-After" in answer.headers, (method, path, answer.text)
        return answer

    def fire_in(self, collection: str, document_id: str) -> None:
        """Fires the deadline of this document now; nothing happens unless it is due."""
        deadline = next(one for one in self.service.deadlines if one.collection == collection)
        self.work.run(lambda unit: deadline.fire(unit, document_id, self.config))

    def solve(self, small: int = SMALL) -> int:
        """Carries out what solvers are asked for, as the worker's job does; returns how many requests there were.

        Larger problems than ``small`` people are solved in a process of their own.
        """
        desk, done = Desk(self.work, self.config, threading.Event(), small, self.encoder), 0
        while desk.solve_one():
            done += 1
        return done

    def propose(self, programme: str, who: str = OWNER) -> Document:
        """A proposal of the programme, as its owner reads it."""
        asked = self.call(who, "POST", f"/api/programmes/{programme}/proposal")
        assert asked.status_code in (200, 202), asked.text
        self.solve()
        return dict(self.get(who, f"/api/programmes/{programme}/proposal"))

    def publish_proposal(self, programme: str, who: str = OWNER, **given: bool) -> Document:
        """Publishes the proposal of the programme."""
        answer = self.call(who, "POST", f"/api/programmes/{programme}/publication", given)
        assert answer.status_code == 200, answer.text
        return body(answer)

    def share(self, organisation: str, *members: str, sequence: int = 1) -> None:
        """These accounts act for an organisation from now on."""
        self.hear("organisation.shared", organisation, sequence, members=list(members))
