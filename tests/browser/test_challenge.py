"""Four companies take up a challenge by the pages alone: the owner, one company's organiser, and two participants."""

import re
import secrets
from dataclasses import dataclass, field

from playwright.sync_api import Browser, expect

from deploy.local.system import System
from stories.people import PASSWORD, PATIENCE_S, client
from stories.programmes import axa
from stories.programmes.cast import Seat, spreadsheet
from tests.kit.browser import Tab, faults, overflow, person, sign_in
from tests.kit.pictures import noise, png
from tests.kit.waiting import until
from tests.stories.guests import LINK, Guest, letter_to
from tests.stories.programmes import Programme, planted

INVITED = re.compile(r"https?://\S+/join#(\S+)")
COMPANY = "Colas"
GOAL = axa.GOALS[0]
MILESTONE = "Raconter ce qui a changé"
ONE_TOO_MANY = "Un défi de trop"
SHARED = "https://intranet.example/une-reunion-sans-e-mail-racontee-par-celles-et-ceux-qui-l-ont-tenue"


def cohort(run: str) -> list[Seat]:
    """One senior and two young people of each company: four teams of three."""
    return [seat for company in axa.COMPANIES for seat in (axa.seats(company, run)[place] for place in (0, 10, 11))]


@dataclass
class Visit:
    """Somebody's way through the pages of one programme; `wrong` collects the faults of each page on it.

    Axe is a script: without scripts only the width is looked at.
    """

    who: str
    tab: Tab
    place: str
    script: bool = True
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str, name: str = "") -> None:
        """Opens a page of the programme, and looks at it."""
        self.tab.go(self.place + path)
        self.look(name or path.rpartition("/")[2] or "programme")

    def look(self, name: str) -> None:
        """Looks at the page that is open."""
        assert self.tab.page.locator("h1").count() == 1, name
        if self.script:
            self.wrong += faults(self.tab, f"challenge {self.who} {name}")
        elif (pixels := overflow(self.tab.page)) > 0:
            self.wrong.append(f"challenge {self.who} {name}: {pixels} px too wide")

    def done(self, button: str, name: str) -> None:
        """Presses a button; the page says that it is done."""
        with self.tab.page.expect_navigation():  # the page before may say that something else is done
            self.tab.press(button)
        expect(self.tab.page.locator(".notice.good")).to_be_visible()
        self.look(name)


def choose_challenges(owner: Visit) -> str:
    """Adds a goal and a challenge in own words, and a milestone to the first; the address of that one."""
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
    page.locator("#title").fill(ONE_TOO_MANY)
    owner.done("Ajouter le défi", "two")
    page.locator(".row", has_text=GOAL.name).get_by_role("link", name="Modifier").click()
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
    """Moves the mentor of a pair into a team without them: the proposal drops the pair, and names both."""
    page = owner.tab.page
    owner.open("/proposal")
    pairs = page.locator(".couples .row").count()
    name = page.locator(".couples .row b").first.inner_text()
    owner.open("/teams")
    page.locator("#ref").select_option(label=name)
    team = page.locator(".rows .row").filter(has_not_text=name).first.locator("b").inner_text()
    page.locator("#team").select_option(label=team)
    owner.done("Déplacer", "moved")
    expect(page.locator(".rows .row", has_text=name)).to_have_count(1)
    expect(page.locator(".rows .row", has_text=name)).to_contain_text(team)
    owner.open("/proposal", "proposal-moved")
    expect(page.locator(".couples .row")).to_have_count(pairs - 1)
    expect(page.locator(".reveals dt")).to_have_count(2)
    expect(page.locator(".reveals dt", has_text=name)).to_have_count(1)


def remove_one(owner: Visit) -> None:
    """Takes the second challenge out."""
    page = owner.tab.page
    owner.open("/challenges")
    page.locator(".row", has_text=ONE_TOO_MANY).get_by_role("button").click()
    expect(page.locator(".rows .row")).to_have_count(1)


def enter(visit: Visit, guest: Guest) -> None:
    """Opens the link of the mail, without a script in English; agrees, and wishes for the first challenge."""
    page, link = visit.tab.page, LINK.search(guest.letter(axa.PURPOSE))
    assert link
    if visit.script:
        visit.tab.go(f"/pair#{link[1]}")
    else:
        visit.tab.go("/pair")
        for language in ("Français", "English"):  # chosen here, it holds against the one that they have there
            visit.tab.press(language)
        page.locator("#token").fill(link[0])
    page.locator("main form button").first.click()
    visit.look("consent")
    page.locator("form[action$='/agreement'] button").click()
    expect(page.locator(".notice.good")).to_be_visible()
    page.locator("#challenge").select_option(label=GOAL.name)
    visit.done("Enregistrer mon souhait" if visit.script else "Save my wish", "wished")
    expect(page.locator("#challenge option:checked")).to_have_text(GOAL.name)
    visit.open("", "before")


