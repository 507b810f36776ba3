"""Erasure, export and retention: every collection is filled with a person's data, and nothing of it is found after."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.mongo import Document, Documents
from chassis.places import collections_of
from services.programmes import store
from services.programmes.model.pairs import Pair, pair_id
from services.programmes.model.participants import Participant
from services.programmes.model.progress.blocks import FACTS
from services.programmes.store.erasing import KEPT, OF_A_PROGRAMME
from tests.kit.answers import body, problem
from tests.kit.databases import everything
from tests.kit.programmes import COLLEAGUE, OWNER, Programmes

WORD = "Zéphyrine"
"""Planted in each text of the person."""
EMAIL = "zephyrine.planted@people.example"
ACCOUNT = "thomas"
CHASSIS = {"erasures", "outbox", "inbox", "audit/rows", "idempotency", "guards", "migrations", "revocations",
           "limits", "letters"}
"""Collections of the chassis: ids, and answers of commands for two days."""


class Erasing(Programmes):
    """A programme under way in whose every collection somebody's data are planted, and those of another person."""

    def __init__(self, database: Documents) -> None:
        super().__init__(database)
        self.id = self.create(organisations=["AXA"])
        self.other = self.put(self.id, "m1", "mentor", state="agreed")
        self.person = self.enrol("e1")
        self.pair = pair_id(self.id, self.other.id, self.person.id)
        self.database.programmes.update_one({"_id": self.id}, {"$set": {"state": "running"}})
        for name, rows in self.planted().items():
            self.database[name].insert_many(rows)
        secret = self.config.blind_secret
        self.work.run(lambda unit: store.ban(unit, secret, OWNER, self.other.email, EMAIL))

    def enrol(self, ref: str, **more: Any) -> Participant:
        answers = {"start": {"data": 2}, "end": {"data": 3}}
        given: dict[str, Any] = {"name": f"{WORD} Roux", "email": EMAIL, "about": WORD, "team": WORD, "wants": [WORD]}
        given |= {"account": ACCOUNT, "state": "agreed", "assessments": answers}
        return self.put(self.id, ref, "mentee", **given | more)

    def planted(self) -> dict[str, list[Document]]:
        """Documents with this person's data, by collection."""
        one, programme, pair = self.person.id, {"programme": self.id}, self.pair
        mine = Pair(pair, self.id, self.other.id, one, self.now, state="active", published=True)
        mine.why, mine.second_best = [{"code": "wish", "words": [WORD]}], {"mentor": self.other.id, "words": [WORD]}
        others = Pair(f"{pair}2", self.id, self.other.id, "x", self.now, state="active", published=True)
        others.second_best = {"mentor": one, "words": [WORD]}
        soon = {"created_at": self.now, "expires_at": self.now + timedelta(days=1), "kept": 86400.0}
        message = {**programme, **soon, "kind": "enrolled", "data": {}}
        return {
            "pairs": [{**store.pairs.pair_document(two), "version": 1} for two in (mine, others)],
            "sessions": [{"_id": "s1", **programme, "pair": pair, "note": WORD, "place": WORD, "state": "held",
                          "starts_at": self.now, "created_at": self.now, "moves": [], "version": 1}],
            "endings": [{"_id": pair, **programme, "by": one, "reason": WORD, "at": self.now}],
            "messages": [{"_id": "to-participant", **message, "participant": one},
                         {"_id": "to-account", **message, "account": ACCOUNT}],
            "proposals": [{"_id": "p1", **programme, "pairs": [{"mentee": one, "why": [WORD]}]}],
            "solves": [{"_id": "v1", **programme, "kind": "proposal", "conflicts": [WORD], "asked_by": ACCOUNT}],
            "portraits": [{"_id": one, **programme, "digest": "d", "words": [WORD]}],
            "pair_marks": [{"_id": "k1", **programme, "mentor": self.other.id, "mentee": one}],
            "contributions": [{"_id": "c1", **programme, "by": one, "text": WORD, "created_at": self.now,
                               "kind": "text"}],
            "pictures": [{"_id": "c1", **programme, "content": WORD.encode()}],
            "teams": [{"_id": "t1", **programme, "members": [one, self.other.id]}],
            "teamworks": [{"_id": self.id, "left_out": [{"participant": one, "why": WORD}], "aims": {}}],
            "links": [{"_id": "l1", **programme, "digest": "d", "created_by": ACCOUNT, "created_at": self.now}],
            "objections": [{"_id": "digest-of-an-address", **programme, "at": self.now}],
            "objection_reasons": [{"_id": f"{self.id}:other", **programme, "reason": "other", "count": 1}],
            "organiser_invitations": [{"_id": "i1", **programme, "email": EMAIL, "organisation": "AXA", **soon}],
            "organisations": [{"_id": "org-z", "members": [ACCOUNT, "client-z"], "sequence": 1}],
            "challenges": [{"_id": "h1", **programme, "title": "Culture", "text": "", "milestones": [],
                            "created_at": self.now}],
            "mailed": [{"_id": "digest-of-an-address", "times": [self.now], "gone_at": self.now + timedelta(days=1)}],
            "bans": [{"_id": "a:b", "digests": ["a", "b"]}],
            "progress": [{"_id": self.id, "blocks": [{"traits": {}, "counted": {one: {"people": 1}},
                          "figures": dict.fromkeys(FACTS, 6), "updated_at": self.now}], "batches": [], "values": {},
                          "assessed": [one], "complete": 6, "history": [], "version": 1}],
            "idempotency": [{"_id": f"{who}:key", "answer": {"name": WORD}, "at": self.now} for who in (one, ACCOUNT)],
        }  # fmt: skip

    def everywhere(self, text: str) -> set[str]:
        """The collections in which a text is found."""
        return {name for name, rows in everything(self.database).items() if text in str(rows)}

    def erase(self, account: str = ACCOUNT, role: str = "mentor") -> None:
        self.hear("account.erased", account, role=role)


