"""The operators' pages: who sees them, which deeds need a code again, and words for all that the API may say."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import segno
from flask import Flask
from flask.testing import FlaskClient

from chassis.http.auth import ROLES
from chassis.http.letters import RUNNING
from chassis.letterbox import STATES as LETTERS
from chassis.letterbox import WAITS
from chassis.settings import PLAIN
from contracts.market import ENDED_BY
from contracts.parts import DATABASES
from deploy.gateway import headers
from services.accounts.model import STAGES
from services.matching.model import BY_CHANCE, BY_REQUEST, BY_SLOTS, KINDS, OUTCOMES, WHY_NOT
from services.projects.model.orders import SIDES
from services.projects.model.reports import ACTIONS, STATES, STUCK
from services.quotes.model.flags import REASONS
from services.quotes.model.sketches import STEPS
from web import operated
from web.api import FOR_OPERATORS, Answer, Api, Away
from web.config import Config
from web.factory import create_app
from web.session import Session

ROOT = Path(__file__).parents[2]
MARK = {FOR_OPERATORS: "true"}
OURS = {"Sec-Fetch-Site": "same-origin"}
EMPTY: dict[str, Any] = {"items": [], "next_cursor": None, "waiting": 0}
SUSPENSION = "/api/operations/accounts/louis/suspension"
STEP_UP = "/api/sessions/current/step-up"
RAISED = {"access_token": "raised", "token_type": "Bearer", "expires_in": 600}


class Stub(Api):
    """The API as these tests want it: answers by method and path, and every call in `asked`."""

    def __init__(self) -> None:
        super().__init__("http://api.invalid")
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, str, Any, Mapping[str, str]]] = []

    def call(self, method: str, target: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        self.asked.append((method, target, body, headers or {}))
        return self.answers.get(f"{method} {target.partition('?')[0]}", Answer(200, EMPTY))

    def deeds(self) -> list[tuple[str, Any, str]]:
        """The calls that are no reads: path, body and token."""
        return [(path, body, sent["Authorization"]) for method, path, body, sent in self.asked if method != "GET"]


@pytest.fixture(scope="module")
def app() -> Flask:
    """The application, which compiles its templates once for all tests."""
    config = Config("http://api.invalid", "http://localhost", ("k" * 40,), "", "", 0, 1, "error", PLAIN)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("web.factory.Api", lambda *_: Stub())
        return create_app(config)


@pytest.fixture
def api(app: Flask) -> Stub:
    stub: Stub = app.extensions["web"].api
    stub.answers.clear()
    stub.asked.clear()
    return stub


@pytest.fixture
def browser(app: Flask, api: Stub) -> FlaskClient:
    return app.test_client()


def sign_in(browser: FlaskClient, role: str = "operator") -> None:
    session = Session("plain", "refresh", time.time() + 600, "olga", role, "Olga", "fr", "Europe/Paris")
    browser.set_cookie("releve", browser.application.extensions["web"].sessions.sealed(session))


def refusal(status: int, name: str) -> Answer:
    return Answer(status, {"type": f"urn:releve:problem:{name}"})


def addresses(browser: FlaskClient) -> list[tuple[str, str]]:
    """Every operators' page: method and address."""
    rules = [rule for rule in browser.application.url_map.iter_rules() if str(rule).startswith("/ops")]
    return [
        (method, re.sub(r"<any\((.*?)[,)].*?>", lambda found: found[1].strip("'"), str(rule)).replace("<id>", "x"))
        for rule in rules for method in (rule.methods or ()) if method in ("GET", "POST")
    ]  # fmt: skip


def test_mark_is_the_one_that_the_gateway_sets() -> None:
    assert FOR_OPERATORS.lower() == headers.FOR_OPERATORS


@pytest.mark.parametrize(("role", "marked"), [("operator", False), ("client", True), ("mentor", True)])
def test_nothing_is_there_without_the_mark_or_the_role(
    browser: FlaskClient, api: Stub, role: str, marked: bool
) -> None:
    sign_in(browser, role)
    pages = addresses(browser)
    assert len(pages) > 20
    for method, address in pages:
        answer = browser.open(address, method=method, headers={**OURS, **(MARK if marked else {})})
        assert answer.status_code == 404, f"{method} {address}"
    assert api.asked == []


