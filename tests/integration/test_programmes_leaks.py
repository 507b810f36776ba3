"""Planted names, addresses and texts: every route is called, and none of them shows up where it must not."""

from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import generate_latest
from werkzeug.routing import Rule

from chassis.mongo import Documents
from chassis.places import TRAIL, rows_of
from services.programmes import store
from tests.kit.programmes import OWNER, STRANGER, Programmes

ORGANISER = "client-organiser"
NAME, EMAIL, NOTE = "Zéphyrine Planted", "zephyrine.planted@people.example", "Une note plantée"
PLANTED = ("Zéphyrine", "Z\\u00e9phyrine", "zephyrine", "plantée", "plant\\u00e9e")
REF = "e1"
FIELDS = ("name", "title", "text", "url", "purpose", "host", "reason", "organisation", "ref", "language", "token")
JUNK = dict.fromkeys(FIELDS, NAME) | {
    "email": EMAIL, "note": NOTE, "about": NOTE, "contact": {"name": NAME, "email": EMAIL}, "answers": {"data": NAME},
}  # fmt: skip
"""A body in which each field is somebody's name, address or text."""
LAST = ("erasure", "objection", "leaving", "closing")
"""Routes after which less can be read."""


class Planted(Programmes):
    """A programme under way with planted data, which its routes stored, and somebody else's organiser."""

    def __init__(self, database: Documents) -> None:
        super().__init__(database)
        self.id = self.create(organisations=["AXA", "Engie"], contact={"name": NAME, "email": EMAIL})
        person = {"ref": REF, "name": NAME, "email": EMAIL, "side": "mentee", "organisation": "AXA", "about": NOTE}
        other = {"ref": "m1", "name": "Paul", "email": "paul@people.example", "side": "mentor", "organisation": "AXA"}
        answer = self.call(OWNER, "POST", f"/api/programmes/{self.id}/participants", [person, other])
        assert answer.status_code == 200, answer.text
        organisers = [{"account": ORGANISER, "organisation": "Engie"}]
        self.database.programmes.update_one({"_id": self.id}, {"$set": {"organisers": organisers}})
        for row in self.messages("enrolled"):
            self.read(row["_id"])

    def requests(self) -> Iterator[tuple[str, str]]:
        """A request to each route of the API, reads first, with this programme's ids."""
        rules = [rule for rule in self.app.url_map.iter_rules() if rule.rule.startswith("/api/programmes")]
        found = [(method, rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
        for method, rule in sorted(found, key=lambda one: (one[0] != "GET", one[1].rule.endswith(LAST), one[1].rule)):
            yield method, self._path(rule)

    def _path(self, rule: Rule) -> str:
        known = {"programme_id": self.id, "ref": REF, "mentee_ref": REF, "mentor_ref": "m1", "name": "participants"}
        made = rule.rule
        for argument in rule.arguments:
            made = made.replace(f"<{argument}>", known.get(argument, "unknown"))
        return made


@pytest.fixture
def programme(database: Documents) -> Planted:
    return Planted(database)


def leaked(text: str) -> list[str]:
    return [word for word in PLANTED if word in text]


def test_planted_words_reach_no_stranger_event_log_metric_or_error(
    programme: Planted, capsys: pytest.CaptureFixture[str]
) -> None:
    key = programme.pass_of(store.participants_of(programme.database, programme.id, ref=REF)[0])
    calls = list(programme.requests())
    assert len(calls) > 50
    read_by_owner = 0
    for method, path in calls:
        body: Any = None if method == "GET" else JUNK
        for who in (STRANGER, ORGANISER, "thomas", OWNER):
            answer = programme.call(who, method, path, body)
            if answer.status_code >= 400 or (who != OWNER and method == "GET" and "contact" not in answer.text):
                assert leaked(answer.text) == [], (who, method, path)
            read_by_owner += who == OWNER and answer.status_code == 200 and bool(leaked(answer.text))
            assert leaked(str(answer.headers)) == [], (who, method, path)
        by_pass = programme.by_pass(key, method, path, body)
        assert by_pass.status_code < 400 or leaked(by_pass.text) == [], (method, path)
    assert read_by_owner >= 3, "the words are there to be found"
    assert leaked(str(list(programme.database.outbox.find()))) == []
    assert leaked(str(list(rows_of(programme.database, TRAIL).find()))) == []
    assert leaked(generate_latest().decode()) == []
    said = capsys.readouterr()
    assert "/api/programmes" in said.out
    assert leaked(said.out + said.err) == []