@pytest.fixture
def programme(database: Documents) -> Erasing:
    return Erasing(database)


def test_each_collection_is_planted_and_says_what_becomes_of_it(programme: Erasing) -> None:
    declared = set(store.INDEXES) - CHASSIS
    assert declared <= {*OF_A_PROGRAMME, *KEPT}
    assert declared - {"programmes", "participants"} <= set(programme.planted())
    stored = set(collections_of(programme.database)) - CHASSIS
    assert stored - {*OF_A_PROGRAMME, *KEPT} == set()


def test_nothing_of_an_erased_account_is_found_anywhere(programme: Erasing) -> None:
    programme.database.organiser_invitations.delete_many({})  # it names an address that is nobody's here
    assert len(programme.everywhere(WORD)) > 5
    programme.erase()
    assert programme.everywhere(WORD) == set()
    assert programme.everywhere(EMAIL) == set()
    assert [row["_id"] for row in programme.database.bans.find()] == ["a:b"], "their own is gone"
    assert programme.everywhere(ACCOUNT) == {"erasures", "inbox", "outbox"} & programme.everywhere(ACCOUNT)
    assert programme.everywhere(programme.person.id) <= {"pairs", "sessions", "erasures", "messages", "outbox"}
    (done,) = programme.facts("erasure.done")
    assert (done["subject"], done["payload"]) == (ACCOUNT, {"service": "programmes"})


def test_published_sums_survive_an_erasure(programme: Erasing) -> None:
    programme.erase()
    kept = programme.database.progress.find_one({})
    assert kept is not None
    (block,) = kept["blocks"]
    assert (block["figures"], block["counted"], kept["assessed"]) == (dict.fromkeys(FACTS, 6), {}, [])


def test_partner_is_told_and_looked_after(programme: Erasing) -> None:
    programme.erase()
    (told,) = programme.messages("pair-ended")
    assert told["participant"] == programme.other.id
    kept = programme.database.pairs.find_one({"_id": programme.pair})
    assert kept is not None
    assert (kept["state"], kept["waiting"], kept["why"]) == ("ended_early", [programme.other.id], [])
    assert programme.database.solves.count_documents({"kind": "rematch"}) == 1


def test_participant_without_account_erases_themselves_by_pass(programme: Erasing) -> None:
    programme.database.participants.update_one({"_id": programme.person.id}, {"$unset": {"account": ""}})
    token = programme.pass_of(programme.person)
    path = f"/api/programmes/{programme.id}/erasure"
    held = programme.by_pass(token, "GET", f"/api/programmes/{programme.id}/export")
    assert held.status_code == 200
    answer = programme.by_pass(token, "POST", path, Idempotency_Key="k")
    assert (answer.status_code, answer.json) == (202, {})
    programme.database.organiser_invitations.delete_many({})
    programme.database.idempotency.delete_one({"_id": f"{ACCOUNT}:key"})
    assert programme.everywhere(WORD) == programme.everywhere(EMAIL) == set()
    assert problem(programme.by_pass(token, "GET", f"/api/programmes/{programme.id}/export"))[0] == 404
    assert programme.by_pass(token, "POST", path).status_code == 401, "a pass that outlives its person does nothing"


