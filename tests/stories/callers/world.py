"""A small market with one caller of each kind, and the ids that fill the paths of the API's routes."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stories.nestle_waters import expect
from stories.people import PASSWORD, PATIENCE_S, Person, about, client, in_days, mentor
from stories.programmes.cast import MENTEE, MENTOR, Seat
from tests.kit.pictures import jpeg
from tests.kit.waiting import until
from tests.stories.guests import Guest
from tests.stories.programmes import Programme
from tests.stories.running import Running

TOPIC = "podcast"
MINE = {
    "name": "Verrerie Quillonmer", "domains": ["quillonmer.example"], "sector": "services", "size": "large",
    "contact": {"name": "Odile Quillonmer", "email": "odile@quillonmer.example"},
}  # fmt: skip
OTHERS = {
    "name": "Filature Brestonval", "domains": ["brestonval.example"], "sector": "services", "size": "small",
    "contact": {"name": "Jean Brestonval", "email": "jean@brestonval.example"},
}  # fmt: skip
SOLUTION = "Je propose un atelier d'écoute, puis trois épisodes faits ensemble, et une fiche pour continuer. " * 4


@dataclass
class World:
    """Callers by kind, and the ids of what the owner has: `ids` fill paths, queries and bodies by their names."""

    callers: dict[str, Person] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Closes the connections."""
        for person in self.callers.values():
            person.http.close()


def build(system: Running, mails: Path, operator: Person) -> World:
    """Plays an awarded project and a published programme. Suspended and erased callers keep their old tokens."""
    world = World()
    quotes = _market(world, system, operator)
    _programme(world, system, mails)  # while the market's window is open
    _challenge(world, system, mails)
    _choose(world, quotes)
    return world


def _market(world: World, system: Running, operator: Person) -> Mapping[str, Any]:
    """A project with quotes of two mentors; returns these by the mentors' names."""
    owner = client(system.url, MINE, "Odile")
    colleague = Person(system.url, "client", "Paul").join()
    token = expect(owner.post("/api/organisations/me/invitations", {"role": "member"}), 201)["token"]
    expect(colleague.post(f"/api/organisations/invitations/{token}"), 200)
    mentors = {name: mentor(system.url, name, [TOPIC]) for name in ("chosen", "losing", "invited")}
    uninvited = mentor(system.url, "uninvited", ["photography"], paused=True)
    suspended, erased = client(system.url, OTHERS, "Simon"), client(system.url, OTHERS, "Emma")
    _end(operator, suspended, erased)
    body = {"title": "Un podcast", **about([TOPIC]), "languages": ["fr"], "window": "PT15S"}
    project_id = str(expect(owner.post("/api/projects", body), 201)["id"])
    world.ids |= {"project_id": project_id}
    world.ids |= {"invitation_id": mentors["invited"].invitation(project_id)["id"]}
    asked = mentors["invited"].ask(project_id, "Combien d'épisodes ?")
    world.ids |= {"question_id": expect(asked, 201)["id"]}
    report = expect(mentors["invited"].post(f"/api/projects/{project_id}/reports", {"reason": "Un essai."}), 202)
    world.ids |= {"report_id": report["id"]}
    quotes = {name: expect(mentors[name].quote(project_id, 900, SOLUTION), 201) for name in ("chosen", "losing")}
    world.ids |= {"quote_id": quotes["chosen"]["id"]}
    world.ids |= {"account_id": suspended.id, "token": secrets.token_urlsafe(32), "name": "pairs"}
    world.ids |= {"letter_id": "0:999999"}  # nothing here goes wrong, so no service has a dead letter
    world.callers |= {"owner": owner, "colleague": colleague, "other": client(system.url, OTHERS, "Jean")}
    world.callers |= {**mentors, "uninvited": uninvited, "operator": operator}
    world.callers |= {"suspended": suspended, "erased": erased}
    return quotes


def _choose(world: World, quotes: Mapping[str, Any]) -> None:
    """The window ends, and the owner chooses."""
    owner, mentors, project_id = world.callers["owner"], world.callers, world.ids["project_id"]
    world.ids |= {"notification_id": owner.notification("window-ended", project_id)["id"]}
    owner.until(f"/api/projects/{project_id}", lambda project: project["state"] == "choosing")
    expect(owner.post(f"/api/projects/{project_id}/acceptance", {"quote_id": quotes["chosen"]["id"]}), 200)
    mentors["chosen"].until(f"/api/projects/{project_id}/client", lambda found: found)
    mentors["chosen"].until(f"/api/projects/{project_id}/order", lambda found: found)
    mentors["losing"].notification("not-chosen", project_id)


def _end(operator: Person, suspended: Person, erased: Person) -> None:
    """Suspends one account and erases another, and waits until no service takes their tokens any more."""
    expect(operator.post(f"/api/operations/accounts/{suspended.id}/suspension", {"reason": "Un essai."}), 200)
    expect(erased.post("/api/accounts/me/erasure", {"password": PASSWORD}), 202)
    for person in (suspended, erased):
        for path in ("/api/accounts/me", "/api/projects", "/api/skills", "/api/notifications", "/api/programmes"):
            until(lambda: person.get(path).status_code, PATIENCE_S, lambda status: status == 401)  # noqa: B023
        until(lambda: person.get("/api/quotes/export").status_code, PATIENCE_S, lambda status: status == 401)  # noqa: B023


