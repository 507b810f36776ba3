"""Pages of participants: a link becomes a pass that no page shows, and only the pass calls the API there."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.kit.pages import OURS, Answers, StandIn, opened, refused
from web.api import Answer, Away

PATH = "/api/programmes/p"
PASS = "the-pass-itself"
PROGRAMME = {"id": "p", "name": "Automne", "kind": "pairing", "state": "published", "host": "PWN",
             "purpose": "Apprendre", "contact": None, "my_part": ["participant"]}  # fmt: skip
ME = {
    "ref": "d1", "name": "Anne", "email": "anne@x.example", "side": "mentee", "state": "enrolled", "offers": [],
    "wants": ["crm"], "languages": ["fr"], "place": "", "timezone": "Europe/Lisbon", "locale": "en", "capacity": None,
}  # fmt: skip
PAIR = {"mentor": "m1", "mentee": "d1", "state": "proposed", "my_answer": None, "answer_by": None,
        "partner": {"name": None, "email": None}}  # fmt: skip
SESSION = {"id": "s1", "mentor": "m1", "mentee": "d1", "state": "planned", "starts_at": "2027-01-11T13:00:00Z",
           "starts_locally": "2027-01-11T13:00+00:00", "minutes": 60, "place": "", "agenda": None,
           "note": ""}  # fmt: skip
GIVEN = {"access_token": PASS, "token_type": "Bearer", "expires_in": 600, "programme_id": "p", "ref": "d1"}


def one(item: Any) -> Answer:
    return Answer(200, item)


def items(*found: Any) -> Answer:
    return Answer(200, {"items": list(found), "next_cursor": None})


def entered(more: Answers | None = None, role: str = "") -> tuple[FlaskClient, StandIn]:
    """The browser of a participant who has opened a mail's link."""
    known: Answers = {
        ("POST", "/api/programmes/passes"): Answer(201, GIVEN),
        ("GET", PATH): one(PROGRAMME), ("GET", f"{PATH}/me"): one(ME), ("GET", f"{PATH}/pairs"): items(PAIR),
    }  # fmt: skip
    browser, api = opened({**known, **(more or {})}, role)
    browser.delete_cookie("lang")
    answer = browser.post("/pair", data={"token": "https://releve.example/pair#secret"}, headers=OURS)
    assert answer.location == "/pair/p"
    return browser, api


def test_link_becomes_a_pass_that_no_page_shows() -> None:
    browser, api = entered()
    assert api.bodies("POST", "/api/programmes/passes") == [{"token": "secret"}]
    cookie = browser.get_cookie("releve-pass")
    assert cookie is not None
    assert cookie.http_only
    assert PASS not in cookie.value
    text = browser.get("/pair/p").text
    assert PASS not in text
    assert api.asked[-1][3]["Authorization"] == f"Bearer {PASS}"
    assert '<html lang="en">' in text, "in the language that they have in the programme"


def test_opening_a_link_never_ties_an_account_that_is_signed_in() -> None:
    browser, api = entered(role="client")
    assert "Authorization" not in api.asked[0][3]
    browser.get("/pair/p")
    assert api.asked[-1][3]["Authorization"] == f"Bearer {PASS}"


def test_partners_name_is_asked_of_the_api_alone() -> None:
    agreed = one(ME | {"state": "agreed"})
    browser, _ = entered({("GET", f"{PATH}/me"): agreed})
    assert "Your pair is ready" in browser.get("/pair/p").text
    named = items(PAIR | {"partner": {"name": "Zoé", "email": None}})
    browser, _ = entered({("GET", f"{PATH}/me"): agreed, ("GET", f"{PATH}/pairs"): named})
    assert "Your pair: Zoé" in browser.get("/pair/p").text


def test_consent_comes_before_the_pair() -> None:
    browser, _ = entered()
    text = browser.get("/pair/p").text
    assert 'action="/pair/p/agreement"' in text
    assert "/answer" not in text


