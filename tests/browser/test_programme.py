"""PWN by the pages alone: a spreadsheet with two wrong lines, six people, three pairs, and a first session."""

import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from deploy.local.system import System
from stories.people import PASSWORD, client
from stories.programmes import pwn
from stories.programmes.cast import Seat, spreadsheet
from tests.kit.browser import HTML_BYTES, SHOTS, Tab, overflow, person, violations
from tests.stories.guests import LINK, letter_to

WIDTHS = (320, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
READY = {"fr": "Votre binôme pour", "en": "Your pair for"}


@dataclass(frozen=True)
class Way:
    """One way of using the pages; ``scheme`` is what the person sees between two looks at a page."""

    locale: str
    script: bool
    width: int
    scheme: Literal["light", "dark"]

    def say(self, fr: str, en: str) -> str:
        return fr if self.locale == "fr" else en


WAYS = [Way("fr", True, 1280, "light"), Way("en", False, 360, "dark")]


def cohort(run: str) -> list[Seat]:
    """Three executives and three mentors, who all speak French."""
    everybody = pwn.seats(run)
    return everybody[:3] + everybody[20:23]


def wrong_file(seats: list[Seat]) -> bytes:
    """Their spreadsheet as Windows saves it; the second row has no @, the fifth a side that nobody knows."""
    rows = spreadsheet(seats).decode("cp1252").split("\r\n")
    rows[1] = rows[1].replace("@", " ")
    rows[4] = rows[4].replace(";Mentor;", ";Chef;")
    return "\r\n".join(rows).encode("cp1252")


def looked_at(tab: Tab, name: str, way: Way) -> None:
    """Nothing is wrong with the page that is open, light and dark: its weight, its width, and what axe finds."""
    page, size = tab.page, tab.page.viewport_size
    wrong = [] if len(page.content()) <= HTML_BYTES else [f"{name}: too heavy"]
    for width, scheme in product(WIDTHS, SCHEMES):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        if (pixels := overflow(page)) > 0:
            wrong.append(f"{name}: {pixels} px too wide at {width}")
        if os.environ.get("RELEVE_SHOTS"):
            SHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SHOTS / f"programme-{name}-{way.locale}-{width}-{scheme}.png", full_page=True)
        if way.script:  # axe is a script
            found = violations(page)
            wrong += [f"{name} {width} {scheme}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in found]
    page.emulate_media(color_scheme=way.scheme)
    if size:
        page.set_viewport_size(size)
    assert wrong == []


def create(owner: Tab, email: str, way: Way) -> str:
    """Signs in and creates the programme; its address."""
    owner.go("/sign-in")
    owner.page.locator("#email").fill(email)
    owner.page.locator("#password").fill(PASSWORD)
    owner.page.locator("main form button").first.click()
    owner.press(way.say("Programmes", "Programmes"))
    looked_at(owner, "list", way)
    owner.press(way.say("Nouveau programme", "New programme"))
    owner.page.locator("#name").fill(pwn.NAME)
    owner.page.locator("#purpose").fill(pwn.PURPOSE)
    looked_at(owner, "new", way)
    owner.press(way.say("Créer le programme", "Create the programme"))
    expect(owner.page.locator("h1")).to_have_text(re.compile("Mentorat inversé"))
    looked_at(owner, "draft", way)
    return owner.page.url.partition("?")[0].removeprefix(owner.url)


def enrol(owner: Tab, seats: list[Seat], way: Way) -> None:
    """Sends the spreadsheet, mends two cells where they stand, and enrols all six."""
    page = owner.page
    owner.press(way.say("Inscrire des personnes", "Enrol people"))
    looked_at(owner, "participants-none", way)
    if way.script:
        file = {"name": "pwn.csv", "mimeType": "text/csv", "buffer": wrong_file(seats)}
        page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    else:
        page.locator("#pasted").fill(wrong_file(seats).decode("cp1252"))
    owner.press(way.say("Vérifier le tableau", "Check the table"))
    expect(page.locator("#summary li")).to_have_count(2)
    looked_at(owner, "mend", way)
    page.locator('[name="cell.2.email"]').fill(seats[0].email)
    page.locator('[name="cell.5.side"]').fill(way.say("mentor", "mentor"))
    owner.press(way.say("Vérifier de nouveau", "Check again"))
    looked_at(owner, "confirm", way)
    owner.press(way.say("Inscrire ces", "Enrol these"))
    expect(page.locator(".notice.good")).to_be_visible()
    assert page.locator(".row").count() == len(seats)
    looked_at(owner, "participants", way)


def publish(owner: Tab, place: str, way: Way) -> tuple[str, str]:
    """Reads the proposal, forbids a pair, asks again, locks another, and publishes; the names of a pair."""
    page = owner.page
    owner.go(f"{place}/proposal")
    looked_at(owner, "proposal-none", way)
    owner.press(way.say("Demander une proposition", "Ask for a proposal"))
    expect(page.locator(".couples .row")).to_have_count(3)
    looked_at(owner, "proposal", way)
    page.locator(".couples .row").first.locator("button[value=forbid]").click()
    expect(page.locator(".notice.warn")).to_be_visible()
    owner.press(way.say("Proposer de nouveau", "Propose again"))
    expect(page.locator(".couples .now")).not_to_have_count(0)
    looked_at(owner, "proposal-changed", way)
    page.locator(".couples .row").first.locator("button[value=lock]").click()
    expect(page.locator(".couples .state.done")).to_have_count(1)
    mentor, mentee = page.locator(".couples .row").first.locator("p b").all_inner_texts()
    owner.press(way.say("Publier…", "Publish…"))
    looked_at(owner, "publication", way)
    owner.press(way.say("Publier et écrire à tous", "Publish and write to everybody"))
    expect(page.locator(".notice.good")).to_be_visible()
    looked_at(owner, "published", way)
    return mentor, mentee


def enter(tab: Tab, system: System, seat: Seat, way: Way) -> None:
    """Opens the link of the mail, and agrees to take part."""
    link = LINK.search(letter_to(system.mails, seat.email, READY[seat.locale]))
    assert link
    if way.script:
        tab.go(f"/pair#{link[1]}")
    else:
        tab.go("/pair")
        tab.page.locator("#token").fill(link[0])
    looked_at(tab, "open", way)
    tab.page.locator("main form button").first.click()
    looked_at(tab, "consent", way)
    tab.page.locator("form[action$='/agreement'] button").click()
    expect(tab.page.locator(".notice.good")).to_be_visible()


def meet(tab: Tab, way: Way) -> None:
    """Notes a session that was held yesterday, and answers the statements of the start."""
    page = tab.page
    page.locator("a[href*='/with/']").first.click()
    looked_at(tab, "sessions-none", way)
    page.locator("#at").fill((datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT14:00"))
    page.locator("#note").fill("Un premier compte, ensemble.")
    page.locator("[name=held]").check()
    page.locator("form[action$='/sessions'] button").click()
    expect(page.locator(".notice.good")).to_be_visible()
    looked_at(tab, "sessions", way)
    page.locator(".row a").first.click()
    looked_at(tab, "session", way)
    page.locator(".back a").click()
    page.locator(".back a").click()
    page.locator("a[href$='/assessment/start']").click()
    looked_at(tab, "assessment", way)
    for group in page.locator("fieldset").all():
        group.locator("input").nth(2).check()
    page.locator("main form button").click()
    expect(page.locator("table tbody tr")).to_have_count(8)
    looked_at(tab, "answers", way)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.locale}-{'script' if way.script else 'plain'}-{way.width}")
def test_pwn_goes_from_a_spreadsheet_to_a_first_session(browser: Browser, system: System, way: Way) -> None:
    options = {
        "locale": "fr-FR" if way.locale == "fr" else "en-GB", "java_script_enabled": way.script,
        "viewport": {"width": way.width, "height": 900}, "color_scheme": way.scheme,
    }  # fmt: skip
    seats = cohort(secrets.token_hex(4))
    organisation = {"name": pwn.HOST, "domains": [], "sector": "services", "size": "group",
                    "contact": {"name": "Claire", "email": "claire@example.org"}}  # fmt: skip
    runs = client(system.url, organisation, "Claire", way.locale)
    with (
        person(browser, system.url, **options) as owner,
        person(browser, system.url, **options) as mentor,
        person(browser, system.url, **options) as mentee,
    ):
        place = create(owner, runs.email, way)
        enrol(owner, seats, way)
        names = publish(owner, place, way)
        junior, senior = [next(seat for seat in seats if seat.name == name) for name in names]
        enter(mentee, system, senior, way)
        assert junior.family not in "".join(mentee.received), "the mentor has not agreed yet"
        enter(mentor, system, junior, way)
        assert senior.family in mentor.text()
        for tab in (mentee, mentor):
            tab.go(f"/pair/{place.rpartition('/')[2]}")
            assert junior.email not in "".join(mentee.received), "the address comes once both have accepted"
            looked_at(tab, "pair", way)
            tab.page.locator("form[action$='/answer'] button").click()
            expect(tab.page.locator(".notice.good")).to_be_visible()
        mentee.go(f"/pair/{place.rpartition('/')[2]}")
        assert junior.email in mentee.text()
        looked_at(mentee, "active", way)
        meet(mentee, way)
        for name in ("me", "leaving", "erasure"):
            looked_at_path(mentee, f"/pair/{place.rpartition('/')[2]}/{name}", way)
        owner.go(f"{place}/pairs")
        assert way.say("1 séance tenue", "1 session held") in owner.text()
        looked_at(owner, "pairs", way)
        for name in ("progress", "closing", "copy", "participants"):
            looked_at_path(owner, f"{place}/{name}", way)
        owner.go(f"{place}/progress")
        assert way.say("trop peu pour être montré", "too few to be shown") in owner.text()
        owner.page.set_viewport_size({"width": 320, "height": 900})
        too_wide = "document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth"
        assert owner.page.evaluate(too_wide) <= 0
        for cell in owner.page.locator("td.soft, td .soft:not(.narrow-only)").all():
            box = cell.bounding_box()
            assert box, "withheld figures are seen"
            assert box["x"] + box["width"] <= 320, "and need no scrolling"
        strangers = {seat.family for seat in seats} - {junior.family, senior.family}
        for tab in (mentor, mentee):
            assert not [name for name in strangers if name in "".join(tab.received)], "people of other pairs"
    runs.http.close()


def looked_at_path(tab: Tab, path: str, way: Way) -> None:
    """Opens a page and looks at it."""
    tab.go(path)
    looked_at(tab, path.rpartition("/")[2], way)
