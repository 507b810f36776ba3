"""AXA, Colas, Engie and Saint-Gobain: four organisers, 4 × 25 people, four challenges, mixed teams, progress."""

import re
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stories.nestle_waters import expect
from stories.people import Person, client
from stories.programmes import axa
from stories.programmes.cast import MENTEE, MENTOR
from tests.stories.guests import Guest, letter_to
from tests.stories.programmes import Programme, places_with, planted, strangers_read_by
from tests.stories.running import Running

ORGANISE = re.compile(r"https?://\S+/join#(\S+)")
FEW = 4
"""How many people of one challenge answer both self-assessments; of the others everybody does."""


@dataclass
class Story:
    """The programme, its organisers by company, its challenges and teams."""

    programme: Programme
    organisers: dict[str, Person]
    challenges: list[dict[str, Any]]
    teams: list[dict[str, Any]] = field(default_factory=list)

    def team_of(self, guest: Guest) -> dict[str, Any]:
        """The team of somebody."""
        return next(team for team in self.teams if guest.ref in {member["ref"] for member in team["members"]})


@pytest.fixture(scope="module")
def story(system: Running, mails: Path) -> Iterator[Story]:
    """The programme until its teams are published; the tests look at it and go on."""
    run = secrets.token_hex(4)
    seats = [seat for company in axa.COMPANIES for seat in axa.seats(company, run)]
    body = {"name": axa.NAME, "kind": "challenge", "host": axa.HOST, "purpose": axa.PURPOSE}
    programme = Programme(system, mails, seats, **body, organisations=list(axa.COMPANIES))
    made = Story(programme, {}, [])
    for goal in axa.GOALS:
        challenge = {"goal": goal.goal, "title": goal.name, "team_size": 5, "skills": [axa.SKILLS[0]]}
        challenge["milestones"] = [{"title": title} for title in goal.milestones]
        made.challenges.append(expect(programme.owner.post(f"{programme.path}/challenges", challenge), 201))
    for company in axa.COMPANIES:
        made.organisers[company] = _organiser(programme, company, run)
        _join(programme, made.organisers[company], company, run)
    assert programme.propose()["left_out"] == []
    programme.publish()
    made.teams = expect(programme.owner.get(f"{programme.path}/teams"), 200)["items"]
    yield made
    for person in made.organisers.values():
        person.http.close()
    programme.close()


def _organiser(programme: Programme, company: str, run: str) -> Person:
    """Invited by a mail, accepts with an account."""
    email = f"organise@{axa.domain_of(company, run)}"
    body = {"organisation": company, "email": email}
    expect(programme.owner.post(f"{programme.path}/organisers", body), 201)
    link = ORGANISE.search(letter_to(programme.mails, email, company, axa.NAME))
    assert link
    contact = {"name": axa.ORGANISERS[company], "email": email}
    organisation = {"name": company, "domains": [], "sector": "services", "size": "group", "contact": contact}
    person = client(programme.url, organisation, axa.ORGANISERS[company], email=email)
    assert expect(person.post("/api/programmes/organisers", {"token": link[1]}), 200)["my_part"] == ["organiser"]
    assert person.post("/api/programmes/organisers", {"token": link[1]}).status_code == 404
    return person


def _join(programme: Programme, organiser: Person, company: str, run: str) -> None:
    """The organiser opens a link per side; everybody joins, confirms their address and agrees."""
    guests = [guest for guest in programme.guests.values() if guest.seat.organisation == company]
    links = {}
    for side, cap in ((MENTEE, axa.SENIORS), (MENTOR, axa.A_COMPANY - axa.SENIORS)):
        body = {"side": side, "organisation": company, "cap": cap, "domain": axa.domain_of(company, run)}
        links[side] = expect(organiser.post(f"{programme.path}/links", body), 201)["token"]
    for guest in guests:
        seat = guest.seat
        body = {"token": links[seat.side], "name": seat.name, "email": seat.email, "locale": seat.locale}
        body |= {"languages": list(seat.languages), "offers": list(seat.offers), "wants": list(seat.wants)}
        assert expect(guest.post("/api/programmes/joins", body), 202)["state"] == "to-confirm"
    for guest in guests:
        guest.enter(guest.letter(axa.PURPOSE), joined=True)
        guest.agree()
        programme.guests[guest.ref] = programme.guests.pop(guest.seat.ref)


def test_link_takes_neither_other_domains_nor_more_people(story: Story) -> None:
    path, organiser = f"{story.programme.path}/links", story.organisers["Colas"]
    links = expect(organiser.get(path), 200)["items"]
    assert [(link["organisation"], link["used"]) for link in links] == [("Colas", link["cap"]) for link in links]
    assert sum(link["used"] for link in links) == axa.A_COMPANY
    assert "token" not in str(links)


def test_organiser_sees_their_own_people_alone(story: Story) -> None:
    for company, organiser in story.organisers.items():
        own = [seat for seat in story.programme.seats if seat.organisation == company]
        others = [seat for seat in story.programme.seats if seat.organisation != company]
        page = expect(organiser.get(f"{story.programme.path}/participants?limit=200"), 200)
        assert {one["email"] for one in page["items"]} == {seat.email for seat in own}
        for path in ("/participants?limit=200", "/teams", "/pairs", "/progress", "/links"):
            text = organiser.get(story.programme.path + path).text
            assert not [word for word in planted(others) if word in text], (company, path)


