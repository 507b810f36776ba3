"""Several members of one organisation share its projects while they are members."""

from chassis.mongo import connect
from stories.nestle_waters import ORGANISATION, SOLUTION, expect
from stories.people import Person, about, client, mentor, pause
from tests.stories.running import Running

TOPICS = ["employee-advocacy"]


def test_colleagues_share_projects_until_they_leave(system: Running) -> None:
    hélène = client(system.url, ORGANISATION, "Hélène")
    paul = Person(system.url, "client", "Paul", "en").join()
    stranger = Person(system.url, "client", "Eve").join()
    people = [mentor(system.url, f"Ada {n}", TOPICS) for n in range(2)]
    body = {"title": "Porter la voix", **about(TOPICS), "languages": ["fr"], "window": "PT12S"}
    project_id = expect(hélène.post("/api/projects", body), 201)["id"]
    expect(paul.get("/api/organisations/me"), 404)

    asked = "/api/organisations/me/invitations", {"role": "member"}
    token = expect(hélène.post(*asked, **{"Idempotency-Key": "paul"}), 201)["token"]
    assert expect(hélène.post(*asked, **{"Idempotency-Key": "paul"}), 201)["token"] == token
    assert expect(paul.post(f"/api/organisations/invitations/{token}"), 200)["name"] == ORGANISATION["name"]
    expect(stranger.post(f"/api/organisations/invitations/{token}"), 404)
    expect(paul.post(f"/api/organisations/invitations/{token}"), 404)
    another = expect(hélène.post("/api/organisations/me/invitations", {"role": "member"}), 201)["token"]
    expect(paul.post(f"/api/organisations/invitations/{another}"), 409)
    stored = connect(system.mongo_uri, "releve_projects", app="test")
    kept = str([list(stored[name].find()) for name in ("organisations", "idempotency")])
    stored.client.close()
    for secret in (token, another):
        assert secret not in kept

    paul.until(f"/api/projects/{project_id}", lambda project: project["state"] == "collecting")
    paul.until(f"/api/rounds/{project_id}", lambda round: "received" in round)
    expect(paul.post("/api/organisations/me/invitations", {"role": "owner"}), 403)
    expect(paul.call("PUT", "/api/organisations/me", ORGANISATION), 403)
    mine = expect(paul.post("/api/projects", body | {"window": "PT1H"}), 201)["id"]
    expect(hélène.get(f"/api/projects/{mine}"), 200)

    quotes = [expect(person.quote(project_id, 2000, SOLUTION), 201)["id"] for person in people]
    for person in (hélène, paul):
        person.notification("window-ended", project_id)
    paul.until(f"/api/projects/{project_id}", lambda project: project["state"] == "choosing")
    listed = expect(paul.get(f"/api/quotes?project_id={project_id}"), 200)["items"]
    assert {quote["id"] for quote in listed} == set(quotes)
    paul.until(f"/api/mentors?project_id={project_id}", lambda page: len(page["items"]) == 2)
    expect(paul.post(f"/api/projects/{project_id}/acceptance", {"quote_id": quotes[0]}), 200)
    expect(people[0].get(f"/api/projects/{project_id}/client"), 200)

    expect(hélène.call("DELETE", f"/api/organisations/me/members/{hélène.id}"), 409)
    assert paul.id in [m["id"] for m in expect(hélène.get("/api/organisations/me/members"), 200)["items"]]
    assert hélène.call("DELETE", f"/api/organisations/me/members/{paul.id}").status_code == 204
    hélène.until(f"/api/projects/{mine}", lambda project: project)
    for path in (f"/api/projects/{project_id}", f"/api/rounds/{project_id}", f"/api/quotes?project_id={project_id}"):
        gone(paul, path)
    for secret in (token, another):
        assert not [path.name for path in system.logs.glob("*.log") if secret in path.read_text(errors="replace")]
    pause(people)


def gone(person: Person, path: str) -> None:
    """Waits until the person has lost access to the path."""
    seen = -1

    def status(_: object) -> bool:
        nonlocal seen
        seen = person.get(path).status_code
        return seen == 404

    person.until("/api/accounts/me", status)
    assert seen == 404


def test_open_invitations_are_listed_and_taken_back(system: Running) -> None:
    hélène = client(system.url, ORGANISATION, "Hélène")
    paul, late = (Person(system.url, "client", name).join() for name in ("Paul", "Zoé"))
    path = "/api/organisations/me/invitations"
    expect(late.get(path), 404)
    used, lost = (expect(hélène.post(path, {"role": role}), 201)["token"] for role in ("member", "owner"))
    listed = hélène.get(path)
    assert [one["role"] for one in expect(listed, 200)["items"]] == ["member", "owner"]
    assert not [token for token in (used, lost) if token in listed.text]
    expect(paul.post(f"/api/organisations/invitations/{used}"), 200)
    [left] = expect(paul.get(path), 200)["items"]
    assert left["role"] == "owner", "an accepted one is open no more, and a member sees the others"
    expect(paul.call("DELETE", f"{path}/{left['id']}"), 403)
    expect(late.call("DELETE", f"{path}/{left['id']}"), 404)
    assert hélène.call("DELETE", f"{path}/{left['id']}").status_code == 204
    expect(hélène.call("DELETE", f"{path}/{left['id']}"), 404)
    assert expect(hélène.get(path), 200)["items"] == []
    expect(late.post(f"/api/organisations/invitations/{lost}"), 404)
