"""A hundred mentors quote for one project concurrently: exactly five are accepted."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from stories.nestle_waters import ORGANISATION, SOLUTION, expect
from stories.people import about, client, mentor, offer, pause
from stories.timeline import Watcher
from tests.stories.running import Running

MENTORS = 100
TOPICS = ["data-literacy", "artificial-intelligence"]


def test_exactly_five_of_a_hundred_concurrent_quotes_are_accepted(system: Running, watcher: Watcher) -> None:
    with ThreadPoolExecutor(16) as pool:
        mentors = list(pool.map(lambda n: mentor(system.url, f"Mentor {n}", TOPICS), range(MENTORS)))
    company = client(system.url, ORGANISATION)
    brief = {"title": "Comprendre la donnée", **about(TOPICS), "languages": ["fr"], "window": "PT5M"}
    project_id = expect(company.post("/api/projects", brief), 201)["id"]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda person: person.invitation(project_id), mentors))
        list(pool.map(lambda p: p.until(f"/api/rounds/{project_id}", lambda round: round["slot_free"]), mentors))
    start = threading.Barrier(MENTORS)
    answers: list[int] = [0] * MENTORS
    kinds: list[str] = [""] * MENTORS

    def rush(number: int) -> None:
        person = mentors[number]
        start.wait()
        answer = person.post("/api/quotes", offer(project_id, 3000 + number, SOLUTION))
        answers[number] = answer.status_code
        kinds[number] = answer.json().get("type", "")

    threads = [threading.Thread(target=rush, args=(number,)) for number in range(MENTORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answers) == {201: 5, 409: 95}
    assert {kind for kind in kinds if kind} <= {"urn:releve:problem:window-ended", "urn:releve:problem:round-full"}

    winners = {mentors[number].id for number in range(MENTORS) if answers[number] == 201}
    assert watcher.wait_for(project_id, ["quote.submitted"] * 5 + ["window.closed"])
    events = watcher.of(project_id)
    submitted = [event.payload for event in events if event.name == "quote.submitted"]
    [closed] = [event.payload for event in events if event.name == "window.closed"]
    assert {payload["account"] for payload in submitted} == winners
    assert sorted(payload["received"] for payload in submitted) == [1, 2, 3, 4, 5]
    assert {quote["account"] for quote in closed["quotes"]} == winners
    sequences = [event.sequence for event in events if event.source.endswith(":quotes")]
    assert sequences == sorted(set(sequences))

    company.until(f"/api/projects/{project_id}", lambda project: project["state"] == "choosing")
    listed = expect(company.get(f"/api/quotes?project_id={project_id}"), 200)["items"]
    assert {quote["id"] for quote in listed} == {quote["quote_id"] for quote in closed["quotes"]}
    round = expect(company.get(f"/api/rounds/{project_id}"), 200)
    assert (round["received"], round["reason"]) == (5, "full")
    digests = [
        expect(p.get(f"/api/quotes?project_id={project_id}"), 200)["items"][0]["receipt"]["digest"]
        for p in mentors
        if p.id in winners
    ]
    assert sorted(digests) == round["digests"] == closed["digests"]
    pause(mentors)