def test_pass_opens_its_own_programme_alone() -> None:
    browser, api = entered()
    before = len(api.asked)
    assert browser.get("/pair/q").status_code == 401
    assert len(api.asked) == before


def test_old_link_can_be_renewed() -> None:
    browser, api = opened({("POST", "/api/programmes/passes/renewal"): Answer(202, {})})
    answer = browser.post("/pair", data={"token": "old"}, headers=OURS)
    assert answer.status_code == 422
    assert 'value="renew"' in answer.text
    answer = browser.post("/pair", data={"token": "old", "_do": "renew"}, headers=OURS)
    assert api.bodies("POST", "/api/programmes/passes/renewal") == [{"token": "old"}]
    assert "un nouveau part maintenant" in answer.text


def test_text_outlives_its_pass() -> None:
    browser, _ = entered({("POST", f"{PATH}/pairs/m1/d1/sessions"): refused(401, "unauthenticated")})
    sent = {"at": "2027-01-11T14:00", "minutes": "60", "note": "Apporter le tableau"}
    answer = browser.post("/pair/p/with/m1/d1/sessions", data=sent, headers=OURS)
    assert answer.status_code == 401
    assert browser.get_cookie("releve-pass") is None
    sealed = answer.text.split('name="typed" value="')[1].split('"')[0]
    assert "tableau" not in sealed
    again = browser.post("/pair", data={"token": "secret", "typed": sealed}, headers=OURS)
    assert 'value="Apporter le tableau"' in again.text
    assert 'action="/pair/p/with/m1/d1/sessions"' in again.text


def test_stranger_is_asked_for_the_link() -> None:
    browser, api = opened({})
    assert browser.get("/pair/p").status_code == 401
    assert api.asked == []


def test_account_that_takes_part_needs_no_link() -> None:
    browser, api = opened({("GET", PATH): one(PROGRAMME), ("GET", f"{PATH}/me"): one(ME)}, "mentor")
    assert browser.get("/programmes/p").location == "/pair/p"
    assert browser.get("/pair/p").status_code == 200
    assert api.asked[-1][3]["Authorization"] == "Bearer access"


def test_pair_beyond_the_first_page_of_a_list_has_its_sessions() -> None:
    browser, api = entered({
        ("GET", f"{PATH}/me"): one(ME | {"state": "agreed"}),
        ("GET", f"{PATH}/pairs/m1/d1/sessions"): one({"items": [SESSION]}),
    })  # fmt: skip
    for page, said in (("/pair/p", "/pair/p/with/m1/d1"), ("/pair/p/with/m1/d1", "/sessions/s1")):
        first = Answer(200, {"items": [PAIR | {"mentor": "other", "state": "ended_early"}] * 50, "next_cursor": "more"})
        api.answers["GET", f"{PATH}/pairs"] = [first, items(PAIR)]
        assert said in browser.get(page).text
        assert any("cursor=more" in target for _method, target, *_ in api.asked)


def test_mentor_who_takes_part_finds_their_programmes_from_then_on() -> None:
    known = {("GET", PATH): one(PROGRAMME), ("GET", f"{PATH}/me"): one(ME)}
    link = '<a href="/programmes"'
    for page in ("/pair/p", "/programmes"):
        browser, _ = opened({**known, ("GET", "/api/programmes"): items(PROGRAMME | {"created_at": "2027-01-11"})},
                            "mentor")  # fmt: skip
        assert link not in browser.get("/how").text
        browser.get(page)
        assert link in browser.get("/how").text


def test_mentor_without_a_programme_has_no_link_to_one() -> None:
    browser, _ = opened({("GET", "/api/programmes"): items()}, "mentor")
    browser.get("/programmes")
    assert 'href="/programmes"' not in browser.get("/how").text


