"""The keyboard alone: clients post and choose, mentors quote, and everybody sees at every stop where the focus is."""

import re

from playwright.sync_api import Browser, Page, expect

from contracts.story import SOLUTION, TOPICS
from deploy.local.system import System
from stories.nestle_waters import ORGANISATION
from stories.people import PASSWORD, client, in_days, mentor
from tests.kit.browser import Tab, person

STOPS = 120
"""The most stops from the top of a page to a control on it."""
UNSEEN = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const { width, height } = at.getBoundingClientRect();
  return drawn && width > 0 && height > 0 ? "" : at.outerHTML.slice(0, 120);
}"""


def reach(page: Page, selector: str) -> None:
    """Goes to the control by Tab, from where the focus is. Fails if a stop on the way shows no focus."""
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue  # between the last stop and the first
        assert page.evaluate(UNSEEN) == "", f"the focus is not seen on the way to {selector}"
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by the keyboard")


def write(page: Page, selector: str, text: str) -> None:
    reach(page, selector)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def write_day(page: Page, selector: str, wanted: str) -> None:
    """Types a day into the browser's own field, whose order of day and month is that of the browser's language."""
    reach(page, selector)
    year, month, day = wanted.split("-")
    for typed in (month + day + year, day + month + year):
        page.keyboard.type(typed)
        if page.locator(selector).input_value() == wanted:
            return
        for _ in range(2):
            page.keyboard.press("ArrowLeft")  # back to the first of the three
    raise AssertionError(f"{selector}: {page.locator(selector).input_value()} instead of {wanted}")


def press(page: Page, selector: str, key: str = "Enter") -> None:
    reach(page, selector)
    page.keyboard.press(key)


def enter(tab: Tab, email: str) -> None:
    tab.go("/sign-in")
    write(tab.page, "#email", email)
    write(tab.page, "#password", PASSWORD)
    press(tab.page, "main form button")
    tab.page.wait_for_url("**/home")


def test_client_posts_compares_and_accepts_by_the_keyboard_alone(browser: Browser, system: System) -> None:
    owner = client(system.url, ORGANISATION, "Hélène")
    mentors = [mentor(system.url, f"Mentor {number}", TOPICS, weekly_invitations=50) for number in range(5)]
    with person(browser, system.url) as tab:
        page = tab.page
        enter(tab, owner.email)
        tab.go("/projects/new")
        write(page, "#title", "Former l’équipe au CRM")
        write(page, "#brief", "Nous cherchons un mentor pour nos équipes : sites web, réseaux sociaux et CRM.")
        write(page, "#topic", "CRM")
        page.keyboard.press("Enter")
        page.locator("#found [role=group] input").first.wait_for()
        press(page, "#found [role=group] input", "Space")
        press(page, "button[value=post]")
        expect(page).to_have_url(re.compile(r"/projects/[\w-]+\?done=posted"))
        project = re.search(r"/projects/([\w-]+)", page.url)[1]  # type: ignore[index]
        for number, one in enumerate(mentors):
            one.invitation(project)
            assert one.quote(project, 900 + number, SOLUTION).status_code == 201
        owner.until(f"/api/projects/{project}", lambda found: found["state"] == "choosing")
        owner.until(f"/api/mentors?project_id={project}", lambda found: len(found["items"]) == 5)
        tab.go(f"/projects/{project}")
        press(page, ".compare-table a.button")
        page.wait_for_url("**/quotes/*")
        press(page, ".deeds .button")
        page.wait_for_url("**/accept")
        press(page, "main form button")
        expect(page).to_have_url(re.compile(r"done=accepted"))


def test_mentor_reserves_a_place_and_quotes_by_the_keyboard_alone(browser: Browser, system: System) -> None:
    owner = client(system.url, ORGANISATION, "Hélène")
    lina = mentor(system.url, "Lina", TOPICS, weekly_invitations=50)
    body = {"title": "Former l'équipe au CRM", "brief": "Nous cherchons un mentor pour notre CRM et nos réseaux.",
            "topics": TOPICS, "languages": ["fr"], "window": "PT1H"}  # fmt: skip
    project = owner.post("/api/projects", body).json()["id"]
    lina.invitation(project)
    lina.until(f"/api/rounds/{project}", lambda found: found["state"] == "open")
    with person(browser, system.url) as tab:
        page = tab.page
        enter(tab, lina.email)
        tab.go("/invitations")
        press(page, ".row a")
        page.wait_for_url("**/invitations/*")
        press(page, "form[action$='/claim'] button")
        page.wait_for_url("**/quote*")
        write(page, "#proposal", SOLUTION)
        write(page, "#price", "1 200")
        write(page, "#days", "2")
        for field, days in (("#starts_on", 30), ("#valid_until", 90)):
            write_day(page, field, in_days(days))
        press(page, ".deeds button:not(.quiet)")
        expect(page).to_have_url(re.compile(r"/receipt$"))


def test_first_stop_leads_past_the_header(browser: Browser, system: System) -> None:
    with person(browser, system.url) as tab:
        tab.go("/")
        tab.page.keyboard.press("Tab")
        tab.page.keyboard.press("Enter")
        assert tab.page.evaluate("location.hash") == "#main"
        tab.page.keyboard.press("Tab")
        inside = "document.querySelector('main').contains(document.activeElement)"
        assert tab.page.evaluate(inside), "the next stop is in the page itself"
