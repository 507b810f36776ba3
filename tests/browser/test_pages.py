"""Every page in every state: accessible, within its window, and without a complaint of the browser."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from chassis.clock import DATABASE_CLOCK
from chassis.mongo import connect
from contracts.story import TOPICS
from deploy.local.system import System
from services.matching.model import earlier, month_of
from stories import samples
from stories.nestle_waters import BRIEF, ORGANISATION
from stories.people import PASSWORD, Person, mentor
from stories.people import client as make_client
from tests.kit.browser import HTML_BYTES, Tab, enrol, faults, person, shift, sign_in, violations
from tests.stories.conftest import make_operator

MOST_SHIFT = 0.01
"""Of the window, by which what is read may move while a page loads."""
PUBLIC = [
    "/", "/how", "/sign-up", "/sign-in", "/forgotten", "/verify", "/reset", "/stay",
    "/email-confirmation", "/email-undo", "/sign-up/mail", "/privacy", "/accessibility", "/legal", "/nowhere",
    "/unsubscribe/t0k3n",
]  # fmt: skip
CLIENT = [
    "/home", "/projects", "/projects/new", "/organisation", "/organisation/people", "/billing",
    "/notifications", "/notifications/preferences", "/account", "/account/erasure", "/join-organisation",
]  # fmt: skip
MENTOR = ["/home", "/invitations", "/exposure", "/profile", "/quotes", "/notifications", "/billing"]
LISTS = ["/reports?state=all", "/rounds", "/unlikely", "/projects", "/erasures", "/deliveries", "/flags"]
OPERATOR = [
    "", "/reports", "/dead-letters", "/events", "/events?service=quotes&type=nothing", "/accounts",
    "/audit", "/audit?service=quotes&who=nobody", "/factor", "/code",
]  # fmt: skip
OF_PROJECT = {
    "collecting": ["", "/questions", "/cancel", "/report"],
    "choosing": ["", "?sort=price", "?print", "/refuse"],
    "awarded": ["", "/order", "/review"],
}


@pytest.fixture(scope="module")
def people(system: System) -> Any:
    """The sample people, with a project in every state."""
    soon = {"RELEVE_CHOICE_PERIOD": "PT2S"}
    return samples.make(system.url, lambda _line: None, lambda: system.with_settings("projects-worker", soon))


def check(tab: Tab, path: str) -> list[str]:
    """Opens a page, and says what is wrong with it at both widths and in both colour schemes."""
    wrong: list[str] = []
    answer = tab.page.goto(tab.url + path)
    assert answer is not None
    body = answer.body()
    if len(body) > HTML_BYTES:
        wrong.append(f"{path}: {len(body)} bytes of HTML")
    if not answer.headers.get("content-security-policy", "").startswith("default-src 'none'"):
        wrong.append(f"{path}: no content security policy")
    if re.search(rb'style="|<style|onclick=|<script>', body):
        wrong.append(f"{path}: something inline")
    if (moved := shift(tab.page)) > MOST_SHIFT:
        wrong.append(f"{path}: moves by {moved:.3f} while it loads")
    headings = tab.page.locator("h1").count()
    if headings != 1:
        wrong.append(f"{path}: {headings} h1")
    return wrong + faults(tab, path)


@pytest.fixture(scope="module")
def client(browser: Browser, system: System, people: Any) -> Iterator[Tab]:
    """The sample client's browser."""
    with person(browser, system.url) as tab:
        sign_in(tab, samples.CLIENT, samples.PASSWORD)
        yield tab


@pytest.fixture(scope="module")
def invited(browser: Browser, system: System, people: Any) -> Iterator[Tab]:
    """The sample mentor's browser."""
    with person(browser, system.url) as tab:
        sign_in(tab, samples.MENTOR, samples.PASSWORD)
        yield tab


@pytest.fixture(scope="module")
def operator(browser: Browser, system: System) -> Iterator[Tab]:
    """An operator's browser, where operators come in."""
    with person(browser, f"http://127.0.0.1:{system.operators_port}") as tab:
        hired = make_operator(system)
        hired.http.close()
        enrol(tab, hired.email, PASSWORD)
        yield tab