@pytest.mark.parametrize(
    ("programmes", "shown"), [(items(PROGRAMME), True), (items(), False), (Away("503"), False)],
    ids=["one", "none", "away"],
)  # fmt: skip
def test_signing_in_asks_whether_a_mentor_takes_part_and_needs_no_answer(programmes: Any, *, shown: bool) -> None:
    tokens = {"access_token": "a", "refresh_token": "r", "expires_in": 600}
    account = {"id": "me", "role": "mentor", "display_name": "Zoé", "locale": "fr"}
    browser, _ = opened({("POST", "/api/sessions"): Answer(201, tokens), ("GET", "/api/accounts/me"): one(account),
                         ("GET", "/api/programmes"): programmes})  # fmt: skip
    answered = browser.post("/sign-in", data={"email": "z@x.example", "password": "x"}, headers=OURS)
    assert answered.status_code == 303
    assert ('href="/programmes"' in browser.get("/how").text) is shown


def test_session_is_planned_by_the_persons_own_clock() -> None:
    target = f"{PATH}/pairs/m1/d1/sessions"
    browser, api = entered({("POST", target): Answer(201, SESSION)})
    sent = {"at": "2027-07-05T14:00", "minutes": "60", "place": "", "note": "", "agenda": ""}
    answer = browser.post("/pair/p/with/m1/d1/sessions", data=sent, headers=OURS)
    assert answer.location == "/pair/p/with/m1/d1?done=planned"
    [body] = api.bodies("POST", target)
    assert (body["starts_at"], body["timezone"]) == ("2027-07-05T14:00:00+01:00", "Europe/Lisbon")
    assert body["state"] == "planned"


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        ({"_do": "held", "note": "bien"}, {"state": "held", "note": "bien"}),
        ({"_do": "cancelled", "note": ""}, {"state": "cancelled", "note": ""}),
        ({"_do": "change", "at": "2027-01-11T13:00", "minutes": "45", "place": "Éole", "note": "", "agenda": ""},
         {"minutes": 45, "place": "Éole", "note": "", "agenda": None}),
        ({"_do": "change", "at": "2027-01-12T13:00", "minutes": "60", "place": "", "note": "", "agenda": ""},
         {"minutes": 60, "place": "", "note": "", "agenda": None, "starts_at": "2027-01-12T13:00:00+00:00",
          "timezone": "Europe/Lisbon"}),
    ],
    ids=["held", "cancelled", "edited", "moved"],
)  # fmt: skip
def test_change_of_a_session_sends_what_was_changed(sent: dict[str, str], body: dict[str, Any]) -> None:
    browser, api = entered({("GET", f"{PATH}/pairs/m1/d1/sessions"): one({"items": [SESSION]}),
                            ("PATCH", f"{PATH}/sessions/s1"): one(SESSION)})  # fmt: skip
    browser.post("/pair/p/with/m1/d1/sessions/s1", data=sent, headers=OURS)
    assert api.bodies("PATCH", f"{PATH}/sessions/s1") == [body]


def test_every_statement_needs_an_answer() -> None:
    asked = {"open": ["start"], "scale": [{"value": 1, "text": "Not at all"}],
             "statements": [{"id": "a", "text": "I can"}, {"id": "b", "text": "I know"}]}  # fmt: skip
    browser, api = entered({("GET", f"{PATH}/assessment"): one(asked), ("PUT", f"{PATH}/assessment/start"): one({})})
    answer = browser.post("/pair/p/assessment/start", data={"a": "1"}, headers=OURS)
    assert answer.status_code == 422
    assert 'id="b-error"' in answer.text
    browser.post("/pair/p/assessment/start", data={"a": "1", "b": "1"}, headers=OURS)
    assert api.bodies("PUT", f"{PATH}/assessment/start") == [{"answers": {"a": 1, "b": 1}}]


def test_who_objects_takes_the_pass_along() -> None:
    browser, api = entered({("POST", f"{PATH}/objection"): Answer(204)})
    assert "You need not say why" in browser.get("/pair/p/objection").text
    browser.post("/pair/p/objection", data={"reason": ""}, headers=OURS)
    assert api.bodies("POST", f"{PATH}/objection") == [{}]
    assert browser.get_cookie("releve-pass") is None