def test_stranger_is_asked_to_sign_in_and_comes_back(browser: FlaskClient) -> None:
    answer = browser.get("/ops/audit?who=x", headers=MARK)
    assert answer.location == "/sign-in?next=/ops/audit?who%3Dx"


def test_calls_pass_the_mark_on_only_where_it_came_from(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    browser.get("/ops/rounds", headers=MARK)
    browser.get("/notifications/unread")
    assert [FOR_OPERATORS in sent for *_, sent in api.asked] == [True, False]


def test_home_of_an_operator_leads_to_the_pages_where_they_are(browser: FlaskClient) -> None:
    sign_in(browser)
    assert browser.get("/home", headers=MARK).location == "/ops"
    assert "adresse à part" in browser.get("/home").text


@pytest.mark.parametrize("more", [{}, {"operator": "operator@releve.example"}])
def test_sign_in_offers_the_sample_operator_where_there_is_one(
    app: Flask, browser: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, str]
) -> None:
    file = tmp_path / "people.json"  # data of an earlier version names no operator
    file.write_text(json.dumps({"password": "p", "client": "c@releve.example", "mentor": "m@releve.example"}
                               | {"others": []} | more))  # fmt: skip
    shared = app.extensions["web"]
    monkeypatch.setitem(app.extensions, "web", replace(shared, config=replace(shared.config, people=str(file))))
    page = browser.get("/sign-in").text
    assert "c@releve.example" in page
    assert ("Entrer comme opérateur" in page) == bool(more)


