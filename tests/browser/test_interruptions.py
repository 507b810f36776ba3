"""Nothing that a person typed is lost, and open pages follow what others do."""

import json
import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Request, Route, expect

from contracts.story import SOLUTION, TOPICS
from deploy.local.system import System
from stories.people import PASSWORD, Person, client, in_days, mentor
from tests.kit.browser import Tab, person, sign_in
from tests.kit.waiting import until

ORGANISATION: dict[str, Any] = {
    "name": "Atelier Lunaire", "sector": "mobilier", "size": "small",
    "contact": {"name": "Ana Sorel", "email": "ana.sorel@atelier-lunaire.example"},
}  # fmt: skip


@pytest.fixture
def market(system: System) -> tuple[Person, Person, str]:
    """A client, an invited mentor, and their project."""
    owner, invited = client(system.url, ORGANISATION), mentor(system.url, "Inès", TOPICS, weekly_invitations=50)
    body = {"title": "Former l'équipe", "brief": "Nous cherchons un mentor pour nos réseaux sociaux et notre CRM.",
            "topics": TOPICS, "languages": ["fr"], "window": "PT1H"}  # fmt: skip
    project = owner.post("/api/projects", body).json()["id"]
    invited.invitation(project)
    invited.until(f"/api/rounds/{project}", lambda found: found["state"] == "open")
    return owner, invited, project


def test_draft_survives_a_lost_network_and_a_closed_tab(
    browser: Browser, system: System, market: tuple[Person, Person, str]
) -> None:
    _, invited, project = market
    where = f"/invitations/{invited.invitation(project)['id']}/quote"
    with person(browser, system.url) as tab:
        sign_in(tab, invited.email, PASSWORD)
        tab.go(where)
        tab.page.locator("#proposal").fill(SOLUTION)
        expect(tab.page.locator("[data-draft-said]")).to_contain_text("Brouillon gardé")
        tab.context.set_offline(True)
        tab.page.locator("#price").fill("1 200,50")
        tab.page.locator("#days").fill("2")
        tab.page.locator("#starts_on").fill(in_days(30))
        tab.page.locator("#valid_until").fill(in_days(90))
        tab.page.get_by_role("button", name="Remettre mon devis").click()
        expect(tab.page.locator("[data-draft-said]")).to_contain_text("Pas de réseau")
        tab.page.close()
        tab.context.set_offline(False)
        tab.page = tab.open()
        tab.go(where)
        expect(tab.page.locator("[data-draft-said]")).to_contain_text("retrouvé")
        assert tab.page.locator("#proposal").input_value() == SOLUTION
        assert tab.page.locator("#price").input_value() == "1 200,50"
        tab.page.get_by_role("button", name="Remettre mon devis").click()
        expect(tab.page).to_have_url(re.compile("/receipt$"))
        assert tab.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:')).length") == 0


def said(tab: Tab) -> Any:
    return tab.page.locator("[data-draft-said]")


def test_draft_without_script_is_found_in_another_browser(
    browser: Browser, system: System, market: tuple[Person, Person, str]
) -> None:
    _, invited, project = market
    where = f"/invitations/{invited.invitation(project)['id']}/quote"
    with person(browser, system.url, java_script_enabled=False) as tab:
        sign_in(tab, invited.email, PASSWORD)
        tab.go(where)
        tab.page.locator("#proposal").fill("Une phrase, pas encore un devis.")
        tab.press("Garder le brouillon")
        expect(said(tab)).to_contain_text("Brouillon gardé")
    with person(browser, system.url) as tab:
        sign_in(tab, invited.email, PASSWORD)
        tab.go(where)
        assert tab.page.locator("#proposal").input_value() == "Une phrase, pas encore un devis."
        tab.page.locator("#price").fill("950")
        tab.page.locator("#days").fill("2")
        expect(said(tab)).to_contain_text("Vous le retrouverez")
        invited.until(f"/api/rounds/{project}/draft", lambda found: found.get("days") == "2")


