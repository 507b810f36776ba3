"""Nestlé Waters and Thomas, by the pages alone: a project without a name, five quotes, one choice, one reveal."""

import os
import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from contracts.story import SOLUTION, TOPICS
from deploy.local.system import System
from stories.people import PASSWORD, in_days, mentor
from tests.kit.browser import Tab, mentions, person
from tests.kit.ways import Way, chosen

SECRETS = ("Nestlé", "Hélène Marchand", "helene.marchand", "Perrier")
"""What no mentor may receive before being chosen, and all others never."""
BELL = "/notifications/unread"
"""A number, which every page asks for."""


def sign_up(tab: Tab, way: Way, role: str, name: str, email: str) -> None:
    tab.go(f"/sign-up?as={role}")
    for field, value in (("display_name", name), ("email", email), ("password", PASSWORD)):
        tab.page.locator(f"#{field}").fill(value)
    tab.page.locator("main form button").click()


def describe(tab: Tab, way: Way) -> None:
    expect(tab.page).to_have_url(re.compile(r"/organisation"))
    tab.page.locator("#name").fill("Nestlé Waters")
    tab.page.locator("#sector").fill("agroalimentaire")
    tab.page.locator("#size").select_option("group")
    tab.page.locator("#contact_name").fill("Hélène Marchand-Duval")
    tab.page.locator("#contact_email").fill("helene.marchand@nestle-waters.com")
    tab.page.locator("#domains").fill("nestle-waters.com")
    tab.page.locator("#products").fill("Perrier\nVittel")
    tab.page.locator("main .deeds button").click()
    expect(tab.page).to_have_url(re.compile(r"/projects/new"))  # what the first description was asked for


def post(tab: Tab, way: Way, title: str) -> str:
    """Posts: the first text names the client, is refused with the place, and stays as typed."""
    tab.go("/projects/new")
    tab.page.locator("#title").fill(title)
    tab.page.locator("#brief").fill("Perrier cherche un mentor pour nos équipes : sites web, réseaux sociaux et CRM.")
    for topic in ("CRM", "sociaux" if way.locale == "fr" else "social"):
        tab.page.locator("#topic").fill(topic)
        tab.page.get_by_role("button", name=way.say("Chercher", "Search")).click()
        tab.page.locator("#found .tick").first.wait_for()
        tab.page.locator("#found [role=group] input").first.check()
    tab.page.locator("button[value=post]").click()
    expect(tab.page.locator("#summary")).to_be_visible()
    assert "Perrier" in tab.page.locator("#brief").input_value(), "what was typed stays"
    expect(tab.page.locator(".leaks .certain q")).to_have_text("Perrier")
    tab.page.locator("#brief").fill("Nous cherchons un mentor pour nos équipes : sites web, réseaux sociaux et CRM.")
    tab.page.locator("button[value=post]").click()
    expect(tab.page).to_have_url(re.compile(r"/projects/[\w-]+\?done=posted"))
    expect(tab.page.locator("h1")).to_have_text(title)
    return re.search(r"/projects/([\w-]+)", tab.page.url)[1]  # type: ignore[index]


def complete_profile(tab: Tab, way: Way) -> None:
    expect(tab.page).to_have_url(re.compile(r"/profile"))
    tab.page.locator("#headline").fill("MBA en business intelligence")
    tab.page.locator("#school").fill("ESSEC")
    tab.page.locator("#bio").fill("Je forme des équipes au CRM et aux réseaux sociaux depuis trois ans.")
    tab.page.locator("#day_rate").fill("600")
    for skill in ("CRM", "sociaux" if way.locale == "fr" else "social"):
        tab.page.locator("#topic").fill(skill)
        tab.page.get_by_role("button", name=way.say("Chercher", "Search")).click()
        tab.page.locator("#found [role=group] input").first.check()
    tab.page.locator("button[value=save]").click()
    expect(tab.page.locator(".notice.good")).to_be_visible()