def test_missing_second_factor_leads_to_the_code_and_back(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    api.answers["GET /api/operations/rounds"] = refusal(403, "second-factor-required")
    answer = browser.get("/ops/rounds?cursor=a", headers=MARK)
    assert answer.location == "/ops/code?next=/ops/rounds?cursor%3Da"
    api.answers[f"POST {STEP_UP}"] = Answer(201, RAISED)
    given = browser.post("/ops/code", data={"code": "123 456", "next": "/ops/rounds?cursor=a"}, headers=MARK | OURS)
    assert given.location == "/ops/rounds?cursor=a"
    assert api.deeds() == [(STEP_UP, {"code": "123456"}, "Bearer plain")]
    browser.get("/ops/rounds", headers=MARK)
    assert api.asked[-1][3]["Authorization"] == "Bearer raised", "the browser keeps the raised session"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", ""])
def test_code_leads_nowhere_but_to_a_page_of_ours(browser: FlaskClient, api: Stub, target: str) -> None:
    sign_in(browser)
    api.answers[f"POST {STEP_UP}"] = Answer(201, RAISED)
    answer = browser.post("/ops/code", data={"code": "1", "next": target}, headers=MARK | OURS)
    assert answer.location == "/ops"


def test_deed_whose_code_is_too_old_keeps_the_text_and_asks_again(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    api.answers[f"POST {SUSPENSION}"] = refusal(403, "step-up-required")
    sent = {"reason": "Trois faux signalements", "_nonce": "n"}
    answer = browser.post("/ops/accounts/louis/suspend", data=sent, headers=MARK | OURS)
    assert answer.status_code == 422
    assert "Trois faux signalements</textarea>" in answer.text
    assert 'name="code"' in answer.text
    api.answers |= {f"POST {STEP_UP}": Answer(201, RAISED), f"POST {SUSPENSION}": Answer(200, {"id": "louis"})}
    answer = browser.post("/ops/accounts/louis/suspend", data={**sent, "code": "123456"}, headers=MARK | OURS)
    assert answer.location == "/ops/accounts/louis?done=suspend"
    reason = {"reason": "Trois faux signalements"}
    assert api.deeds() == [
        (SUSPENSION, reason, "Bearer plain"),
        (STEP_UP, {"code": "123456"}, "Bearer plain"),
        (SUSPENSION, reason, "Bearer raised"),
    ]


def test_wrong_code_does_nothing_and_keeps_the_text(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    api.answers[f"POST {STEP_UP}"] = refusal(401, "bad-credentials")
    sent = {"reason": "Trois faux signalements", "code": "000000"}
    answer = browser.post("/ops/accounts/louis/suspend", data=sent, headers=MARK | OURS)
    assert (answer.status_code, [path for path, *_ in api.deeds()]) == (422, [STEP_UP])
    assert "Ce code est faux" in answer.text
    assert "mot de passe est incorrect" not in answer.text
    assert "Trois faux signalements</textarea>" in answer.text


def test_too_many_wrong_codes_are_no_outage(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    api.answers[f"POST {STEP_UP}"] = refusal(429, "rate-limited")
    answer = browser.post("/ops/code", data={"code": "000000"}, headers=MARK | OURS)
    assert answer.status_code == 422
    assert "Attendez un peu" in answer.text


def test_secrets_of_an_enrolment_return_after_a_wrong_code(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    shown = {"secret": "ABCDEFGH", "uri": "otpauth://totp/x", "recovery_codes": ["abcd-efgh"]}
    api.answers["POST /api/operations/factor"] = Answer(201, shown)
    api.answers["POST /api/operations/factor/confirmation"] = refusal(401, "bad-credentials")
    first = browser.post("/ops/factor", data={"password": "p"}, headers=MARK | OURS)
    sealed = re.search(r'name="shown" value="([^"]+)"', first.text)
    assert sealed
    data = {"shown": sealed[1], "code": "000000"}
    again = browser.post("/ops/factor/confirmation", data=data, headers=MARK | OURS)
    for page, status in ((first, 200), (again, 422)):
        assert (page.status_code, page.headers["Cache-Control"]) == (status, "no-store")
        assert "ABCD EFGH" in page.text
        assert "abcd-efgh" in page.text
        assert "ou un code de secours" not in page.text, "the first code proves that the app has the key"
    forged = browser.post("/ops/factor/confirmation", data={"shown": "x", "code": "1"}, headers=MARK | OURS)
    assert forged.location == "/ops/factor"


def test_overview_shows_itself_at_most_one_person_a_list(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    assert browser.get("/ops", headers=MARK).status_code == 200
    asked = sorted(path for _, path, *_ in api.asked)
    of_projects = ("/rounds?", "/unlikely?", "operations/projects?")
    assert [path for path in asked if not any(one in path for one in of_projects)] == [
        "/api/operations/accounts/dead-letters?state=waits&limit=1",
        "/api/operations/accounts/erasures?limit=1",
        *(f"/api/operations/{name}/dead-letters?state=waits&limit=1" for name in ("matching", "notify")),
        *(f"/api/operations/{name}/dead-letters?state=waits&limit=1" for name in ("programmes", "projects", "quotes")),
        "/api/operations/reports?state=open&limit=1",
    ]


LETTER: dict[str, Any] = {
    "id": "0:12", "state": "waits", "type": "releve.project.posted.v1", "subject": "project-1", "event_id": "e",
    "trace_id": "", "origin": "releve.projects.v1/3/41", "at": "2026-01-02T03:04:05Z", "attempts": 5, "by": "",
    "reason": "handler failed: builtins.ValueError", "done_at": None, "tried_at": None, "tried_reason": "",
}  # fmt: skip


def test_dead_letters_of_the_others_are_shown_while_a_service_is_away(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    api.answers["GET /api/operations/quotes/dead-letters"] = Answer(200, {**EMPTY, "items": [LETTER], "waiting": 3})
    answers, call = api.answers, api.call

    def away(method: str, target: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        if target.startswith("/api/operations/notify/"):
            raise Away("503")
        return call(method, target, body, headers)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(api, "call", away)
        page = browser.get("/ops/dead-letters", headers=MARK)
        home = browser.get("/ops", headers=MARK)
    assert (page.status_code, home.status_code) == (200, 200)
    assert "Ce service ne répond pas" in page.text
    assert 'href="/ops/dead-letters/quotes/0%3A12"' in page.text
    assert "<b>3</b>" in home.text
    answers["GET /api/operations/quotes/dead-letters/0:12"] = Answer(200, LETTER)
    assert browser.get("/ops/dead-letters/nobody/0:12", headers=MARK).status_code == 404


@pytest.mark.parametrize("kind", ["replay", "drop"])
def test_dead_letter_is_replayed_or_dropped_with_a_reason(browser: FlaskClient, api: Stub, kind: str) -> None:
    sign_in(browser)
    place = "/api/operations/quotes/dead-letters/0%3A12"
    api.answers[f"POST {place}/{kind}"] = refusal(409, "letter-behind")
    sent, page = {"reason": "Corrigé.", "_nonce": "n"}, f"/ops/dead-letters/quotes/0:12/{kind}"
    answer = browser.post(page, data=sent, headers=MARK | OURS)
    assert answer.status_code == 422
    assert "plus ancien du même sujet attend" in answer.text
    assert "Corrigé.</textarea>" in answer.text
    api.answers[f"POST {place}/{kind}"] = Answer(202, LETTER)
    assert browser.post(page, data=sent, headers=MARK | OURS).location.endswith(f"/0:12?done={kind}")
    assert api.deeds() == [(f"{place}/{kind}", {"reason": "Corrigé."}, "Bearer plain")] * 2


DECIDED: dict[str, Any] = {
    "id": "d", "kind": "wave", "wave": 2, "at": "2026-01-02T03:04:05Z", "by": "", "reason": "", "rules": "3f1c02a9d4e7",
    "inputs": {"topics": ["crm"], "languages": ["fr"], "budget": None, "listed": 212, "closes_at": None},
    "wanted": {"number": 14, "by": "chance", "aim": 0.49, "reached": 0.51},
    "mentors": [
        {"account": "louis", "outcome": "invited", "score": 0.82, "parts": {"skills": 0.9}, "reasons": ["languages"],
         "rank": 3, "newcomer": True},
        {"account": "", "outcome": "conflict", "score": 0.5, "parts": {}, "reasons": [], "rank": 4, "newcomer": False},
    ],
}  # fmt: skip
ROUND = "/api/operations/matching/rounds/p"


def test_log_of_a_round_shows_who_was_considered_and_what_was_decided(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    by_hand = {**DECIDED, "kind": "left-out-by-hand", "by": "olga", "reason": "Un doublon."}
    found = {"items": [by_hand, DECIDED], "next_cursor": None}
    api.answers["GET /api/operations/matching/decisions/p"] = Answer(200, found)
    page = browser.get("/ops/projects/p/invitations", headers=MARK).text
    shown = ("14 invitations voulues", "Un doublon.", "place 3", "compte effacé", "Exclusion d&#39;un côté", "82")
    for text in (*shown, "place de nouveau venu", "3f1c02a9d4e7", "212 mentors"):
        assert text in page.replace("\u202f", " ").replace("\xa0", " ").replace("’", "&#39;"), text


@pytest.mark.parametrize(("kind", "resource"), [("invite", "invitations"), ("leave-out", "left-out")])
def test_mentor_is_decided_about_by_hand_with_a_reason(
    browser: FlaskClient, api: Stub, kind: str, resource: str
) -> None:
    sign_in(browser)
    api.answers[f"POST {ROUND}/{resource}"] = Answer(
        409, {"type": "urn:releve:problem:not-invitable", "why": "conflict"}
    )
    sent, page = {"account": " louis ", "reason": "Ce logiciel précis.", "_nonce": "n"}, f"/ops/projects/p/{kind}"
    answer = browser.post(page, data=sent, headers=MARK | OURS)
    assert answer.status_code == 422
    assert "Ce mentor exclut ce client" in answer.text
    assert "Ce logiciel précis.</textarea>" in answer.text
    api.answers[f"POST {ROUND}/{resource}"] = Answer(200, DECIDED)
    answer = browser.post(page, data=sent, headers=MARK | OURS)
    assert answer.location == f"/ops/projects/p/invitations?done={kind}"
    body = {"account": "louis", "reason": "Ce logiciel précis."}
    assert api.deeds() == [(f"{ROUND}/{resource}", body, "Bearer plain")] * 2
    assert 'value="louis"' in browser.get(f"{page}?account=louis", headers=MARK).text


def test_unlikely_rounds_lead_to_their_log(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    row = {"project_id": "p", "chance": 0.31, "outlook": "unlikely", "ran_out": True, "invited": 64, "received": 1}
    found = {"items": [row | {"closes_at": "2026-01-02T03:04:05Z"}], "next_cursor": None}
    api.answers["GET /api/operations/matching/unlikely"] = Answer(200, found)
    page = browser.get("/ops/unlikely", headers=MARK).text
    assert 'href="/ops/projects/p/invitations"' in page
    assert "Plus personne à inviter" in page
    assert "Projets où cinq devis sont peu probables" in browser.get("/ops", headers=MARK).text


FOUND: dict[str, Any] = {
    "id": "louis", "role": "mentor", "verified": True, "created_at": "2026-01-02T03:04:05Z", "suspended_at": None,
    "erasure": "asked",
}  # fmt: skip


def test_account_is_searched_for_without_its_name_in_an_address(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    place = "GET /api/operations/accounts"
    sent = {"email": " louis@example.org ", "name": "", "id": ""}
    api.answers[place] = Answer(200, {"items": [FOUND], "next_cursor": None})
    answer = browser.post("/ops/accounts", data=sent, headers=MARK | OURS)
    assert answer.location == "/ops/accounts/louis"
    assert [path for _, path, *_ in api.asked] == ["/api/operations/accounts?email=louis%40example.org"]
    assert "la personne peut encore" in browser.get("/ops/accounts/louis", headers=MARK).text
    api.answers[place] = Answer(200, {"items": [FOUND, {**FOUND, "id": "anna"}], "next_cursor": None})
    several = browser.post("/ops/accounts", data={"name": "Louis"}, headers=MARK | OURS)
    assert re.findall(r'href="/ops/accounts/(\w+)"', several.text) == ["louis", "anna"]
    api.answers[place] = Answer(200, EMPTY)
    assert "Aucun compte ne correspond" in browser.post("/ops/accounts", data=sent, headers=MARK | OURS).text
    assert browser.post("/ops/accounts", data={}, headers=MARK | OURS).status_code == 422


def test_enrolment_shows_its_key_as_a_picture_that_obeys_the_policy(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    shown = {"secret": "ABCDEFGH", "uri": "otpauth://totp/Relève:x?secret=ABCDEFGH", "recovery_codes": ["abcd-efgh"]}
    api.answers["POST /api/operations/factor"] = Answer(201, shown)
    page = browser.post("/ops/factor", data={"password": "p"}, headers=MARK | OURS).text
    picture = re.search(r'<div role="img" aria-label="[^"]+" class="scanned">(<svg.*?</svg>)</div>', page, re.DOTALL)
    assert picture
    assert str(segno.make(str(shown["uri"]), error="m", micro=False).symbol_size(border=4)[0]) in picture[1]
    assert not re.search(r"style|<script|href|xmlns:|on[a-z]+=", picture[1])


def event(service: str, number: int) -> dict[str, Any]:
    return {"id": f"{service}-{number}", "type": f"releve.{service}.happened.v1", "subject": f"about-{service}"} | {
        "sequence": number, "service": service, "time": f"2026-01-02T03:04:0{number}.000Z", "trace_id": "t" * 32,
        "published": number < 3,
    }  # fmt: skip


def test_events_of_all_services_are_in_order_and_new_ones_come_on_top(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    for service, numbers in (("quotes", (3, 1)), ("projects", (2,))):
        items = [event(service, number) for number in numbers]
        api.answers[f"GET /api/operations/{service}/events"] = Answer(200, {"items": items, "next_cursor": None})
    page = browser.get("/ops/events?type=Releve.Q&project=p", headers=MARK).text
    assert re.findall(r'id="event-([a-z]+-\d)"', page) == ["quotes-3", "projects-2", "quotes-1"]
    assert page.count("pas encore publié") == 1
    assert {path.partition("?")[2] for _, path, *_ in api.asked} == {"type=q&project=p&limit=20"}
    live = re.search(r'hx-get="([^"]+)"[^>]*hx-trigger="every', page)
    assert live
    api.asked.clear()
    api.answers["GET /api/operations/quotes/events"] = Answer(200, {"items": [event("quotes", 4)], "next_cursor": None})
    api.answers["GET /api/operations/projects/events"] = Answer(200, EMPTY)
    fragment = browser.get(live[1].replace("&amp;", "&"), headers=MARK).text
    assert {path for _, path, *_ in api.asked if "after" in path} == {
        "/api/operations/quotes/events?type=q&project=p&limit=20&after=quotes-3",
        "/api/operations/projects/events?type=q&project=p&limit=20&after=projects-2",
    }
    assert re.findall(r'id="event-([a-z]+-\d)"', fragment) == ["quotes-4"]
    assert 'hx-swap-oob="afterbegin:#events"' in fragment
    assert "quotes%3Aquotes-4" in fragment, "the next look begins behind the newest"
    assert "projects%3Aprojects-2" in fragment
    assert "<html" not in fragment


def test_events_of_one_service_go_back_by_pages(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    found = {"items": [event("quotes", 1)], "next_cursor": "older"}
    api.answers["GET /api/operations/quotes/events"] = Answer(200, found)
    page = browser.get("/ops/events?service=quotes&cursor=c", headers=MARK).text
    assert [path for _, path, *_ in api.asked] == ["/api/operations/quotes/events?limit=30&cursor=c"]
    assert "service=quotes&amp;project=&amp;cursor=older" in page


def test_refused_cancellation_says_what_is_still_possible(browser: FlaskClient, api: Stub) -> None:
    sign_in(browser)
    report = {"id": "r", "project_id": "p", "account": "louis", "state": "open", "side": "client", "reason": "Insultes"}
    report |= {"created_at": "2026-01-02T03:04:05Z", "project_state": "choosing", "title": "T", "brief": "B"}
    api.answers["GET /api/operations/reports/r"] = Answer(200, report)
    api.answers["POST /api/operations/reports/r/resolution"] = refusal(409, "window-ended")
    data = {"action": "project-cancelled", "note": "Insultes"}
    answer = browser.post("/ops/reports/r", data=data, headers=MARK | OURS)
    assert answer.status_code == 422
    assert "Vous pouvez écarter le signalement" in answer.text
    assert 'value="project-cancelled" checked' in answer.text


def test_words_exist_for_all_that_the_api_may_say() -> None:
    assert set(operated.STUCK) == {reason for _, reason, _ in STUCK.values()}
    assert set(operated.FLAG) == set(REASONS)
    assert set(operated.ALIKE) == {name for _, name in STEPS}
    assert (tuple(operated.REPORT), tuple(operated.SIDE)) == (STATES, SIDES)
    assert tuple(operated.ANSWER) == tuple(operated.ANSWERED) == ACTIONS
    assert tuple(operated.ENDED_BY) == ENDED_BY
    assert (set(operated.DECISION), set(operated.OUTCOME)) == (set(KINDS), set(OUTCOMES))
    assert (set(operated.WANTED), set(operated.NOT_INVITABLE)) == ({BY_CHANCE, BY_SLOTS, BY_REQUEST}, set(WHY_NOT))
    assert set(operated.LETTER) == {WAITS, *RUNNING.values(), *LETTERS.values()}
    assert set(operated.SERVICE) == set(DATABASES)
    assert (set(operated.ERASURE), set(operated.ROLE)) == (set(STAGES), set(ROLES))


def test_words_exist_for_every_row_of_the_audit_trail() -> None:
    """Reads the names of deeds where they are written: `audit.record(…, "factor.read", …)` and its like."""
    code = [path.read_text() for folder in ("services", "chassis", "deploy") for path in (ROOT / folder).rglob("*.py")]
    calls = r"(?:audit\.record|record_reading|record_alone|self\._record|\brecord)\([^()]*(?:\([^()]*\)[^()]*)*\)"
    written = [call for text in code for call in re.findall(calls, text)]
    made = {name for call in written for name in re.findall(r'"([a-z-]+\.[a-z-]+)"', call)}
    assert len(made) > 20
    assert made - set(operated.DEED) == set()