def test_two_browsers_never_overwrite_each_others_draft(
    browser: Browser, system: System, market: tuple[Person, Person, str]
) -> None:
    _, invited, project = market
    where = f"/invitations/{invited.invitation(project)['id']}/quote"
    with person(browser, system.url) as office, person(browser, system.url, java_script_enabled=False) as home:
        for tab in (office, home):
            sign_in(tab, invited.email, PASSWORD)
            tab.go(where)
        office.page.locator("#proposal").fill("Écrit au bureau.")
        expect(said(office)).to_contain_text("Brouillon gardé")
        home.page.locator("#proposal").fill("Écrit à la maison.")
        home.press("Garder le brouillon")
        expect(said(home)).to_contain_text("changé ailleurs")
        expect(said(home)).to_contain_text("Écrit au bureau.")
        assert home.page.locator("#proposal").input_value() == "Écrit à la maison."
        home.press("Garder mon texte")
        expect(said(home)).to_contain_text("Brouillon gardé")
        office.page.locator("#price").fill("950")
        expect(said(office)).to_contain_text("changé ailleurs")
        expect(said(office)).to_contain_text("Écrit à la maison.")
        assert office.page.locator("#proposal").input_value() == "Écrit au bureau."
        office.press("Prendre l’autre texte")
        expect(office.page.locator("#proposal")).to_have_value("Écrit à la maison.")
        expect(said(office)).to_contain_text("Brouillon gardé")


def test_text_stays_readable_after_a_full_round(browser: Browser, system: System) -> None:
    owner = client(system.url, ORGANISATION)
    skills = ["chatbots", "ai-agents"]  # of nobody else here: these six are invited
    people = [mentor(system.url, f"Mentor {number}", skills, weekly_invitations=50) for number in range(6)]
    body = {"title": "Cinq devis", "brief": "Nous cherchons un mentor pour nos agents conversationnels.",
            "topics": skills, "languages": ["fr"], "window": "PT1H"}  # fmt: skip
    project = owner.post("/api/projects", body).json()["id"]
    *others, late = [one for one in people if one.invitation(project)]
    where = f"/invitations/{late.invitation(project)['id']}/quote"
    late.until(f"/api/rounds/{project}", lambda found: found["state"] == "open")
    with person(browser, system.url) as tab:
        sign_in(tab, late.email, PASSWORD)
        tab.go(where)
        tab.page.locator("#proposal").fill(SOLUTION)
        expect(said(tab)).to_contain_text("Brouillon gardé")
        for number, other in enumerate(others):
            assert other.quote(project, 900 + number, SOLUTION).status_code == 201
        for name, value in (("price", "1200"), ("days", "2"), ("starts_on", in_days(30)), ("valid_until", in_days(90))):
            tab.page.locator(f"#{name}").fill(value)
        tab.page.get_by_role("button", name="Remettre mon devis").click()
        expect(tab.page.locator("#summary")).to_contain_text("Votre texte reste ici")
        assert tab.page.locator("#proposal").input_value() == SOLUTION
        tab.page.close()
        tab.page = tab.open()
        tab.go(where)
        expect(tab.page.locator("#proposal")).to_have_value(SOLUTION)
        assert tab.page.locator("#price").input_value() == "1200"


def test_text_typed_without_a_session_comes_back_unsent(browser: Browser, system: System) -> None:
    owner = client(system.url, ORGANISATION)
    with person(browser, system.url) as tab:
        sign_in(tab, owner.email, PASSWORD)
        tab.go("/projects/new")
        tab.page.locator("#title").fill("Un titre qui ne doit pas se perdre")
        tab.page.locator("#brief").fill("Nous cherchons un mentor pour nos équipes, sur nos propres cas.")
        tab.context.clear_cookies()
        tab.page.locator("button[value=post]").click()
        expect(tab.page.locator(".notice")).to_contain_text("Votre texte est gardé")
        tab.page.locator("#email").fill(owner.email)
        tab.page.locator("#password").fill(PASSWORD)
        tab.page.locator("main form button").first.click()
        tab.press("Reprendre mon texte")
        assert tab.page.locator("#title").input_value() == "Un titre qui ne doit pas se perdre"
        assert owner.get("/api/projects").json()["items"] == [], "it must not be posted by itself"


def streams(tab: Tab) -> set[Request]:
    """The event streams that this browser holds open."""
    held: set[Request] = set()
    tab.context.on("request", lambda request: held.add(request) if request.url.endswith("/events") else None)
    for end in ("requestfinished", "requestfailed"):
        tab.context.on(end, lambda request: held.discard(request))
    return held


