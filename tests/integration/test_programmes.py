"""Programmes on a real MongoDB: who creates, reads, changes and copies them, and what a pass opens."""

import pytest

from chassis.events import rfc3339
from chassis.mongo import Documents
from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.telling import tell
from services.programmes.model.notices import Notice
from tests.kit.answers import body, problem
from tests.kit.programmes import COLLEAGUE, OWNER, PROGRAMME, STRANGER, Programmes


@pytest.fixture
def programmes(database: Documents) -> Programmes:
    return Programmes(database)


def test_owner_creates_and_reads_a_draft(programmes: Programmes) -> None:
    answer = programmes.call(OWNER, "POST", "/api/programmes", PROGRAMME)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    made = body(answer)
    assert {name: made[name] for name in PROGRAMME} == PROGRAMME
    assert made["state"] == "draft"
    assert made["rules"] == {
        "cross_company": False, "same_chain": False, "same_team": False, "capacity": 1, "mentee_capacity": 1,
        "cover": "mentees", "answer_within": "PT168H",
    }  # fmt: skip
    assert programmes.get(OWNER, f"/api/programmes/{made['id']}") == made
    assert programmes.get(OWNER, "/api/programmes") == {"items": [made], "next_cursor": None}


def test_requests_repeated_with_one_key_create_once(programmes: Programmes) -> None:
    first, again = (programmes.call(OWNER, "POST", "/api/programmes", PROGRAMME, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, body(again)) == (201, body(first))
    path = f"/api/programmes/{body(first)['id']}/copy"
    copies = [body(programmes.call(OWNER, "POST", path, {}, Idempotency_Key="k"))["id"] for _ in range(2)]
    assert copies[0] == copies[1]


def test_stranger_and_mentor_cannot_find_a_programme(programmes: Programmes) -> None:
    programme = programmes.create()
    for who in (STRANGER, "thomas"):
        assert problem(programmes.call(who, "GET", f"/api/programmes/{programme}")) == (404, "not-found")
        assert programmes.get(who, "/api/programmes")["items"] == []
    assert problem(programmes.call(STRANGER, "PATCH", f"/api/programmes/{programme}", {"name": "X"}))[0] == 404
    assert problem(programmes.call(STRANGER, "POST", f"/api/programmes/{programme}/copy", {}))[0] == 404
    assert problem(programmes.call("thomas", "POST", "/api/programmes", PROGRAMME)) == (403, "forbidden")


def test_colleagues_run_it_until_they_leave_the_organisation(programmes: Programmes) -> None:
    programme = programmes.create()
    path = f"/api/programmes/{programme}"
    programmes.share("org-1", OWNER, COLLEAGUE)
    assert programmes.get(COLLEAGUE, path)["my_part"] == ["owner"]
    assert programmes.call(COLLEAGUE, "PATCH", path, {"purpose": "Autre"}).status_code == 200
    programmes.share("org-1", COLLEAGUE, sequence=2)
    assert problem(programmes.call(OWNER, "GET", path)) == (404, "not-found")
    assert programmes.get(COLLEAGUE, path)["purpose"] == "Autre"


def test_older_news_of_an_organisation_changes_nothing(programmes: Programmes) -> None:
    programme = programmes.create()
    programmes.share("org-1", OWNER, sequence=5)
    programmes.share("org-1", OWNER, COLLEAGUE, sequence=4)
    assert problem(programmes.call(COLLEAGUE, "GET", f"/api/programmes/{programme}"))[0] == 404


def test_change_needs_the_current_version_and_a_state_before_publication(programmes: Programmes) -> None:
    path = f"/api/programmes/{programmes.create()}"
    assert problem(programmes.call(OWNER, "PATCH", path, {"name": "B"}, If_Match='"7"')) == (412, "stale")
    changed = programmes.call(OWNER, "PATCH", path, {"rules": {"capacity": 2}}, If_Match='"1"')
    assert (body(changed)["rules"]["capacity"], changed.headers["ETag"]) == (2, '"2"')
    programmes.database.programmes.update_one({}, {"$set": {"state": "published"}})
    assert problem(programmes.call(OWNER, "PATCH", path, {"name": "B"})) == (409, "wrong-state")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "challenge", "organisations": []}, "organisations"),
        ({"organisations": ["PWN Paris"], "rules": {"cross_company": True}}, "organisations"),
        ({"rules": {"answer_within": "P61D"}}, "rules.answer_within"),
        ({"rules": {"capacity": 0}}, "rules.capacity"),
        ({"kind": "party"}, "kind"),
    ],
)
def test_programme_that_cannot_work_is_refused(programmes: Programmes, changes: dict[str, object], field: str) -> None:
    answer = programmes.call(OWNER, "POST", "/api/programmes", PROGRAMME | changes)
    assert problem(answer) == (422, "invalid")
    assert [error["field"] for error in body(answer)["errors"]] == [field]


