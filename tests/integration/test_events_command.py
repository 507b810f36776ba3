"""`make events` on the real broker: one line per event, with filters."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.broker import Broker
from chassis.events import Envelope, encode
from chassis.ids import new_id
from contracts.topics import TOPICS, dead_letters_of, topic_of
from deploy.kafka.provision import provision
from deploy.local import events
from deploy.local.events import Wanted, follow
from deploy.local.ports import free_port

SECRET = "what nobody reads over a shoulder"


def event(publisher: str, name: str, subject: str, **payload: Any) -> Envelope:
    return Envelope(new_id(), f"urn:releve:{publisher}", name, 1, subject, 7, datetime.now(UTC), payload)


@pytest.fixture
def broker(kafka: str) -> Broker:
    provision(kafka, TOPICS, 1)
    return Broker(kafka)


def publish(broker: Broker, made: Envelope, topic: str = "", *more: tuple[str, bytes]) -> None:
    producer = broker.producer()
    key, value, headers = encode(made)
    topic = topic or topic_of(events.publisher(made))
    producer.send(topic, key=key, value=value, headers=[*headers, *more]).get(timeout=20)
    producer.close(timeout=5)


def listening(broker: Broker, wanted: Wanted, from_start: bool = False) -> Iterator[str | None]:
    lines = follow(broker, wanted, from_start)
    assert next(lines) is None
    return lines


def first(lines: Iterator[str | None]) -> str:
    """The next line; a hundred polls of 0.2 s are the deadline."""
    for _ in range(100):
        if text := next(lines):
            return text
    raise AssertionError("no line came")


def test_each_event_is_one_line_without_its_text(broker: Broker) -> None:
    project = new_id()
    lines = listening(broker, Wanted(project=project))
    publish(broker, event("projects", "project.posted", project, title=SECRET, client="c1", reason=SECRET))
    line = first(lines)
    assert ["projects", "project.posted", project, "#7", "client=c1"] == line.split()[1:]
    assert SECRET not in line


def test_events_are_filtered_by_type_project_and_service(broker: Broker) -> None:
    mine, other = new_id(), new_id()
    wanted = [Wanted(type="quote"), Wanted(project=mine), Wanted(service="quotes"), Wanted("quote", mine, "quotes")]
    streams = [listening(broker, each) for each in wanted]
    for made in (
        event("matching", "mentors.invited", other),
        event("projects", "project.posted", mine),
        event("quotes", "window.closed", other),
        event("quotes", "quote.submitted", mine),
    ):
        publish(broker, made)
    firsts = [first(stream).split()[2:4] for stream in streams]
    submitted = ["quote.submitted", mine]
    assert firsts == [submitted, ["project.posted", mine], ["window.closed", other], submitted]


def test_dead_letter_is_shown_with_the_service_that_parked_it(broker: Broker) -> None:
    project = new_id()
    lines = listening(broker, Wanted(project=project))
    publish(broker, event("quotes", "window.closed", project), dead_letters_of("notify"), ("dlq_reason", b"x"))
    assert first(lines).endswith("✗ dead letter of notify")


def test_earlier_events_are_shown_on_request(broker: Broker) -> None:
    project = new_id()
    publish(broker, event("projects", "project.posted", project))
    assert project in first(listening(broker, Wanted(project=project), from_start=True))


def test_without_a_running_system_the_command_says_how_to_start_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert events.main([], {"RELEVE_DATA": str(tmp_path)}) == 1
    assert "start it with `make run`" in capsys.readouterr().err


def test_unreachable_broker_is_reported_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert events.main([], {"RELEVE_KAFKA": f"127.0.0.1:{free_port()}"}) == 1
    assert "does not answer" in capsys.readouterr().err
