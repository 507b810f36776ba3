"""A programme as CSV files: who gets which rows, what they hold, and what is in no file."""

import csv
import io
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.mongo import Documents
from chassis.places import TRAIL, rows_of
from services.programmes import store
from services.programmes.model.pairs import Pair, pair_id
from tests.kit.answers import body, problem
from tests.kit.programmes import OWNER, STRANGER, Programmes

ORGANISER = "client-organiser"
NAMES = ("participants", "pairs", "sessions", "teams", "progress")


class Filed(Programmes):
    """A programme with one pair of two companies, and somebody more in each of them."""

    def __init__(self, database: Documents) -> None:
        super().__init__(database)
        self.id = self.create(name="Été 2026", organisations=["AXA", "Engie"])
        self.mentor = self._enrol("m1", "mentor", "AXA", offers=["crm", "Poterie"], name="=Inès; Moreau")
        self.mentee = self._enrol("e1", "mentee", "Engie", name="Paul Roux")
        self._enrol("m2", "mentor", "AXA")
        self._enrol("e2", "mentee", "Engie")
        organisers = [{"account": ORGANISER, "organisation": "AXA"}]
        self.database.programmes.update_one({"_id": self.id}, {"$set": {"organisers": organisers}})
        two = (self.mentor.id, self.mentee.id)
        pair = Pair(pair_id(self.id, *two), self.id, *two, self.now, state="ended_early", published=True)
        pair.ended = {"at": self.now}
        self.work.run(lambda unit: store.add_pairs(unit, [pair]))
        common = {"programme": self.id, "pair": pair.id, "starts_at": self.now, "minutes": 60, "note": "Note secrète"}
        rows = [{"_id": f"s{place}", "state": state, **common} for place, state in enumerate(("held", "cancelled"))]
        self.database.sessions.insert_many(rows)
        challenge = {"_id": "h1", "title": "Culture", "text": "", "milestones": [], "created_at": self.now}
        self.database.challenges.insert_one({**challenge, "programme": self.id})
        team = {"_id": "t1", "challenge": "h1", "name": "Équipe 1", "members": list(two), "published": True}
        self.database.teams.insert_one({**team, "programme": self.id})
        self.database.teamworks.insert_one({"_id": self.id, "left_out": [], "aims": {}})

    def _enrol(self, ref: str, side: str, organisation: str, **more: Any) -> Any:
        answers = {"start": {"data": 2}, "end": {"data": 5}}
        return self.put(self.id, ref, side, organisation=organisation, assessments=answers, state="agreed", **more)

    def file(self, name: str, who: str = OWNER, query: str = "") -> TestResponse:
        return self.call(who, "GET", f"/api/programmes/{self.id}/files/{name}.csv{query}")

    def rows(self, name: str, who: str = OWNER, query: str = "", separator: str = ";") -> list[dict[str, str]]:
        answer = self.file(name, who, query)
        assert answer.status_code == 200, answer.text
        text = io.StringIO(answer.data.decode("utf-8-sig"), newline="")
        return list(csv.DictReader(text, delimiter=separator, strict=True))


@pytest.fixture
def programme(database: Documents) -> Filed:
    return Filed(database)


def test_participants_are_complete_and_open_well_in_french(programme: Filed) -> None:
    answer = programme.file("participants")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="Ete 2026 - participants.csv"; '
        "filename*=UTF-8''%C3%89t%C3%A9%202026%20-%20participants.csv"
    )
    assert answer.data.startswith("\ufeffRéférence;".encode())
    assert answer.data.endswith(b"\r\n")
    first, *others = programme.rows("participants")
    assert (first["Prénom et nom"], first["Adresse e-mail"]) == ("'=Inès; Moreau", "m1@people.example")
    assert (first["Rôle"], first["Apporte"]) == ("mentor", "Gestion de la relation client (CRM), Poterie")
    assert [row["Référence"] for row in others] == ["e1", "m2", "e2"]


def test_pairs_and_sessions_show_dates_and_states(programme: Filed) -> None:
    (pair,) = programme.rows("pairs")
    assert (pair["Mentor"], pair["Mentoré"], pair["État"]) == ("'=Inès; Moreau", "Paul Roux", "terminé plus tôt")
    assert (pair["Séances tenues"], pair["Fin"][:4]) == ("1", f"{programme.now.year}")
    assert [row["État"] for row in programme.rows("sessions")] == ["tenue", "annulée"]