def test_eight_tabs_follow_a_quote_on_one_stream_without_a_reload(
    browser: Browser, system: System, market: tuple[Person, Person, str]
) -> None:
    owner, invited, project = market
    with person(browser, system.url) as tab:
        held = streams(tab)
        sign_in(tab, owner.email, PASSWORD)
        tab.go(f"/projects/{project}")
        expect(tab.page.locator("#waiting")).to_contain_text("0 sur")
        tabs = [tab.open() for _ in range(7)]  # eight streams would leave no connection for anything else
        for other in tabs:
            other.goto(f"{system.url}/projects/{project}")
        quote = invited.quote(project, 900, SOLUTION)
        assert quote.status_code == 201
        for page in (tab.page, *tabs):
            expect(page.locator("#waiting")).to_contain_text("1 sur")
        assert len(first := set(held)) == 1
        kept_back: list[Route] = []

        def another_connects() -> bool:
            tabs[0].wait_for_timeout(50)  # meanwhile Playwright calls the route's handler
            return bool(kept_back)

        tab.context.route("**/events", lambda route: kept_back.append(route))
        tab.page.close()  # the tab that held it
        with owner.http.stream("GET", "/api/notifications/stream", timeout=60) as told:
            lines = told.iter_lines()
            next(lines)
            assert invited.call("DELETE", f"/api/quotes/{quote.json()['id']}").status_code == 204
            assert "event: changed" in lines
        until(another_connects)
        kept_back[0].continue_()  # the withdrawal came between the two streams
        for page in tabs:
            expect(page.locator("#waiting")).to_contain_text("0 sur")
        assert len(held - first) == 1, "another tab has taken it over"


def test_double_click_posts_once(browser: Browser, system: System) -> None:
    owner = client(system.url, ORGANISATION)
    with person(browser, system.url) as tab:
        sign_in(tab, owner.email, PASSWORD)
        tab.go("/projects/new")
        form = tab.page.evaluate("Object.fromEntries(new FormData(document.querySelector('main form')))")
        form |= {"title": "Une fois", "brief": "Nous cherchons un mentor pour nos équipes, sur nos propres cas.",
                 "topics": TOPICS[0], "_do": "post"}  # fmt: skip
        cookies = {one["name"]: one["value"] for one in tab.context.cookies()}
        for _ in range(2):
            answer = httpx.post(f"{system.url}/projects/new", data=form, cookies=cookies,
                                headers={"Sec-Fetch-Site": "same-origin"})  # fmt: skip
            assert answer.status_code == 303, answer.text[:500]
    assert len(owner.get("/api/projects").json()["items"]) == 1


def test_forged_form_is_refused_and_cookie_tells_nothing(browser: Browser, system: System) -> None:
    owner = client(system.url, ORGANISATION)
    with person(browser, system.url) as tab:
        sign_in(tab, owner.email, PASSWORD)
        cookies = {one["name"]: one["value"] for one in tab.context.cookies()}
        session = next(one for one in tab.context.cookies() if one["name"] == "releve")
        assert (session["httpOnly"], session["sameSite"]) == (True, "Lax")
        assert owner.session["access_token"][:20] not in json.dumps(cookies)
        assert "eyJ" not in "".join(tab.received), "a token stands in a page"
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = httpx.post(f"{system.url}/account", data={"display_name": "x"}, cookies=cookies, headers=headers)
        assert answer.status_code == 403, headers


def test_part_that_is_away_is_said_and_nothing_else_breaks(browser: Browser, system: System) -> None:
    owner = client(system.url, ORGANISATION)
    with person(browser, system.url) as tab:
        sign_in(tab, owner.email, PASSWORD)
        system.stop("projects-http")
        try:
            answer = tab.page.goto(f"{system.url}/projects")
            assert answer is not None
            assert answer.status == 503
            assert "ne répond pas" in tab.text()
        finally:
            system.start("projects-http")
        owner.until("/api/projects", lambda found: found["items"] == [])  # the gateway sees it return by its checks
        tab.wrong.clear()
        tab.page.goto(f"{system.url}/projects")
        expect(tab.page.locator("h1")).to_have_text("Mes projets")
