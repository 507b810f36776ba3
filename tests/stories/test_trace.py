"""One trace from a request to its last consumer, read from the log lines as an operator would."""

import json
import secrets
import string
from collections.abc import Callable
from typing import Any

import pytest

from contracts.story import BRIEF
from stories.nestle_waters import ORGANISATION, expect
from stories.people import Person, about, client, mentor, pause
from tests.kit.waiting import until
from tests.stories.running import Running

TOPICS = ["personal-branding", "blogging"]
POSTING = {
    ("projects-http", "request", "/api/projects"),
    ("projects-worker", "event_published", "project.posted"),
    ("quotes-worker", "event_handled", "project.posted"),
    ("matching-worker", "event_handled", "project.posted"),
    ("notify-worker", "event_handled", "project.posted"),
    ("matching-worker", "event_published", "mentors.invited"),
    ("quotes-worker", "event_handled", "mentors.invited"),
    ("notify-worker", "event_handled", "mentors.invited"),
}
END = {
    ("quotes-worker", "event_published", "window.closed"),
    ("projects-worker", "event_handled", "window.closed"),
    ("matching-worker", "event_handled", "window.closed"),
    ("notify-worker", "event_handled", "window.closed"),
}


def lines_with(system: Running, text: str) -> list[dict[str, Any]]:
    """The log lines of every service that hold `text`, each with its process's name."""
    found = []
    for path in system.logs.glob("*-*.log"):
        for line in path.read_text(errors="replace").splitlines():
            if text in line and line.endswith("}"):  # the last line may be incomplete
                found.append(json.loads(line) | {"process": path.stem})
    return found


def steps_of(system: Running, trace_id: str) -> set[tuple[str, str, str]]:
    """The steps of a trace: process, log event, and the route or the type of the event."""
    lines = [line for line in lines_with(system, trace_id) if line.get("trace_id") == trace_id]
    return {(line["process"], line["event"], line.get("event_type") or line.get("route", "")) for line in lines}


def holds(expected: set[tuple[str, str, str]], system: Running, trace_id: str) -> Callable[[], bool]:
    """A check whether the trace holds all of `expected`."""
    return lambda: expected <= steps_of(system, trace_id)


def post(company: Person, window: str, **changes: str) -> Any:
    body = {"title": "Prendre la parole", **about(TOPICS), "languages": ["fr"], "window": window}
    answer = company.post("/api/projects", body | changes)
    expect(answer, 201)
    return answer


def test_one_trace_links_the_post_to_the_notification(system: Running) -> None:
    marker = "".join(secrets.choice(string.ascii_lowercase) for _ in range(16))
    person = mentor(system.url, "Ayla", TOPICS)
    company = client(system.url, ORGANISATION)
    answer = post(
        company, "PT5M", title=f"Prendre la parole, {marker}", brief=f"{BRIEF} Mot convenu : {marker}."
    )  # fmt: skip
    trace_id = answer.headers["x-trace-id"]
    project_id = answer.json()["id"]
    assert marker in person.notification("invited", project_id)["title"]
    until(holds(POSTING, system, trace_id))

    about = [line for line in lines_with(system, project_id) if line.get("event_type") == "project.posted"]
    assert {line["trace_id"] for line in about} == {trace_id}
    steps = {step for _, step, _ in POSTING}  # the first post of a process also tells that it has read its master key
    spans = [line["span_id"] for line in lines_with(system, trace_id) if line["event"] in steps]
    assert len(set(spans)) == len(spans), "each step has its own span"
    logs = "".join(path.read_text(errors="replace") for path in system.logs.iterdir())
    for secret in (marker, BRIEF[:30], company.email, person.email, str(ORGANISATION["name"])):
        assert secret not in logs
    pause([person])


def test_end_of_a_window_starts_its_own_trace(system: Running) -> None:
    company = client(system.url, ORGANISATION)
    answer = post(company, "PT2S")
    project_id = answer.json()["id"]
    company.notification("project-unfilled", project_id)

    def publications() -> list[dict[str, Any]]:
        wanted = ("event_published", "window.closed")
        return [line for line in lines_with(system, project_id) if (line["event"], line.get("event_type")) == wanted]

    until(publications)
    [published] = publications()
    assert published["trace_id"] != answer.headers["x-trace-id"]
    until(holds(END, system, published["trace_id"]))


@pytest.mark.parametrize("given", ["", "00-nonsense-00", f"00-{'ab' * 16}-{'cd' * 8}-01"])
def test_every_request_gets_a_trace_of_its_own(system: Running, given: str) -> None:
    company = client(system.url, ORGANISATION)
    headers = {"traceparent": given} if given else {}
    traces = [company.call("GET", "/api/projects", **headers).headers["x-trace-id"] for _ in range(2)]
    assert len(set(traces)) == 2
    for trace_id in traces:
        assert len(trace_id) == 32
        assert trace_id not in given
        assert int(trace_id, 16) > 0
        until(holds({("projects-http", "request", "/api/projects")}, system, trace_id))