def test_everybody_is_in_one_mixed_team(story: Story) -> None:
    members = [member for team in story.teams for member in team["members"]]
    assert len(members) == len({member["ref"] for member in members}) == len(story.programme.guests)
    assert Counter(team["challenge"] for team in story.teams) == {one["id"]: 5 for one in story.challenges}
    for team in story.teams:
        companies = Counter(member["organisation"] for member in team["members"])
        assert len(team["members"]) == 5
        assert sorted(companies.values()) == [1, 1, 1, 2], companies
        assert {member["side"] for member in team["members"]} == {MENTOR, MENTEE}


def test_teams_are_proven_to_be_as_even_as_can_be(story: Story) -> None:
    aims = expect(story.programme.owner.get(f"{story.programme.path}/teams"), 200)["aims"]
    assert aims
    assert [aim for aim in aims if aim["value"] != aim["bound"]] == []


def test_each_reads_their_team_in_their_language(story: Story) -> None:
    for guest in list(story.programme.guests.values())[::7]:
        letter = guest.letter({"fr": "Votre équipe pour", "en": "Your team for"}[guest.locale])
        team = story.team_of(guest)
        assert team["name"] in letter
        [mine] = expect(guest.get(f"{guest.path}/teams"), 200)["items"]
        assert {member["name"] for member in mine["members"]} == {
            story.programme.guests[member["ref"]].name for member in team["members"]
        }


def test_board_shows_what_was_done_and_ranks_nobody(story: Story) -> None:
    challenge, everybody = story.challenges[0], list(story.programme.guests.values())
    path = f"{story.programme.path}/challenges/{challenge['id']}"
    members = [guest for guest in everybody if story.team_of(guest)["challenge"] == challenge["id"]]
    milestone = challenge["milestones"][0]["id"]
    body = {"kind": "text", "text": "Notre réunion du lundi se tient debout, sans e-mail.", "milestone": milestone}
    mine = expect(members[0].post(f"{path}/contributions", body), 201)
    link = {"kind": "link", "url": "https://intranet.example/defi", "text": "Le mode d'emploi", "milestone": milestone}
    expect(members[1].post(f"{path}/contributions", link), 201)
    outsider = next(guest for guest in everybody if guest not in members)
    assert outsider.post(f"{path}/contributions", body).status_code == 409
    for reader in (story.programme.owner, story.organisers["Engie"], outsider, members[0]):
        board = reader.get(f"{path}/board")
        shown = expect(board, 200)["milestones"][0]["teams"]
        assert mine["id"] in [one["id"] for team in shown for one in team["contributions"]]
        assert not [word for word in planted(story.programme.seats) if word in board.text]
        assert not re.search(r'"(rank|place|score|points|count)"', board.text)


def test_progress_of_a_challenge_with_few_answers_is_withheld(story: Story) -> None:
    few = story.challenges[3]["id"]
    answering = [guest for guest in story.programme.guests.values() if story.team_of(guest)["challenge"] != few]
    others = [guest for guest in story.programme.guests.values() if story.team_of(guest)["challenge"] == few]
    answering += others[:FEW]
    for guest in answering:
        _assess(guest, "start", 2)
    expect(story.programme.owner.post(f"{story.programme.path}/closing"), 200)
    for place, guest in enumerate(answering):
        _assess(guest, "end", 3 + place % 2)
    path, known = f"{story.programme.path}/progress", [one["id"] for one in story.challenges]

    def complete(progress: Any) -> Any:
        rows = {row["value"]: row for row in progress["groups"] if row["by"] == "challenge"}
        shown = [id for id in known if id in rows and not rows[id]["changes"]["withheld"]]
        return (progress, rows) if shown == known[:3] else None

    progress, rows = story.programme.owner.until(path, complete)
    assert rows[few]["changes"]["reason"]
    assert (rows[few]["changes"]["people"], rows[few]["changes"]["mean"]) == (None, None)
    counted = sum(rows[id]["changes"]["people"] for id in known[:3])
    rest = progress["everybody"]["people"] - counted
    assert rest == 0 or rest >= 6, "the total must not uncover the challenge that is withheld"
    for guest in (answering[0], others[-1]):
        assert guest.get(path).status_code in (403, 404)
    mine = expect(answering[0].get(f"{answering[0].path}/assessment/mine"), 200)
    assert {one["change"] for one in mine["items"]} == {1}


def _assess(guest: Guest, moment: str, answer: int) -> None:
    shown = expect(guest.get(f"{guest.path}/assessment"), 200)
    answers = {one["id"]: answer for one in shown["statements"]}
    expect(guest.call("PUT", f"{guest.path}/assessment/{moment}", {"answers": answers}), 200)


def test_no_name_is_in_a_topic_a_log_or_elsewhere(story: Story, system: Running) -> None:
    assert list(places_with(system, planted(story.programme.seats))) == []


def test_everybody_reads_their_own_teams_names_alone(story: Story) -> None:
    everybody = list(story.programme.guests.values())
    for guest in everybody:
        team = [story.programme.guests[member["ref"]] for member in story.team_of(guest)["members"]]
        assert strangers_read_by(guest, team, everybody) == [], guest.ref
