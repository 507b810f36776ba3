"""Four companies take up a challenge by the pages alone: the owner's pages, and those of one company's organiser."""

import re
import secrets
from dataclasses import dataclass, field

from playwright.sync_api import Browser, expect

from deploy.local.system import System
from stories import nestle_waters
from stories.people import PASSWORD, client
from stories.programmes import axa
from stories.programmes.cast import Seat, spreadsheet
from tests.kit.browser import Tab, faults, person, sign_in
from tests.stories.guests import letter_to
from tests.stories.programmes import Programme, planted

INVITED = re.compile(r"https?://\S+/join#(\S+)")
COMPANY = "Colas"
GOAL = axa.GOALS[0]
MILESTONE = "Raconter ce qui a changé"
SHARED = "https://intranet.example/une-reunion-sans-e-mail-racontee-par-celles-et-ceux-qui-l-ont-tenue"


def cohort(run: str) -> list[Seat]:
    """One senior and two young people of each company: four teams of three."""
    return [seat for company in axa.COMPANIES for seat in (axa.seats(company, run)[place] for place in (0, 10, 11))]


@dataclass
class Visit:
    """Somebody's way through the pages of one programme; `wrong` collects the faults of each page on it."""

    who: str
    tab: Tab
    place: str
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str, name: str = "") -> None:
        """Opens a page of the programme, and looks at it."""
        self.tab.go(self.place + path)
        self.look(name or path.rpartition("/")[2] or "programme")

    def look(self, name: str) -> None:
        """Looks at the page that is open."""
        assert self.tab.page.locator("h1").count() == 1, name
        self.wrong += faults(self.tab, f"challenge {self.who} {name}")

    def done(self, button: str, name: str) -> None:
        """Presses a button; the page says that it is done."""
        with self.tab.page.expect_navigation():  # the page before may say that something else is done
            self.tab.press(button)
        expect(self.tab.page.locator(".notice.good")).to_be_visible()
        self.look(name)


def choose_challenges(owner: Visit) -> str:
    """Adds a goal and a challenge in own words, takes the second out, adds a milestone; the first one's address."""
    page = owner.tab.page
    owner.open("")
    owner.open("/challenges", "none")
    page.locator("#title").fill(GOAL.name)
    page.locator("#team_size").fill("trois")
    owner.tab.press("Ajouter le défi")
    expect(page.locator("#team_size-error")).to_be_visible()
    owner.look("refused")
    page.locator("#team_size").fill("3")
    owner.done("Ajouter le défi", "added")
    page.locator("input[name=goal][value=own]").check()
    page.locator("#title").fill("Un défi de trop")
    owner.done("Ajouter le défi", "two")
    page.locator(".row", has_text="Un défi de trop").get_by_role("button").click()
    expect(page.locator(".rows .row")).to_have_count(1)
    page.get_by_role("link", name="Modifier").click()
    owner.look("challenge")
    where = page.url.removeprefix(owner.tab.url + owner.place)
    page.locator("[id='milestone.new']").fill(MILESTONE)
    owner.done("Enregistrer", "saved")
    owner.open(where, "milestones")
    assert MILESTONE in [one.input_value() for one in page.locator("input[name^='milestone.']").all()]
    return where


def invite(owner: Visit, organiser: Visit, system: System, email: str) -> None:
    """The owner invites a company's organiser, who follows the link of the mail."""
    page = owner.tab.page
    owner.open("/organisers", "organisers-none")
    page.locator("#organisation").select_option(COMPANY)
    page.locator("#email").fill(email)
    owner.done("Inviter par mail", "invited")
    link = INVITED.search(letter_to(system.mails, email, COMPANY, axa.NAME))
    assert link
    organiser.tab.go(f"/programmes/join#{link[1]}")
    organiser.look("join")
    organiser.tab.press("Accepter")
    expect(organiser.tab.page.locator("h1")).to_have_text(axa.NAME)
    organiser.look("programme")
    owner.open("/organisers", "accepted")
    assert email not in owner.tab.text()