@pytest.fixture
def trouble(system: System, people: Any) -> dict[str, str]:
    """Something on each of the operators' lists, stored as if it had happened long ago. Returns an open report."""
    services = ("accounts", "projects", "notify", "quotes", "matching")
    rows = {name: connect(system.mongo_uri, f"releve_{name}", app="test") for name in services}
    long_ago = DATABASE_CLOCK.now(rows["quotes"]) - timedelta(days=40)
    rows["projects"].projects.update_one({"_id": people["awarded"]}, {"$set": {"awarded_at": long_ago}})
    erasure = {"requested_at": long_ago, "done": {"matching": long_ago}, "completed_at": None, "version": 9}
    rows["accounts"].erasures.update_one({"_id": "a-person-who-left"}, {"$set": erasure}, upsert=True)
    delivery: dict[str, Any] = {"account": "a-person", "kind": "chosen", "channel": "email", "notification_id": "n"}
    delivery |= {"project_id": "p", "tries": 16, "state": "dead", "reason": "exhausted"}
    delivery |= {"news_at": long_ago, "created_at": long_ago}
    rows["notify"].deliveries.update_one({"_id": "dead"}, {"$set": delivery}, upsert=True)
    letter: dict[str, Any] = {"type": "releve.project.posted.v1", "subject": "project-1", "event_id": "e"}
    letter |= {"topic": "releve.projects.v1", "partition": 3, "offset": 41, "at": long_ago, "state": "waits"}
    letter |= {"attempts": 5, "trace_id": "0" * 32, "reason": "handler failed: builtins.ValueError"}
    letter |= {"tried": {"at": long_ago, "reason": "handler failed: builtins.ValueError"}}
    rows["quotes"].letters.update_one({"_id": "0:900"}, {"$set": letter}, upsert=True)
    long = {"$set": {"window": timedelta(days=400).total_seconds()}}  # so that little of it is left
    rows["quotes"].rounds.update_one({"_id": people["collecting"]}, long)
    poor = {"$set": {"shown": 0.31, "ran_out": True}}
    rows["matching"].shortlists.update_one({"_id": people["collecting"]}, poor)
    camille = Person(system.url, "client", "Camille", email=samples.CLIENT, password=samples.PASSWORD)
    camille.sign_in()
    text = {"reason": "Un mentor demande un paiement hors de Relève, avant le choix."}
    report: str = camille.post(f"/api/projects/{people['collecting']}/reports", text).json()["id"]
    camille.http.close()
    for database in rows.values():
        database.client.close()
    return {"report": report, "project": people["collecting"]}


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
def test_public_pages_have_no_faults(browser: Browser, system: System, locale: str) -> None:
    with person(browser, system.url, locale=locale) as tab:
        assert [fault for path in PUBLIC for fault in check(tab, path)] == []
        assert tab.page.locator("html").get_attribute("lang") == locale[:2]


def test_pages_of_a_client_have_no_faults(client: Tab, people: Any) -> None:
    assert [fault for path in CLIENT for fault in check(client, path)] == []


@pytest.mark.parametrize("state", samples.TITLES)
def test_pages_of_a_project_have_no_faults_in_any_state(client: Tab, people: Any, state: str) -> None:
    paths = [f"/projects/{people[state]}{more}" for more in OF_PROJECT.get(state, [""])]
    assert [fault for path in paths for fault in check(client, path)] == []


def test_pages_before_the_choice_have_no_faults(client: Tab, people: Any) -> None:
    client.go(f"/projects/{people['choosing']}")
    quote = client.page.locator(".compare-table a.button").first.get_attribute("href") or ""
    assert [fault for path in (quote, f"{quote}/accept") for fault in check(client, path)] == []


