"""The other ends of a project: refused, cancelled, unfilled and relaunched. Every mentor gets an answer."""

from stories.nestle_waters import ORGANISATION, SOLUTION, expect
from stories.people import Person, about, client, mentor, pause
from tests.stories.running import Running

TOPICS = ["video"]


def post(company: Person, window: str) -> str:
    body = {"title": "Filmer nos métiers", **about(TOPICS), "languages": ["fr"], "window": window}
    project_id: str = expect(company.post("/api/projects", body), 201)["id"]
    return project_id


def test_refusal_notifies_every_mentor_and_settles_their_quotes(system: Running) -> None:
    company, people = client(system.url, ORGANISATION), [mentor(system.url, f"Eva {n}", TOPICS) for n in range(2)]
    project_id = post(company, "PT12S")
    for person in people:
        expect(person.quote(project_id, 1100, SOLUTION), 201)
    refusal = f"/api/projects/{project_id}/refusal"
    assert expect(company.post(refusal, {"reason": "Trop tôt."}), 409)["type"].endswith(":window-open")
    company.until(f"/api/projects/{project_id}", lambda project: project["state"] == "choosing")
    leaky = expect(company.post(refusal, {"reason": "Nestlé Waters préfère attendre."}), 422)
    assert leaky["leaks"][0]["kind"] == "name"
    assert expect(company.post(refusal, {"reason": "Budget reporté."}), 200)["state"] == "refused"
    for person in people:
        told = person.notification("project-refused", project_id)
        assert "Budget reporté." in told["body"]
        settled = person.until(f"/api/quotes?project_id={project_id}", lambda page: page["items"][0].get("outcome"))
        assert settled == "refused"
        expect(person.get(f"/api/projects/{project_id}/client"), 404)
    assert expect(company.post(refusal, {"reason": "Encore."}), 409)["type"].endswith(":already-ended")
    assert expect(company.post(f"/api/projects/{project_id}/relaunch"), 409)["type"].endswith(":not-relaunchable")
    pause(people)


def test_cancellation_deletes_sealed_quotes_and_notifies_every_mentor(system: Running) -> None:
    company, person = client(system.url, ORGANISATION), mentor(system.url, "Zia", TOPICS)
    project_id = post(company, "PT5M")
    quote_id = expect(person.quote(project_id, 900, SOLUTION), 201)["id"]
    expect(company.post(f"/api/projects/{project_id}/cancellation", {"reason": "Projet reporté."}), 200)
    assert "Projet reporté." in person.notification("project-cancelled", project_id)["body"]
    path = f"/api/quotes?project_id={project_id}"
    destroyed = person.until(path, lambda page: next((q for q in page["items"] if "outcome" in q), None))
    assert destroyed["outcome"] == "destroyed"
    assert "proposal" not in destroyed
    for answer in (
        person.call("PATCH", f"/api/quotes/{quote_id}", {"days": 2}),
        person.call("DELETE", f"/api/quotes/{quote_id}"),
    ):
        assert expect(answer, 409)["type"].endswith(":window-ended")
    assert expect(company.get(path), 200)["items"] == []
    assert expect(company.get(f"/api/rounds/{project_id}"), 200)["reason"] == "cancelled"
    pause([person])


def test_project_without_quotes_is_unfilled_and_can_be_relaunched(system: Running) -> None:
    company = client(system.url, ORGANISATION)
    project_id = post(company, "PT2S")
    company.notification("project-unfilled", project_id)
    company.until(f"/api/projects/{project_id}", lambda project: project["state"] == "unfilled")
    again = expect(company.post(f"/api/projects/{project_id}/relaunch"), 201)
    assert again["relaunched_from"] == project_id
    assert again["state"] == "collecting"
    assert again["brief"] == about(TOPICS)["brief"]
    company.until(f"/api/rounds/{again['id']}", lambda round: round["state"] == "open")
    expect(company.post(f"/api/projects/{again['id']}/cancellation", {"reason": "Ce n'était qu'un essai."}), 200)
