"""Operators, by the pages alone: a second factor, a report, a suspension with its reason, and the row it leaves."""

import re
import time

from playwright.sync_api import Browser, expect

from contracts.story import TOPICS
from deploy.local.system import System
from stories.nestle_waters import ORGANISATION
from stories.people import PASSWORD, Person, about, client, mentor
from tests.kit.browser import enrol, mentions, person

REASON = "Trois faux signalements en une heure"
BY_HAND = "Le client cherche ce logiciel précis."


def test_operator_suspends_the_author_of_a_false_report(browser: Browser, system: System, hired: Person) -> None:
    company, eve = client(system.url, ORGANISATION, "Hélène"), mentor(system.url, "Eve", TOPICS)
    body = {"title": "Former nos équipes", **about(TOPICS), "languages": ["fr"], "window": "PT1H"}
    project = company.post("/api/projects", body).json()["id"]
    eve.invitation(project)
    eve.until(f"/api/projects/{project}/questions", lambda page: "items" in page)
    eve.post(f"/api/projects/{project}/reports", {"reason": "Cette demande insulte les mentors."})

    with person(browser, f"http://127.0.0.1:{system.operators_port}") as operator:
        app = enrol(operator, hired.email, PASSWORD)
        operator.press("Se déconnecter")
        operator.go("/ops/reports")
        operator.fill({"Adresse e-mail": hired.email, "Mot de passe": PASSWORD})
        operator.page.locator("main form button").first.click()
        expect(operator.page.locator("h1")).to_have_text("Votre code")
        operator.page.locator("#code").fill("000000")
        operator.press("Continuer")
        expect(operator.page.locator("#code-error")).to_contain_text("Ce code est faux")
        # each code counts once, so this is the one after it, which clocks that differ may already show
        operator.page.locator("#code").fill(app.at(int(time.time()) + app.interval))
        operator.press("Continuer")
        expect(operator.page).to_have_url(re.compile(r"/ops/reports$"))

        operator.press("Former nos équipes")
        expect(operator.page.locator(".sheet")).to_have_text("Cette demande insulte les mentors.")
        operator.page.locator(".facts a").first.click()
        operator.press("Suspendre")
        operator.page.locator("#reason").fill(REASON)
        operator.press("Suspendre ce compte")
        expect(operator.page.locator(".notice")).to_contain_text("Le compte est suspendu")
        operator.go("/ops/audit")
        row = operator.page.locator(".row", has_text=REASON)
        expect(row).to_contain_text("Compte suspendu")
        expect(row).to_contain_text(eve.id)
        signed_in = eve.call("POST", "/api/sessions", {"email": eve.email, "password": PASSWORD})
        assert (signed_in.status_code, signed_in.json()["type"]) == (403, "urn:releve:problem:suspended")

        names = ("Nestlé", "Marchand", company.email, eve.email)
        assert mentions(operator.received, names) == [], "an operator's page holds a name or an address"
        public = operator.open()  # the same browser, and so the same session
        for path, status in (("/home", 200), ("/ops", 404), ("/ops/audit", 404), ("/api/operations/audit", 404)):
            answer = public.goto(system.url + path)
            assert answer is not None
            assert answer.status == status, path
        public.goto(f"{system.url}/home")
        expect(public.locator("main")).to_contain_text("adresse à part")
    for one in (company, eve):
        one.http.close()


def test_operator_invites_a_mentor_by_hand_and_the_log_says_why(
    browser: Browser, system: System, hired: Person
) -> None:
    company, early = client(system.url, ORGANISATION, "Hélène"), mentor(system.url, "Nora", TOPICS)
    body = {"title": "Former nos équipes", **about(TOPICS), "languages": ["fr"], "window": "PT1H"}
    project = company.post("/api/projects", body).json()["id"]
    early.invitation(project)
    late = mentor(system.url, "Oscar", TOPICS)

    with person(browser, f"http://127.0.0.1:{system.operators_port}") as operator:
        enrol(operator, hired.email, PASSWORD)
        operator.go(f"/ops/projects/{project}")
        operator.press("Qui a été invité, et pourquoi")
        expect(operator.page.locator("h2").first).to_contain_text("Vague 1")
        expect(operator.page.locator(".row", has_text=early.id)).to_contain_text("Invité")
        operator.press("Inviter à la main")
        operator.page.locator("#account").fill(early.id)
        operator.page.locator("#reason").fill(BY_HAND)
        operator.press("Inviter un mentor à la main")
        expect(operator.page.locator("#summary")).to_contain_text("déjà invité")
        operator.page.locator("#account").fill(late.id)
        operator.press("Inviter un mentor à la main")
        expect(operator.page.locator(".notice")).to_contain_text("Le mentor est invité")
        expect(operator.page.locator("h2").first).to_contain_text("Invitation à la main")
        expect(operator.page.locator("main")).to_contain_text(BY_HAND)
        operator.go("/ops/audit?service=matching")
        expect(operator.page.locator(".row", has_text=BY_HAND)).to_contain_text("Mentor invité à la main")
        names = ("Nestlé", "Marchand", company.email, late.email)
        assert mentions(operator.received, names) == [], "an operator's page holds a name or an address"
    late.invitation(project)
    for one in (company, early, late):
        one.http.close()