def test_pages_of_a_mentor_have_no_faults(invited: Tab, people: Any) -> None:
    assert [fault for path in MENTOR for fault in check(invited, path)] == []
    invited.go("/invitations")
    every = [link.get_attribute("href") for link in invited.page.locator(".row a").all()]
    assert len(every) == len(samples.TITLES)
    assert [fault for path in every for fault in check(invited, path or "")] == []
    assert check(invited, f"/projects/{people['awarded']}") == []


def test_client_extends_the_window_where_nobody_else_can_be_invited(browser: Browser, system: System) -> None:
    company = make_client(system.url, ORGANISATION, "Hélène")
    body = {"title": "Lära oss sociala medier", "brief": BRIEF, "topics": TOPICS, "languages": ["sv"], "window": "PT1H"}
    project = company.post("/api/projects", body).json()["id"]
    company.until(f"/api/mentors/chance?project_id={project}", lambda found: found.get("ran_out"))
    with person(browser, system.url) as tab:
        sign_in(tab, company.email, PASSWORD, "**/home")
        tab.go(f"/projects/{project}")
        expect(tab.page.locator("#waiting")).to_contain_text("Tous les mentors qui conviennent")
        assert faults(tab, f"/projects/{project}") == []
        tab.press("Prolonger le délai")
        expect(tab.page.locator(".notice")).to_contain_text("Le délai est prolongé")
        expect(tab.page.locator("#waiting")).to_contain_text("Délai prolongé une fois")
        expect(tab.page.get_by_role("button", name="Prolonger le délai")).to_have_count(0)
    company.http.close()


@pytest.mark.parametrize(("locale", "said"), [("fr", "D’autres d’abord"), ("en", "Others first")])
def test_exposure_of_a_mentor_is_read_by_month(browser: Browser, system: System, locale: str, said: str) -> None:
    nora = mentor(system.url, "Nora", TOPICS)
    nora.call("PATCH", "/api/accounts/me", {"locale": locale})
    matching = connect(system.mongo_uri, "releve_matching", app="test")
    months = {earlier(month_of(DATABASE_CLOCK.now(matching)), 1): {"invited": 12, "others-first": 14, "cap": 4}}
    matching.exposure.insert_one({"_id": nora.id, "months": months})
    with person(browser, system.url) as tab:
        sign_in(tab, nora.email, PASSWORD, "**/home")
        tab.go("/invitations")
        tab.page.locator("main a[href='/exposure']").click()
        expect(tab.page.locator("dl")).to_contain_text(said)
        expect(tab.page.locator("main")).to_contain_text("30")
        assert faults(tab, f"/exposure-{locale}") == []
    matching.client.close()
    nora.http.close()


def test_editor_with_another_browsers_text_has_no_faults(invited: Tab, people: Any) -> None:
    invited.go("/invitations")
    row = invited.page.locator(".row a", has_text=samples.TITLES["collecting"])
    where = f"{row.get_attribute('href')}/quote"
    invited.go(where)
    other = invited.open()
    other.goto(invited.url + where)
    other.locator("#proposal").fill("Un texte commencé dans un autre onglet, avec une première idée du déroulé.")
    expect(other.locator("[data-draft-said]")).to_contain_text("Brouillon gardé")
    other.close()
    assert faults(invited, where) == []
    invited.page.locator("#proposal").fill("Un texte commencé ici.")
    expect(invited.page.locator("[data-draft-said]")).to_contain_text("changé ailleurs")
    assert faults(invited, f"{where}-conflict") == []


def test_pages_of_an_operator_have_no_faults_when_nothing_waits(operator: Tab) -> None:
    assert [fault for path in OPERATOR + LISTS for fault in check(operator, f"/ops{path}")] == []
    assert operator.page.goto(f"{operator.url}/ops/rounds")
    assert operator.page.locator(".empty").count() == 1


