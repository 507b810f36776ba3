"""Colleagues in two browsers: a link is made, listed, used or taken back."""

import re

from playwright.sync_api import Browser, expect

from deploy.local.system import System
from stories.people import PASSWORD, Person, client
from tests.kit.browser import faults, person, sign_in

ORGANISATION = {
    "name": "Atelier Boréal", "sector": "mobilier", "size": "small",
    "contact": {"name": "Ana Sorel", "email": "ana.sorel@atelier-boreal.example"},
}  # fmt: skip


def test_owner_takes_back_a_link_and_a_colleague_uses_the_other(browser: Browser, system: System) -> None:
    owner, colleague = client(system.url, ORGANISATION), Person(system.url, "client", "Paul").join()
    with person(browser, system.url) as mine, person(browser, system.url, java_script_enabled=False) as theirs:
        sign_in(mine, owner.email, PASSWORD)
        mine.go("/organisation/people")
        links = []
        for role in ("membre : publie et choisit", "responsable : invite et retire aussi"):
            mine.page.get_by_label(role).check()
            mine.press("Créer un lien")
            links.append(mine.page.locator("input[readonly]").input_value())
        withdraw = mine.page.get_by_role("button", name="Retirer ce lien")
        expect(withdraw).to_have_count(2)
        assert faults(mine, "/organisation/people") == []
        mine.page.locator("li", has_text="Lien pour un responsable").get_by_role("button").click()
        expect(mine.page.locator(".notice")).to_contain_text("mène plus nulle part")
        expect(withdraw).to_have_count(1)

        sign_in(theirs, colleague.email, PASSWORD)
        for link, answer in ((links[1], "/join-organisation$"), (links[0], "/organisation/people")):
            theirs.go("/join-organisation")
            theirs.page.locator("#token").fill(link)
            theirs.page.locator("main form button").first.click()
            expect(theirs.page).to_have_url(re.compile(answer))
        mine.page.reload()
        expect(withdraw).to_have_count(0)
        mine.page.get_by_label("membre : publie et choisit").check()
        mine.press("Créer un lien")
        theirs.go("/organisation/people")
        expect(theirs.page.get_by_text("Lien pour un membre")).to_be_visible()
        expect(theirs.page.get_by_role("button", name="Retirer ce lien")).to_have_count(0)