def _programme(world: World, system: Running, mails: Path) -> None:
    run = secrets.token_hex(4)
    domain = f"callers-{run}.example.org"
    seats = [
        Seat("m1", "Anna Quillotreau", MENTOR, "Quillonmer", domain, offers=(TOPIC,)),
        Seat("m2", "Bruno Vastelmont", MENTOR, "Quillonmer", domain, offers=("photography",)),
        Seat("e1", "Carla Hennequart", MENTEE, "Quillonmer", domain, wants=(TOPIC,)),
        Seat("e2", "Denis Ormechaux", MENTEE, "Quillonmer", domain, wants=("photography",)),
    ]
    body: dict[str, Any] = {
        "name": "Deux par deux", "kind": "pairing", "organisations": ["Quillonmer"], "host": "Quillonmer",
        "language": "fr", "purpose": "Apprendre le son entre collègues.",
    }  # fmt: skip
    owner = world.callers["owner"]
    contact = {"name": "Odile", "email": "odile@example.org"}
    programme_id = str(expect(owner.post("/api/programmes", body | {"contact": contact}), 201)["id"])
    path = f"/api/programmes/{programme_id}"
    expect(owner.post(f"{path}/participants", [seat.as_json() for seat in seats]), 200)
    link = expect(owner.post(f"{path}/links", {"side": "mentee", "organisation": "Quillonmer"}), 201)
    guests = {seat.ref: Guest(system.url, seat, mails) for seat in seats}
    for guest in guests.values():
        guest.enter(guest.letter("Deux par deux"))
        guest.agree()
    answer = until(lambda: owner.post(f"{path}/proposal"), PATIENCE_S, lambda found: found.status_code == 200)
    pairs = answer.json()["pairs"]
    pair = next(one for one in pairs if one["mentor"] == "m1")
    fellow = next(one for one in pairs if one["mentor"] == "m2")
    expect(owner.post(f"{path}/publication"), 200)
    ids: Mapping[str, str] = {"mentor_ref": "m1", "mentee_ref": pair["mentee"], "ref": pair["mentee"]}
    place = f"{path}/pairs/m1/{pair['mentee']}"
    for ref in ("m1", pair["mentee"]):
        expect(guests[ref].post(f"{place}/answer", {"accepted": True}), 200)
    session = {"starts_at": in_days(30) + "T13:00:00Z", "minutes": 60, "timezone": "Europe/Paris"}
    planned = expect(guests["m1"].post(f"{place}/sessions", session), 201)
    elsewhere = Programme(system, mails, [Seat("x1", "Xavier Lamorlette", MENTEE, "Z", f"x-{domain}")], **body)
    expect(elsewhere.owner.post(f"{elsewhere.path}/participants", [elsewhere.seats[0].as_json()]), 200)
    outsider = elsewhere.guests["x1"]
    outsider.enter(outsider.letter("Deux par deux"))
    elsewhere.owner.http.close()
    world.ids |= {**ids, "programme_id": programme_id, "link_id": link["id"], "session_id": planned["id"]}
    world.ids |= {"moment": "start"}
    world.callers |= {
        "participant": guests["m1"], "fellow": guests[fellow["mentee"]], "stranger": outsider,
    }  # fmt: skip


def _challenge(world: World, system: Running, mails: Path) -> None:
    """The owner's programme of a challenge, with one team, a contribution and an invited organiser.

    Its people have the refs of the other programme, whose passes open nothing here.
    """
    domain, owner = f"challenge-{secrets.token_hex(4)}.example.org", world.callers["owner"]
    sides = {"m1": MENTOR, "m2": MENTOR, "e1": MENTEE, "e2": MENTEE}
    seats = [Seat(ref, f"Iris {ref}", side, "Quillonmer", domain) for ref, side in sides.items()]
    body = {"name": "À quatre", "kind": "challenge", "host": "Quillonmer", "purpose": "Un essai.", "language": "fr"}
    contact = {"name": "Odile", "email": "odile@example.org"}
    made = expect(owner.post("/api/programmes", body | {"organisations": ["Quillonmer"], "contact": contact}), 201)
    path = f"/api/programmes/{made['id']}"
    challenge = expect(owner.post(f"{path}/challenges", {"goal": "tools", "team_size": 4}), 201)
    invited = {"organisation": "Quillonmer", "email": f"organise@{domain}"}
    organiser = expect(owner.post(f"{path}/organisers", invited), 201)
    expect(owner.post(f"{path}/participants", [seat.as_json() for seat in seats]), 200)
    until(lambda: owner.post(f"{path}/proposal"), PATIENCE_S, lambda found: found.status_code == 200)
    expect(owner.post(f"{path}/publication"), 200)
    (team,) = expect(owner.get(f"{path}/teams"), 200)["items"]
    guest = Guest(system.url, seats[0], mails)
    guest.enter(guest.letter("À quatre"))
    picture = {"kind": "picture", "picture": base64.b64encode(jpeg()).decode()}
    contribution = expect(guest.post(f"{path}/challenges/{challenge['id']}/contributions", picture), 201)
    guest.http.close()
    world.ids |= {
        "programme_of_challenge": made["id"], "challenge_id": challenge["id"], "team_id": team["id"],
        "contribution_id": contribution["id"], "organiser_id": organiser["id"],
    }  # fmt: skip