def test_copy_keeps_rules_and_texts_but_no_people(programmes: Programmes) -> None:
    programme = programmes.create(rules={"capacity": 3})
    programmes.put(programme, "M01", "mentor")
    answer = programmes.call(OWNER, "POST", f"/api/programmes/{programme}/copy", {"name": "Deuxième promotion"})
    copied = body(answer)
    assert (copied["state"], copied["copied_from"], copied["rules"]["capacity"]) == ("draft", programme, 3)
    assert copied["name"] == "Deuxième promotion"
    assert programmes.database.participants.count_documents({"programme": copied["id"]}) == 0


# Passes.


def test_link_of_a_mail_opens_its_programme_alone(programmes: Programmes) -> None:
    here, elsewhere = programmes.create(), programmes.create()
    person = programmes.put(here, "M01", "mentor")
    token = programmes.pass_of(person)
    read = programmes.by_pass(token, "GET", f"/api/programmes/{here}")
    assert (read.status_code, body(read)["my_part"], "rules" in body(read)) == (200, ["participant"], False)
    assert problem(programmes.by_pass(token, "GET", f"/api/programmes/{elsewhere}")) == (404, "not-found")
    assert [one["id"] for one in body(programmes.by_pass(token, "GET", "/api/programmes"))["items"]] == [here]
    assert problem(programmes.by_pass(token, "PATCH", f"/api/programmes/{here}", {"name": "X"}))[0] in (401, 403, 404)


def test_account_that_opens_the_link_is_tied_to_the_person(programmes: Programmes) -> None:
    programme = programmes.create()
    person, other = programmes.put(programme, "M01", "mentor"), programmes.put(programme, "M02", "mentor")
    headers = programmes.signer.header("thomas")
    assert programmes.open(programmes.token(programmes.message(person).id), **headers).status_code == 201
    assert programmes.get("thomas", f"/api/programmes/{programme}")["my_part"] == ["participant"]
    taken = programmes.open(programmes.token(programmes.message(other).id), **headers)
    assert problem(taken) == (409, "already-taking-part")
    again = programmes.open(programmes.token(programmes.message(person).id), **programmes.signer.header("ines"))
    assert problem(again) == (409, "already-taking-part")


def test_wrong_token_or_removed_person_opens_nothing(programmes: Programmes) -> None:
    programme = programmes.create()
    person = programmes.put(programme, "M01", "mentor")
    message = programmes.message(person)
    token = programmes.pass_of(person)
    link = programmes.token(message.id)
    assert problem(programmes.open("A" * 43)) == (404, "not-found")
    programmes.database.participants.delete_many({})
    assert problem(programmes.open(link)) == (404, "not-found")
    assert problem(programmes.by_pass(token, "GET", f"/api/programmes/{programme}")) == (404, "not-found")
    assert problem(programmes.read(message.id)) == (404, "not-found")


# What notify reads.


def test_notify_reads_recipient_and_words_only_with_the_internal_token(programmes: Programmes) -> None:
    programme = programmes.create()
    person = programmes.put(programme, "M01", "mentor", name="Léa Martin", locale="en")
    message = programmes.message(person)
    found = body(programmes.read(message.id))
    assert (found["email"], found["display_name"], found["locale"], found["page"]) == (
        "m01@people.example", "Léa Martin", "en", "pair",
    )  # fmt: skip
    assert found["values"] == {
        "programme": "Twenty with twenty", "host": "PWN Paris", "purpose": PROGRAMME["purpose"], "side": "mentor",
        "format": "pairing",
        "contact_name": "Claire Fontaine", "contact_email": "claire.fontaine@pwn.example", "partner": "",
        "partner_email": "", "until": rfc3339(message.expires_at),
    }  # fmt: skip
    refused = programmes.app.test_client().post(f"/internal/messages/{message.id}")
    assert problem(refused) == (403, "forbidden")
    kept = programmes.database.messages.find_one({"_id": message.id}) or {}
    assert found["token"] not in str(kept)
    [fact] = programmes.facts("messages.requested")
    requested = [{"message_id": message.id, "kind": "enrolled", "account": None}]
    assert fact["payload"] == {"programme": programme, "messages": requested}


def test_message_goes_to_the_account_of_whoever_has_one(programmes: Programmes) -> None:
    programme = programmes.create()
    signed_in = programmes.put(programme, "M01", "mentor", account="thomas")
    guest = programmes.put(programme, "M02", "mentor")

    def tell_them(unit: Unit) -> None:
        found = store.find_programme(unit, programme)
        assert found
        notices = [Notice("programme-closed", signed_in.id), Notice("programme-closed", guest.id)]
        notices.append(Notice("needs-attention", data={"count": 1}))
        store.save_programme(unit, found, tell(unit, found, notices))

    programmes.work.run(tell_them)
    [fact] = programmes.facts("messages.requested")
    assert [row["account"] for row in fact["payload"]["messages"]] == ["thomas", None, OWNER]


def test_erased_account_leaves_nothing_as_a_participant(programmes: Programmes) -> None:
    programme = programmes.create()
    programmes.put(programme, "M01", "mentor", account="thomas")
    programmes.hear("account.erased", "thomas", role="mentor")
    assert programmes.database.participants.count_documents({}) == 0
    assert [row["payload"] for row in programmes.facts("erasure.done")] == [{"service": "programmes"}]