def test_teams_name_their_members(programme: Filed) -> None:
    assert [list(row.values()) for row in programme.rows("teams")] == [
        ["Culture", "Équipe 1", "e1", "Paul Roux", "mentoré", "Engie"],
        ["Culture", "Équipe 1", "m1", "'=Inès; Moreau", "mentor", "AXA"],
    ]
    theirs = programme.rows("teams", ORGANISER)
    assert [row["Nom"] for row in theirs] == ["", "'=Inès; Moreau"]
    programme.database.teams.update_one({}, {"$set": {"published": False}})
    assert programme.rows("teams", ORGANISER) == []


def test_people_of_a_file_can_be_enrolled_in_another_programme(programme: Filed) -> None:
    programme.database.participants.update_one({"ref": "m1"}, {"$set": {"name": "Inès Moreau"}})
    programme.database.participants.update_many({}, {"$set": {"languages": ["fr"]}})
    text, there = programme.file("participants").data, programme.create(organisations=["AXA", "Engie"])
    sent = programme.signer.header(OWNER, "client") | {"Content-Type": "text/csv"}
    path = f"/api/programmes/{there}/participants"
    answer = programme.app.test_client().post(path, data=text, headers=sent)
    assert (answer.status_code, body(answer)["rejected"]) == (200, []), answer.text
    same = ("ref", "name", "email", "side", "organisation", "offers", "languages")
    people = [
        sorted([row[name] for name in same] for row in programme.database.participants.find({"programme": one}))
        for one in (programme.id, there)
    ]
    assert people[0] == people[1]


def test_english_file_has_commas(programme: Filed) -> None:
    assert programme.rows("pairs", query="?locale=en", separator=",")[0]["State"] == "ended early"
    assert problem(programme.file("pairs", query="?locale=de")) == (422, "invalid")


def test_organiser_gets_own_people_only(programme: Filed) -> None:
    assert [row["Référence"] for row in programme.rows("participants", ORGANISER)] == ["m1", "m2"]
    (pair,) = programme.rows("pairs", ORGANISER)
    assert (pair["Réf. mentor"], pair["Mentoré"], pair["Entreprise du mentoré"]) == ("m1", "", "Engie")
    assert "Paul" not in "".join(programme.file(name, ORGANISER).text for name in NAMES)
    programme.database.programmes.update_one({}, {"$set": {"organisers.0.organisation": "Colas"}})
    assert [programme.rows(name, ORGANISER) for name in NAMES[:4]] == [[], [], [], []]


def test_organiser_gets_a_proposed_pair_only_once_published(programme: Filed) -> None:
    programme.database.pairs.update_one({}, {"$set": {"published": False}})
    assert programme.rows("pairs", ORGANISER) == []
    assert len(programme.rows("pairs")) == 1


def test_no_file_holds_answers_or_notes(programme: Filed) -> None:
    everything = "".join(programme.file(name).text for name in NAMES)
    assert "secrète" not in everything
    assert "data" not in everything
    (progress,) = programme.rows("progress")
    assert (progress["Groupe"], progress["Personnes"]) == ("Ensemble", "")
    assert progress["Remarque"].startswith("Les chiffres commencent avec la publication")


def test_nobody_else_gets_a_file(programme: Filed) -> None:
    for who, name in [(STRANGER, "participants"), (OWNER, "notes"), (OWNER, "assessments")]:
        assert problem(programme.file(name, who)) == (404, "not-found")
    theirs = programme.pass_of(programme.mentor)
    path = f"/api/programmes/{programme.id}/files/participants.csv"
    assert programme.by_pass(theirs, "GET", path).status_code == 401


def test_file_longer_than_a_page_is_complete_and_audited(programme: Filed) -> None:
    kept = programme.database.participants.find_one({"ref": "m2"})
    assert kept is not None
    more = [{**kept, "_id": f"more-{place:03}", "ref": f"x{place:03}"} for place in range(401)]
    programme.database.participants.insert_many(more)
    refs = [row["Référence"] for row in programme.rows("participants")]
    assert len(refs) == len(set(refs)) == 405
    audited = rows_of(programme.database, TRAIL).find({}, {"_id": 0, "who": 1, "what": 1, "whom": 1})
    assert list(audited) == [{"who": OWNER, "what": "participants.exported", "whom": programme.id}]