def test_pages_of_an_operator_have_no_faults_when_something_waits(operator: Tab, trouble: dict[str, str]) -> None:
    assert [fault for path in ["", *LISTS] for fault in check(operator, f"/ops{path}#waiting")] == []
    for path in LISTS[:-1]:  # flags come from a comparison that may take a moment
        operator.go(f"/ops{path}")
        assert operator.page.locator(".rows .row").count() > 0, path
    report, account = f"/ops/reports/{trouble['report']}", "/ops/accounts/a-person-who-left"
    deeds = [f"{account}/{deed}" for deed in ("suspend", "reinstate", "reset-factor")]
    letter = "/ops/dead-letters/quotes/0:900"
    letters = ["/ops/dead-letters", "/ops/dead-letters?service=quotes&state=all", letter]
    deeds += [f"{letter}/{deed}" for deed in ("replay", "drop")]
    project = f"/ops/projects/{trouble['project']}"
    deeds += [f"{project}/{deed}" for deed in ("invitations", "invite", "leave-out")]
    pages = [report, project, account, *letters, *deeds]
    assert [fault for path in pages for fault in check(operator, path)] == []
    operator.go(report)
    operator.page.locator("input[value=dismissed]").check()
    operator.page.locator("#note").fill("Le paiement était prévu après le choix.")
    operator.press("Répondre")
    operator.page.wait_for_url("**?done=answered")
    assert check(operator, report + "?done=answered") == []


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_enrolling_an_authenticator_has_no_faults(browser: Browser, system: System, hired: Person, locale: str) -> None:
    url = f"http://127.0.0.1:{system.operators_port}"
    hired.call("PATCH", "/api/accounts/me", {"locale": locale})
    with person(browser, url) as tab:
        sign_in(tab, hired.email, PASSWORD, "**/ops/factor")
        assert tab.page.locator("html").get_attribute("lang") == locale
        assert faults(tab, f"/ops/factor-{locale}-awaited") == []
        tab.page.locator("#password").fill(PASSWORD)
        tab.page.locator("main form button").first.click()
        tab.page.locator(".secret").wait_for()
        assert (tab.page.locator(".scanned svg").bounding_box() or {"width": 0})["width"] > 150
        assert faults(tab, f"/ops/factor-{locale}-begun") == []
        tab.page.locator("#code").fill("000000")
        tab.page.locator("main form button").first.click()
        tab.page.locator("#code-error").wait_for()
        assert faults(tab, f"/ops/factor-{locale}-wrong") == []
        assert tab.page.locator(".codes li").count() == 10, "the recovery codes are still shown"


def test_proposed_topic_once_ticked_stays_ticked(client: Tab) -> None:
    client.go("/projects/new")
    client.page.locator("#title").fill("Une lettre mensuelle")
    client.page.locator("#brief").fill("Nous cherchons quelqu'un pour un CRM et une newsletter, chaque mois.")
    first = client.page.locator("#advice [name=topics]").first
    first.wait_for()
    topic = first.get_attribute("value")
    with client.page.expect_response("**/projects/new/advice"):
        first.check()
    expect(client.page.locator(f"#advice [name=topics][value={topic}]")).to_have_count(0)
    chosen = client.page.locator(f"#found [name=topics][value={topic}]")
    expect(chosen).to_be_checked()
    expect(chosen).to_be_focused()
    client.page.locator("#budget").fill("beaucoup")
    client.page.locator("button[value=post]").click()
    client.page.locator("#summary").wait_for()
    expect(client.page.locator(f"#found [name=topics][value={topic}]")).to_be_checked()


def test_forms_with_errors_have_no_faults(client: Tab, people: Any) -> None:
    client.go("/projects/new")
    client.page.locator("#title").fill("Atelier Brume")
    client.page.locator("#brief").fill(
        "Atelier Brume cherche un mentor, écrire à camille.ferrand@atelier-brume.example."
    )
    client.page.locator("#budget").fill("beaucoup")
    client.page.locator("button[value=post]").click()
    client.page.locator("#summary").wait_for()
    assert [one["id"] for one in violations(client.page)] == []
    assert client.page.title().startswith("Erreur")
    assert json.loads(client.page.locator("[data-leaks]").get_attribute("data-leaks") or "[]") is not None