def test_erasure_before_the_publication_makes_a_proposal_outdated(programme: Erasing) -> None:
    programme.database.programmes.update_one({}, {"$set": {"state": "proposed"}})
    programme.database.pairs.update_many({}, {"$set": {"published": False}})
    programme.erase()
    assert programme.get(OWNER, f"/api/programmes/{programme.id}")["state"] == "enrolling"
    assert [row["pairs"] for row in programme.database.proposals.find()] == [[]]
    assert programme.messages("pair-ended") == []


def test_person_exports_all_that_is_held_and_nothing_of_others(programme: Erasing) -> None:
    everything = programme.get(ACCOUNT, "/api/programmes/export")
    (mine,) = everything["participations"]
    assert mine["participant"]["name"] == f"{WORD} Roux"
    assert mine["participant"]["email"] == EMAIL
    assert mine["assessments"] == {"start": {"data": 2}, "end": {"data": 3}}
    assert [session["note"] for session in mine["sessions"]] == [WORD]
    assert [ending["reason"] for ending in mine["endings"]] == [WORD]
    assert [one["text"] for one in mine["contributions"]] == [WORD]
    assert [pair["state"] for pair in mine["pairs"]] == ["active"]
    assert programme.other.name not in str(everything)
    by_pass = programme.by_pass(programme.pass_of(programme.person), "GET", f"/api/programmes/{programme.id}/export")
    assert body(by_pass) == mine
    owned = programme.get(OWNER, "/api/programmes/export")
    assert [one["id"] for one in owned["owned"]] == [programme.id]
    assert WORD not in str(owned)
    assert problem(programme.call(OWNER, "GET", f"/api/programmes/{programme.id}/export")) == (404, "not-found")


# Owners.


def test_programme_goes_on_with_the_longest_standing_colleague(programme: Erasing) -> None:
    programme.share("org-1", COLLEAGUE, OWNER, "client-third")
    programme.erase(OWNER, "client")
    mine = programme.get(COLLEAGUE, f"/api/programmes/{programme.id}")
    assert (mine["state"], mine["contact"]) == ("running", None)
    kept = programme.database.programmes.find_one({})
    assert kept is not None
    assert kept["owner"] == COLLEAGUE
    assert programme.everywhere(OWNER) <= {"erasures", "inbox", "outbox"}


@pytest.mark.parametrize("organisation_ends_first", [False, True])
def test_programme_that_nobody_runs_ends_and_forgets_its_people(
    programme: Erasing, organisation_ends_first: bool
) -> None:
    programme.share("org-1", OWNER)
    if organisation_ends_first:
        programme.share("org-1", sequence=2)
    programme.erase(OWNER, "client")
    told = [row["participant"] for row in programme.messages("programme-closed")]
    assert sorted(told) == sorted([programme.other.id, programme.person.id])
    assert programme.payloads(programme.id, "programme.closed") == [{}]
    row = programme.database.programmes.find_one({"_id": programme.id})
    assert row is not None
    assert row["due_at"] - programme.now > timedelta(days=2), "mails must find their addresses"
    assert programme.everywhere(OWNER) <= {"erasures", "inbox", "outbox"}
    pass_due(programme)
    assert programme.everywhere(EMAIL) == programme.everywhere(WORD) - {"idempotency"} == set()


# Retention.


def pass_due(programme: Erasing) -> None:
    """The programme's deadline is now."""
    change = {"$set": {"due_at": programme.now, "state": "closed"}}
    programme.database.programmes.update_one({"_id": programme.id}, change)
    programme.fire_in("programmes", programme.id)


def test_closed_programme_forgets_everybody_at_its_deadline(programme: Erasing) -> None:
    elsewhere = programme.create(name="Another one")
    programme.put(elsewhere, "m9", "mentor")
    pass_due(programme)
    assert programme.everywhere(EMAIL) == programme.everywhere(WORD) - {"idempotency"} == set()
    for name in OF_A_PROGRAMME:
        assert programme.database[name].count_documents({"programme": programme.id}) == 0, name
    kept = programme.get(OWNER, f"/api/programmes/{programme.id}")
    assert (kept["name"], kept["state"], kept["purpose"], kept["contact"]) == ("Twenty with twenty", "closed", "", None)
    assert programme.get(OWNER, f"/api/programmes/{programme.id}/progress")["overall"]["people"] == 6
    assert [row["ref"] for row in programme.database.participants.find()] == ["m9"]


def test_deadline_that_is_not_due_erases_nobody(programme: Erasing) -> None:
    change = {"$set": {"due_at": programme.now + timedelta(days=1), "state": "closed"}}
    programme.database.programmes.update_one({"_id": programme.id}, change)
    programme.fire_in("programmes", programme.id)
    assert programme.everywhere(EMAIL) != set()