def add_photo(visit: Visit, where: str) -> None:
    """Adds a photo larger than what may be sent: the page makes it smaller first."""
    page = visit.tab.page
    visit.open(where, "challenge")
    photo = {"name": "photo.png", "mimeType": "image/png", "buffer": noise(900)}
    page.locator("#picture").set_input_files(photo)  # type: ignore[arg-type]
    until(lambda: page.evaluate("document.getElementById('picture').files[0].type"), PATIENCE_S, "image/jpeg".__eq__)
    visit.done("Ajouter", "added-photo")
    picture = page.locator(".row img").last
    picture.scroll_into_view_if_needed()
    until(lambda: picture.evaluate("(one) => one.naturalWidth"), PATIENCE_S, lambda width: width > 1)


def add(visit: Visit, guest: Guest, where: str, link: str) -> None:
    """Reads the own team, and adds a link or a picture to the first milestone; a text is withdrawn again."""
    page, button = visit.tab.page, "Ajouter" if visit.script else "Add"
    visit.open("", "team")
    assert guest.seat.name in visit.tab.text()
    visit.open(where, "challenge")
    if link:
        page.locator("#url").fill(link)
        page.locator("#text").fill("Le mode d'emploi,\nen une page.")
    else:
        picture = {"name": "reunion.png", "mimeType": "image/png", "buffer": png()}
        page.locator("#picture").set_input_files(picture)  # type: ignore[arg-type]
    page.locator("#milestone").select_option(index=1)
    visit.done(button, "added")
    page.locator("#text").fill("À retirer")
    visit.done(button, "added-text")
    page.locator(".row", has_text="À retirer").get_by_role("button").click()
    expect(page.locator(".row", has_text="À retirer")).to_have_count(0)
    assert page.locator(f".row a[href='{link}']" if link else ".row img").count() == 1
    visit.look("board")


def test_owner_and_organiser_run_a_challenge_by_the_pages(browser: Browser, system: System) -> None:
    run = secrets.token_hex(4)
    body = {"name": axa.NAME, "kind": "challenge", "host": axa.HOST, "purpose": axa.PURPOSE}
    programme = Programme(system, system.mails, cohort(run), **body, organisations=list(axa.COMPANIES))
    email = f"organise@{axa.domain_of(COMPANY, run)}"
    organisation = {"name": COMPANY, "domains": [], "sector": "services", "size": "group",
                    "contact": {"name": axa.ORGANISERS[COMPANY], "email": email}}  # fmt: skip
    invited = client(system.url, organisation, axa.ORGANISERS[COMPANY], email=email)
    place = programme.path.removeprefix("/api")
    plain = {"locale": "en-GB", "java_script_enabled": False, "viewport": {"width": 360, "height": 900}}
    with (
        person(browser, system.url) as owners,
        person(browser, system.url) as organisers,
        person(browser, system.url) as first,
        person(browser, system.url, **plain) as second,
    ):
        owner, organiser = Visit("owner", owners, place), Visit("organiser", organisers, place)
        mine = place.replace("/programmes/", "/pair/")
        members = [Visit("member", first, mine), Visit("member-plain", second, mine, script=False)]
        guests = list(programme.guests.values())[::7]
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
        for visit, guest in zip(members, guests, strict=True):
            enter(visit, guest)
        remove_one(owner)
        programme.propose()
        move(owner)
        owner.open("/publication")
        assert "équipes" in owner.tab.page.locator("h1").inner_text()
        programme.publish(with_unpaired=True)
        for visit, guest, link in zip(members, guests, (SHARED, ""), strict=True):
            add(visit, guest, where, link)
        add_photo(members[0], where)
        for visit in (owner, organiser):
            for path in ("", "/challenges", "/teams", "/pairs", "/progress", f"{where}/board"):
                visit.open(path, f"{path.rpartition('/')[2] or 'programme'}-published")
            assert SHARED in visit.tab.text()
        owner.open(where, "challenge-published")
        assert [fault for visit in (owner, organiser, *members) for fault in visit.wrong] == []
        strangers = planted(seat for seat in programme.seats if seat.organisation != COMPANY)
        assert not [word for word in strangers if word in "".join(organisers.received)], "another company's people"
        unseen = planted(seat for seat in programme.seats if seat not in [guest.seat for guest in guests])
        assert not [word for word in unseen if word in "".join(first.received + second.received)], "who has not agreed"
    invited.http.close()
    programme.close()
