"""Invitation links, joining by one, agreeing and objecting, on a real MongoDB."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import jwt
import pytest
from werkzeug.test import TestResponse

from chassis.ids import new_id
from chassis.mongo import connect
from chassis.unit import Unit
from services.programmes import store
from services.programmes.model.messages import digest_of
from tests.kit.answers import body, outcome, problem
from tests.kit.cohorts import Cohort
from tests.kit.programmes import OWNER, STRANGER, Programmes
from tests.kit.racing import together
from tests.kit.services import internally
from tests.kit.tokens import KeyServer

INES = {"name": "Inès Moreau", "email": "ines@pwn.example", "languages": ["français"], "offers": ["LinkedIn"]}
THOMAS = {"email": "thomas@pwn.example", "display_name": "Thomas Martin", "verified": True, "locale": "en"}
UNVERIFIED = {"email": "nora@pwn.example", "display_name": "Nora Petit", "verified": False, "locale": "fr"}


class Accounts(KeyServer):
    """What accounts tells people about themselves."""

    known: Mapping[str, Any] = {"thomas": THOMAS, "nora": UNVERIFIED}

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        assert (method, path) == ("GET", "/api/accounts/me")
        scheme, token = headers["Authorization"].split()
        assert (scheme, "X-Releve-Internal" in headers) == ("Bearer", False)
        account = jwt.decode(token, options={"verify_signature": False})["sub"]
        return (200, self.known[account]) if account in self.known else (401 if account == "erased" else 503, None)


@pytest.fixture(scope="module")
def programmes(mongo_uri: str) -> Iterator[Programmes]:
    """One database for the module: each test has a programme of its own."""
    database = connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test")
    with Accounts() as accounts:
        programmes = Programmes(database, RELEVE_ACCOUNTS_URL=accounts.url, RELEVE_VERIFY_EMAIL="true")
        yield programmes
        programmes.drop()


@pytest.fixture
def cohort(programmes: Programmes) -> Cohort:
    return Cohort(programmes)


def link(cohort: Cohort, who: str = OWNER, **wish: Any) -> dict[str, Any]:
    answer = cohort.programmes.call(who, "POST", f"{cohort.path}/links", {"side": "mentor"} | wish)
    assert answer.status_code == 201, answer.text
    return body(answer)


def join(cohort: Cohort, made: Mapping[str, Any], account: str = "", **person: Any) -> TestResponse:
    sent = cohort.programmes.signer.header(account) if account else {}
    known = {} if account else INES
    json = {"token": made["token"]} | known | person
    return cohort.programmes.app.test_client().post("/api/programmes/joins", json=json, headers=sent)


def links(cohort: Cohort, who: str = OWNER) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cohort.programmes.get(who, f"{cohort.path}/links")["items"]
    return found


def joined_token(cohort: Cohort) -> str:
    (message,) = cohort.programmes.messages("joined", programme=cohort.id)
    return cohort.programmes.token(message["_id"])


# Links.


def test_strangers_are_limited_by_network(cohort: Cohort) -> None:
    strict: dict[str, Any] = {"RELEVE_LIMIT_MAIL_REQUESTS": "2", "RELEVE_LIMIT_GUESSES": "2"}
    client = Programmes(cohort.programmes.database, **strict).app.test_client()
    wish = {"token": link(cohort)["token"]} | INES
    assert client.post("/api/programmes/joins", json=wish).status_code == 202
    assert client.post("/api/programmes/passes/renewal", json={"token": "a guess"}).status_code == 202
    for path, sent in (("joins", wish), ("passes/renewal", {"token": "a guess"})):
        assert problem(client.post(f"/api/programmes/{path}", json=sent)) == (429, "rate-limited")
    guesses = [client.post("/api/programmes/passes", json={"token": "a guess"}).status_code for _ in range(3)]
    assert guesses == [404, 404, 429]
    assert client.post("/api/programmes/passes", json={"token": joined_token(cohort)}).status_code == 429


def test_link_is_shown_once_and_stored_as_a_digest(cohort: Cohort) -> None:
    made = link(cohort, cap=2, domain="pwn.example", expires_in="P7D")
    assert made["url"].endswith(f"/join#{made['token']}")
    (listed,) = links(cohort)
    assert listed == {name: made[name] for name in listed}
    assert (listed["used"], listed["cap"], listed["organisation"]) == (0, 2, "PWN Paris")
    assert made["token"] not in str(list(cohort.programmes.database.links.find()))
    sent = {"side": "mentor", "expires_in": "P7D"}
    keyed = [
        body(cohort.programmes.call(OWNER, "POST", f"{cohort.path}/links", sent, Idempotency_Key="k"))["token"]
        for _ in range(2)
    ]
    assert keyed[0] == keyed[1]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"side": "boss"}, "side"),
        ({"cap": 0}, "cap"),
        ({"domain": "@pwn.example"}, "domain"),
        ({"domain": "PWN.example"}, "domain"),
        ({"expires_in": "PT0S"}, "expires_in"),
        ({"expires_in": "P181D"}, "expires_in"),
        ({"expires_in": "P1M"}, "expires_in"),
        ({"organisation": "Colas"}, "organisation"),
    ],
)
def test_wrong_link_is_refused_by_field(programmes: Programmes, wish: dict[str, Any], field: str) -> None:
    cohort = Cohort(programmes, organisations=["AXA", "Engie"])
    sent = {"side": "mentor", "organisation": "AXA"} | wish
    answer = programmes.call(OWNER, "POST", f"{cohort.path}/links", sent)
    assert (problem(answer), body(answer)["errors"][0]["field"]) == ((422, "invalid"), field)


def test_organiser_makes_and_sees_links_of_the_own_organisation(programmes: Programmes) -> None:
    cohort = Cohort(programmes, organisations=["AXA", "Engie"])
    cohort.organiser("client-axa", "AXA")
    other = link(cohort, organisation="Engie")
    assert link(cohort, who="client-axa")["organisation"] == "AXA"
    assert [one["organisation"] for one in links(cohort, "client-axa")] == ["AXA"]
    answer = programmes.call("client-axa", "DELETE", f"{cohort.path}/links/{other['id']}")
    assert problem(answer) == (404, "not-found")
    assert problem(programmes.call(STRANGER, "GET", f"{cohort.path}/links")) == (404, "not-found")


def test_deleted_or_expired_link_opens_nothing(cohort: Cohort) -> None:
    gone, late = link(cohort), link(cohort)
    assert cohort.programmes.call(OWNER, "DELETE", f"{cohort.path}/links/{gone['id']}").status_code == 204
    past = {"$set": {"expires_at": cohort.programmes.now - timedelta(seconds=1)}}
    cohort.programmes.database.links.update_one({"_id": late["id"]}, past)
    for made in (gone, late, {"token": "nothing"}):
        assert problem(join(cohort, made)) == (404, "not-found")


# Joining without an account.


def test_joiner_counts_only_after_confirming_their_address(cohort: Cohort) -> None:
    answer = join(cohort, link(cohort))
    assert (answer.status_code, body(answer)) == (202, {"state": "to-confirm"})
    assert (cohort.refs(), cohort.state()) == ([], "draft")
    assert problem(cohort.programmes.call(OWNER, "GET", f"{cohort.path}/participants/p1")) == (404, "not-found")
    (message,) = cohort.programmes.messages("joined", programme=cohort.id)
    assert body(cohort.programmes.read(message["_id"]))["display_name"] == "", "anybody may have written it"
    file = f"{cohort.path}/files/participants.csv"
    assert "Moreau" not in cohort.programmes.call(OWNER, "GET", file).text
    opened = cohort.programmes.open(joined_token(cohort))
    assert opened.status_code == 201
    assert "Moreau" in cohort.programmes.call(OWNER, "GET", file).text
    assert (cohort.refs(), cohort.state()) == (["p1"], "enrolling")
    person = cohort.programmes.get(OWNER, f"{cohort.path}/participants/p1")
    assert (person["side"], person["organisation"], person["via"]) == ("mentor", "PWN Paris", "link")
    assert (person["languages"], person["offers"]) == (["fr"], ["linkedin"])
    assert links(cohort)[0]["used"] == 1


@pytest.mark.parametrize(
    ("person", "field"),
    [
        ({"languages": ["klingonien"]}, "languages"),
        ({"email": "ines"}, "email"),
        ({"timezone": "Paris"}, "timezone"),
        ({"side": "mentee"}, "side"),
    ],
)
def test_wrong_data_of_a_joiner_is_refused_by_field(cohort: Cohort, person: dict[str, Any], field: str) -> None:
    answer = join(cohort, link(cohort), **person)
    assert (problem(answer), body(answer)["errors"][0]["field"]) == ((422, "invalid"), field)


def test_joiner_without_account_names_themselves(cohort: Cohort) -> None:
    answer = cohort.programmes.app.test_client().post("/api/programmes/joins", json={"token": link(cohort)["token"]})
    assert [one["field"] for one in body(answer)["errors"]] == ["name", "email"]


def test_link_lets_in_its_domain_only(cohort: Cohort) -> None:
    made = link(cohort, domain="pwn.example")
    for email in ("ines@elsewhere.example", "ines@sub.pwn.example", "ines@notpwn.example"):
        assert problem(join(cohort, made, email=email)) == (409, "wrong-domain")
    assert join(cohort, made, email="Ines@PWN.example").status_code == 202


def test_cap_holds_exactly_when_many_join_at_once(cohort: Cohort) -> None:
    made = link(cohort, cap=7)
    calls = [lambda n=n: outcome(join(cohort, made, email=f"n{n}@pwn.example")) for n in range(20)]
    got = together(*calls)
    assert sorted(got) == ["202"] * 7 + ["link-full"] * 13
    assert links(cohort)[0]["used"] == 7
    people = list(cohort.programmes.database.participants.find({"programme": cohort.id}))
    assert len({one["ref"] for one in people}) == len(people) == 7


def test_places_are_counted_again_after_another_took_one(cohort: Cohort) -> None:
    made, attempts = link(cohort, cap=1), list[int]()

    def take(unit: Unit) -> int:
        found = store.link_by_digest(unit, digest_of(made["token"]))
        assert found
        attempts.append(len(attempts))
        if len(attempts) == 1:  # this transaction sees the time before
            assert together(lambda: cohort.programmes.work.run(take)) == [0]
        return store.take_place(unit, found)

    cohort.programmes.work.run(take)
    assert len(attempts) == 3


def test_place_that_is_not_confirmed_is_free_again(cohort: Cohort) -> None:
    made = link(cohort, cap=1)
    join(cohort, made)
    assert problem(join(cohort, made, email="nora@pwn.example")) == (409, "link-full")
    late = {"$set": {"created_at": cohort.programmes.now - timedelta(days=3)}}
    cohort.programmes.database.participants.update_many({"programme": cohort.id}, late)
    assert join(cohort, made, email="nora@pwn.example").status_code == 202


def test_answer_never_tells_whether_an_address_is_enrolled(cohort: Cohort) -> None:
    cohort.enrol({**INES, "side": "mentee"})
    made = link(cohort)
    assert body(join(cohort, made)) == {"state": "to-confirm"}
    assert cohort.told("link-renewed") == ["p1"]
    assert cohort.programmes.get(OWNER, f"{cohort.path}/participants/p1")["side"] == "mentee"
    for _ in range(5):
        assert join(cohort, made).status_code == 202
    assert len(cohort.told("link-renewed")) == 3, "strangers cause three mails an hour at most"


def test_import_of_an_unconfirmed_address_replaces_it(cohort: Cohort) -> None:
    join(cohort, link(cohort))
    token = joined_token(cohort)
    assert body(cohort.enrol({**INES, "side": "mentee"}))["accepted"] == 1
    assert problem(cohort.programmes.open(token)) == (404, "not-found")
    (person,) = cohort.programmes.get(OWNER, f"{cohort.path}/participants")["items"]
    assert (person["side"], person["via"]) == ("mentee", "file")


def test_nobody_joins_after_the_publication(cohort: Cohort) -> None:
    made = link(cohort)
    join(cohort, made)
    cohort.set_state("published")
    assert problem(join(cohort, made, email="nora@pwn.example")) == (409, "wrong-state")
    assert cohort.programmes.open(joined_token(cohort)).status_code == 201
    assert cohort.state() == "published"


# Joining with an account.


def test_account_joins_at_once_with_its_own_address(cohort: Cohort) -> None:
    answer = join(cohort, link(cohort, domain="pwn.example"), "thomas", offers=["SEO"], email="else@pwn.example")
    assert (answer.status_code, body(answer)) == (202, {"state": "joined"})
    (person,) = cohort.programmes.get(OWNER, f"{cohort.path}/participants")["items"]
    assert (person["name"], person["email"], person["via"]) == ("Thomas Martin", "thomas@pwn.example", "account")
    me = cohort.programmes.get("thomas", f"{cohort.path}/me")
    assert (me["offers"], me["has_account"], me["locale"]) == (["seo"], True, "en")
    assert problem(join(cohort, link(cohort), "thomas")) == (409, "already-taking-part")


def test_account_takes_over_its_own_enrolment(cohort: Cohort) -> None:
    cohort.enrol({"name": "T. M.", "email": "thomas@pwn.example", "side": "mentee"})
    assert body(join(cohort, link(cohort), "thomas")) == {"state": "joined"}
    assert cohort.programmes.get("thomas", f"{cohort.path}/me")["side"] == "mentee"


def test_account_with_an_unproven_address_confirms_it_first(cohort: Cohort) -> None:
    assert problem(join(cohort, link(cohort), "nora")) == (422, "invalid"), "it has no name yet"
    assert body(join(cohort, link(cohort), "nora", name="Nora")) == {"state": "to-confirm"}
    assert cohort.refs() == []
    assert cohort.programmes.open(joined_token(cohort)).status_code == 201
    assert cohort.programmes.get("nora", f"{cohort.path}/me")["name"] == "Nora"


def test_account_that_accounts_no_longer_knows_is_signed_out(cohort: Cohort) -> None:
    assert problem(join(cohort, link(cohort), "erased")) == (401, "unauthenticated")


def test_unreachable_accounts_is_a_temporary_failure(cohort: Cohort) -> None:
    answer = join(cohort, link(cohort), "unknown")
    assert (problem(answer), "Retry-After" in answer.headers) == ((503, "unavailable"), True)


# The person's own voice.


def enrolled(cohort: Cohort, **person: Any) -> str:
    """The pass of a mentor who was enrolled from a file."""
    cohort.enrol({**INES, "ref": "i", "side": "mentor", **person})
    return str(body(cohort.programmes.open(cohort.token_of("i")))["access_token"])


def test_participant_agrees_once(cohort: Cohort) -> None:
    key = enrolled(cohort)
    first = cohort.programmes.by_pass(key, "POST", f"{cohort.path}/agreement", {})
    assert (body(first)["state"], body(first)["agreed_at"] is not None) == ("agreed", True)
    again = cohort.programmes.by_pass(key, "POST", f"{cohort.path}/agreement")
    assert (body(again), again.headers["ETag"]) == (body(first), first.headers["ETag"])
    assert cohort.programmes.get(OWNER, f"{cohort.path}/participants")["counts"]["agreed"] == 1
    cohort.set_state("closed")
    assert problem(cohort.programmes.by_pass(key, "POST", f"{cohort.path}/agreement", {})) == (409, "wrong-state")


def test_person_who_has_left_cannot_agree_again(cohort: Cohort) -> None:
    key = enrolled(cohort)
    cohort.programmes.database.participants.update_one({"programme": cohort.id}, {"$set": {"state": "left"}})
    assert problem(cohort.programmes.by_pass(key, "POST", f"{cohort.path}/agreement", {})) == (404, "not-found")


def test_account_objects_for_its_proven_address_only(cohort: Cohort) -> None:
    join(cohort, link(cohort), "nora", name="Nora")
    assert cohort.programmes.call("nora", "POST", f"{cohort.path}/objection", {}).status_code == 204
    own = {"name": "N. M.", "email": "nora@pwn.example", "side": "mentee"}
    assert body(cohort.enrol(own))["accepted"] == 1, "the account's address may be somebody else's"


def test_participant_corrects_their_own_data(cohort: Cohort) -> None:
    key = enrolled(cohort)
    me = cohort.programmes.by_pass(key, "GET", f"{cohort.path}/me")
    cohort.set_state("proposed")
    change = {"wants": ["IA générative", "macramé"], "availability": ["lundi matin"], "locale": "en"}
    tag = me.headers["ETag"]
    changed = cohort.programmes.by_pass(key, "PATCH", f"{cohort.path}/me", change, If_Match=tag)
    assert (body(changed)["wants"], body(changed)["availability"]) == (["generative-ai", "macramé"], ["mon-am"])
    assert cohort.state() == "enrolling"
    late = cohort.programmes.by_pass(key, "PATCH", f"{cohort.path}/me", change, If_Match=tag)
    assert problem(late) == (412, "stale")
    for theirs in ({"email": "x@pwn.example"}, {"side": "mentee"}, {"manager_ref": ""}):
        assert problem(cohort.programmes.by_pass(key, "PATCH", f"{cohort.path}/me", theirs)) == (422, "invalid")
    cohort.set_state("running")
    assert cohort.programmes.by_pass(key, "PATCH", f"{cohort.path}/me", {"wants": []}).status_code == 200
    assert cohort.state() == "running"
    cohort.set_state("closed")
    closed = cohort.programmes.by_pass(key, "PATCH", f"{cohort.path}/me", {"wants": []})
    assert problem(closed) == (409, "wrong-state")
    assert problem(cohort.programmes.call(OWNER, "GET", f"{cohort.path}/me")) == (404, "not-found")


def test_objection_deletes_the_person_and_prevents_another_enrolment(cohort: Cohort) -> None:
    key = enrolled(cohort, locale="en")
    sent = cohort.programmes.by_pass(key, "POST", f"{cohort.path}/objection", {"reason": "no-time"})
    assert sent.status_code == 204
    assert problem(cohort.programmes.by_pass(key, "GET", f"{cohort.path}/me")) == (404, "not-found")
    answer = cohort.enrol({**INES, "side": "mentor"})
    assert [one["code"] for one in body(answer)["rejected"]] == ["objected"]
    listed = cohort.programmes.get(OWNER, f"{cohort.path}/participants")
    assert (listed["items"], listed["counts"]["objected"], listed["counts"]["reasons"]) == ([], 1, {})
    assert cohort.state() == "draft"
    (farewell,) = cohort.programmes.messages("objected", programme=cohort.id)
    told = cohort.programmes.read(farewell["_id"])
    assert (body(told)["email"], body(told)["token"], body(told)["locale"]) == ("ines@pwn.example", None, "en")
    deleted = cohort.programmes.app.test_client().delete(
        f"/internal/messages/{farewell['_id']}", headers=internally("notify", "programmes")
    )
    assert deleted.status_code == 204
    here = ("participants", "messages", "objections", "objection_reasons", "programmes")
    rows = str([list(cohort.programmes.database[name].find({"programme": cohort.id})) for name in here])
    assert "ines@" not in rows
    assert "Moreau" not in rows


def test_objection_in_one_programme_leaves_the_other(programmes: Programmes) -> None:
    here, there = Cohort(programmes), Cohort(programmes)
    key = enrolled(here)
    there.enrol({**INES, "side": "mentee"})
    assert programmes.by_pass(key, "POST", f"{there.path}/objection").status_code == 404
    assert programmes.by_pass(key, "POST", f"{here.path}/objection").status_code == 204
    assert (here.refs(), there.refs()) == ([], ["p1"])


def test_unknown_reason_is_refused(cohort: Cohort) -> None:
    key = enrolled(cohort)
    answer = cohort.programmes.by_pass(key, "POST", f"{cohort.path}/objection", {"reason": "my boss"})
    assert problem(answer) == (422, "invalid")


def test_reasons_are_counted_apart_and_shown_only_at_the_end(cohort: Cohort) -> None:
    people = [{**INES, "email": f"n{n}@pwn.example", "ref": f"n{n}", "side": "mentor"} for n in range(5)]
    cohort.enrol(*people)
    for n in range(5):
        key = str(body(cohort.programmes.open(cohort.token_of(f"n{n}")))["access_token"])
        cohort.programmes.by_pass(key, "POST", f"{cohort.path}/objection", {"reason": "privacy"})
    path = f"{cohort.path}/participants"
    assert cohort.programmes.get(OWNER, path)["counts"]["reasons"] == {}
    cohort.set_state("closed")
    assert cohort.programmes.get(OWNER, path)["counts"]["reasons"] == {"privacy": 5}
    assert "privacy" not in str(list(cohort.programmes.database.objections.find({"programme": cohort.id})))


def test_person_who_objected_may_still_join_by_themselves(cohort: Cohort) -> None:
    cohort.programmes.by_pass(enrolled(cohort), "POST", f"{cohort.path}/objection", {})
    assert join(cohort, link(cohort)).status_code == 202
    assert cohort.programmes.open(joined_token(cohort)).status_code == 201
    assert cohort.refs() == ["p1"]
    assert cohort.programmes.database.objections.count_documents({"programme": cohort.id}) == 0


def test_objection_under_way_ends_the_pair_and_tells_the_other(cohort: Cohort) -> None:
    key = enrolled(cohort)
    cohort.enrol({"ref": "l", "name": "Luc", "email": "luc@pwn.example", "side": "mentee"})
    ids = {one["ref"]: one["_id"] for one in cohort.programmes.database.participants.find({"programme": cohort.id})}
    row = {"programme": cohort.id, "mentor": ids["i"], "mentee": ids["l"], "state": "active", "published": True}
    row |= {"created_at": cohort.programmes.now, "version": 1, "answers": {"mentor": None, "mentee": None}, "why": []}
    cohort.programmes.database.pairs.insert_one({"_id": f"{cohort.id}:{ids['i']}:{ids['l']}", **row})
    cohort.set_state("running")
    assert cohort.programmes.by_pass(key, "POST", f"{cohort.path}/objection", {}).status_code == 204
    (pair,) = cohort.programmes.database.pairs.find({"programme": cohort.id})
    assert (pair["state"], cohort.told("pair-ended"), cohort.state()) == ("ended_early", ["l"], "running")


# New links.


def test_expired_link_is_exchanged_for_a_mail_with_a_new_one(cohort: Cohort) -> None:
    cohort.enrol({**INES, "ref": "i", "side": "mentor"})
    old = cohort.token_of("i")
    past = {"$set": {"expires_at": cohort.programmes.now - timedelta(seconds=1)}}
    cohort.programmes.database.messages.update_many({"programme": cohort.id}, past)
    assert problem(cohort.programmes.open(old)) == (404, "not-found")
    client = cohort.programmes.app.test_client()
    for token in (old, "never valid", old, old, old):
        answer = client.post("/api/programmes/passes/renewal", json={"token": token})
        assert (answer.status_code, body(answer)) == (202, {})
    assert cohort.told("link-renewed") == ["i", "i", "i"], "three mails an hour at most"
    assert cohort.programmes.open(cohort.token_of("i", "link-renewed")).status_code == 201