def hand_in(tab: Tab, way: Way) -> None:
    """Waits for the invitation, reads it, reserves a place, quotes, and gets a receipt."""
    for _ in range(160):
        tab.go("/invitations")
        if tab.page.locator(".row a").count():
            break
        tab.page.wait_for_timeout(500)
    tab.page.locator(".row a").first.click()
    for _ in range(160):  # quotes may hear of the invitation a moment later
        if tab.page.get_by_role("link", name=way.say("Écrire un devis", "Write a quote")).count():
            break
        tab.page.wait_for_timeout(250)
        tab.page.reload()
    tab.press(way.say("Réserver une place", "Reserve a place"))
    tab.page.locator("#proposal").fill(SOLUTION)
    tab.page.locator("#price").fill(way.say("3 900,00", "3,900.00"))
    tab.page.locator("#days").fill(way.say("3,5", "3.5"))
    tab.page.locator("#starts_on").fill(in_days(30))
    tab.page.locator("#valid_until").fill(in_days(90))
    tab.press(way.say("Remettre mon devis", "Hand in my quote"))
    expect(tab.page).to_have_url(re.compile(r"/receipt$"))
    expect(tab.page.locator(".code dd").first).to_have_text(re.compile("^[0-9a-f]{64}$"))


def read_everything_new(tab: Tab, way: Way) -> None:
    """Marks all notifications as read, so that the next one shows at the bell."""
    tab.go("/notifications")
    tab.press(way.say("Tout marquer comme lu", "Mark all as read"))
    expect(tab.page.locator("#bell .count")).to_have_count(0)


@pytest.mark.parametrize("way", chosen(os.environ), ids=str)
def test_nestle_waters_chooses_thomas_by_the_pages(browser: Browser, system: System, way: Way) -> None:
    title = way.say("Accompagner nos équipes marketing", "Coaching our marketing teams") + f" {way.width} {way.scheme}"
    with (
        person(browser, system.url, **way.options) as client,
        person(browser, system.url, **way.options) as thomas,
    ):
        sign_up(thomas, way, "mentor", "Thomas", f"thomas-{way}@example.org")
        complete_profile(thomas, way)
        sign_up(client, way, "client", "Hélène", f"helene-{way}@example.org")
        describe(client, way)
        others = [mentor(system.url, f"Mentor {number}", TOPICS, way.locale) for number in range(4)]
        project = post(client, way, title)
        hand_in(thomas, way)
        if way.script:
            expect(client.page.locator("#waiting")).to_contain_text(way.say("1 sur 5", "1 of 5"))
            thomas.press(way.say("Vérifier ici", "Check here"))
            expect(thomas.page.locator("[data-verified]")).to_contain_text(way.say("authentique", "genuine"))
        for number, other in enumerate(others):
            other.invitation(project)
            assert other.quote(project, 3000 + number, SOLUTION).status_code == 201
        for _ in range(160):
            client.go(f"/projects/{project}")
            row = client.page.locator(".compare-table" if way.width > 768 else ".compare-articles")
            if row.filter(has_text="Thomas").count():  # the quotes may come before the mentors' cards
                break
            client.page.wait_for_timeout(250)
        expect(row).to_contain_text("Thomas")
        row.get_by_role("link", name="Thomas").click()
        assert SOLUTION[:60] in client.text()
        client.page.locator(".deeds .button").first.click()
        assert "Nestlé Waters" in client.text(), "the page says what will be revealed"
        if way.script:
            read_everything_new(thomas, way)
        assert mentions(thomas.received, ["Thomas", SOLUTION[:60]]), "the search sees what is there"
        assert mentions(thomas.received, SECRETS) == [], "a mentor's browser received the client's name"
        assert {urlsplit(url).path for url in thomas.missed} <= {BELL}, "a page that was left while it asked"
        client.page.locator("main form button").click()
        expect(client.page).to_have_url(re.compile(r"done=accepted"))
        if way.script:
            expect(thomas.page.locator("#bell .count")).to_be_visible()
        for _ in range(160):
            thomas.go(f"/projects/{project}")
            if "Nestlé Waters" in thomas.text():
                break
            thomas.page.wait_for_timeout(250)
        expect(thomas.page.locator("h1")).to_contain_text("Nestlé Waters")
        assert "helene.marchand@nestle-waters.com" in thomas.text()
        assert mentions(thomas.received, SECRETS), "the search finds the name once it is told"
        assert [other.name for other in others if mentions(other.heard, SECRETS)] == []
