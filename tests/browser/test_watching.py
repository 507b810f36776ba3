"""Operators watch events as they flow and find an account by its address, without reading a payload or a name."""

import re

from playwright.sync_api import Browser, expect

from contracts.story import TOPICS
from deploy.local.system import System
from stories.nestle_waters import ORGANISATION
from stories.people import PASSWORD, Person, about, client
from tests.kit.browser import enrol, mentions, person


def test_events_appear_by_themselves_and_an_account_is_found_by_its_address(
    browser: Browser, system: System, hired: Person
) -> None:
    company = client(system.url, ORGANISATION, "Hélène")
    body = {"title": "Former nos équipes", **about(TOPICS), "languages": ["fr"], "window": "PT1H"}
    with person(browser, f"http://127.0.0.1:{system.operators_port}") as tab:
        enrol(tab, hired.email, PASSWORD)
        tab.page.locator("main a[href='/ops/events']").click()
        expect(tab.page.locator("h1")).to_have_text("Événements")
        tab.go("/ops/events?type=project.posted")
        shown = tab.page.url
        project = company.post("/api/projects", body).json()["id"]
        row = tab.page.locator("#events .row", has_text=project)
        row.wait_for()  # no reload: the page asks by itself
        expect(row).to_contain_text("releve.project.posted.v1")
        assert tab.page.url == shown
        expect(tab.page.locator(f"#events .row:has-text('{project}')")).to_have_count(1)
        tab.go(f"/ops/events?project={project}")
        expect(tab.page.locator("#events .row", has_text="project.posted")).to_contain_text(project)
        tab.go("/ops/accounts")
        tab.fill({"Adresse e-mail": company.email})
        tab.press("Chercher")
        expect(tab.page).to_have_url(re.compile(rf"/ops/accounts/{re.escape(company.id)}$"))
        expect(tab.page.locator("main")).to_contain_text("Client, depuis le")
        tab.go("/ops/audit")
        expect(tab.page.locator(".row", has_text="Compte cherché").first).to_contain_text(company.id)
        assert mentions(tab.received, ("Nestlé", "Former nos équipes", "Marchand", company.email)) == []
    company.http.close()