def make_link(visit: Visit, domain: str) -> None:
    """Makes a link for one side, which is shown once."""
    page = visit.tab.page
    visit.open("/links", "links-none")
    page.locator("input[name=side][value=mentee]").check()
    page.locator("#cap").fill("12")
    page.locator("#domain").fill(domain)
    visit.tab.press("Créer un lien")
    expect(page.locator("input[readonly]")).to_have_value(re.compile("#"))
    visit.look("link-made")
    visit.open("/links")
    assert page.locator("input[readonly]").count() == 0


def move(owner: Visit) -> None:
    """Moves the first person of the first team into the last one."""
    page = owner.tab.page
    owner.open("/teams")
    first, last = page.locator(".rows .row").first, page.locator(".rows .row").last
    name = first.locator("p").last.inner_text().partition(" (")[0]
    page.locator("#ref").select_option(label=name)
    page.locator("#team").select_option(label=last.locator("b").inner_text())
    owner.done("Déplacer", "moved")
    expect(page.locator(".rows .row", has_text=name)).to_have_count(1)
    expect(page.locator(".rows .row").last).to_contain_text(name)


def contribute(programme: Programme, where: str) -> None:
    """Two participants contribute to the first milestone, a link and a text, as their client calls the API."""
    path = programme.path + where
    milestone = nestle_waters.expect(programme.owner.get(path), 200)["milestones"][0]["id"]
    link = {"kind": "link", "url": SHARED, "text": "Le mode d'emploi,\nen une page.", "milestone": milestone}
    text = {"kind": "text", "text": "Notre réunion du lundi se tient debout, sans e-mail."}
    for guest, body in zip(list(programme.guests.values())[::7], (link, text), strict=False):
        guest.enter(guest.letter(axa.PURPOSE))
        guest.agree()
        nestle_waters.expect(guest.post(f"{path}/contributions", body), 201)


def test_owner_and_organiser_run_a_challenge_by_the_pages(browser: Browser, system: System) -> None:
    run = secrets.token_hex(4)
    body = {"name": axa.NAME, "kind": "challenge", "host": axa.HOST, "purpose": axa.PURPOSE}
    programme = Programme(system, system.mails, cohort(run), **body, organisations=list(axa.COMPANIES))
    email = f"organise@{axa.domain_of(COMPANY, run)}"
    organisation = {"name": COMPANY, "domains": [], "sector": "services", "size": "group",
                    "contact": {"name": axa.ORGANISERS[COMPANY], "email": email}}  # fmt: skip
    invited = client(system.url, organisation, axa.ORGANISERS[COMPANY], email=email)
    place = programme.path.removeprefix("/api")
    with person(browser, system.url) as owners, person(browser, system.url) as organisers:
        owner, organiser = Visit("owner", owners, place), Visit("organiser", organisers, place)
        sign_in(owners, programme.owner.email, PASSWORD)
        sign_in(organisers, email, PASSWORD)
        where = choose_challenges(owner)
        invite(owner, organiser, system, email)
        make_link(owner, "")
        make_link(organiser, axa.domain_of(COMPANY, run))
        programme.send_file(spreadsheet(programme.seats))
        for visit in (owner, organiser):
            visit.open("/participants")
        organiser.open(f"/participants/{axa.COMPANIES[COMPANY]}-01", "person")
        owner.open("/teams", "teams-none")
        programme.propose()
        owner.open("/proposal")
        move(owner)
        owner.open("/publication")
        programme.publish(with_unpaired=True)
        contribute(programme, where)
        for visit in (owner, organiser):
            for path in ("", "/challenges", "/teams", "/pairs", "/progress", f"{where}/board"):
                visit.open(path, f"{path.rpartition('/')[2] or 'programme'}-published")
            assert SHARED in visit.tab.text()
        owner.open(where, "challenge-published")
        assert owner.wrong + organiser.wrong == []
        strangers = planted(seat for seat in programme.seats if seat.organisation != COMPANY)
        assert not [word for word in strangers if word in "".join(organisers.received)], "another company's people"
    invited.http.close()
    programme.close()
