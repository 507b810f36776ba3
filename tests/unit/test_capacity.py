"""What a number of projects a day needs, computed from costs; the document's tables are current."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.parts import PARTS
from contracts.topics import TOPICS
from deploy.capacity import DAY_S, DOCUMENT, MEASURED, Assumed, Costs, busy, filled, limits, main, need, tables

EVEN = Assumed(peak=1.0, utilisation=1.0, years=1.0)
"""No peak and full cores, so that the figures can be added in the head."""
COSTS = Costs(
    measured="by hand.",
    seconds_a_project={"quotes-http": 0.5, "quotes-worker": 2.0, "mongo": 4.0, "kafka": 1.0, "envoy": 0.25},
    idle_cores={"quotes-worker": 0.25},
    messages_a_project={"releve.quotes.v1": 10.0},
    bytes_a_message={"releve.quotes.v1": 1_000.0},
    bytes_a_project={"quotes.rounds": 2_000.0, "quotes.outbox": 1_000.0},
    kept_days={"quotes.outbox": 90.0},
    requests_a_project=50.0,
    checks=[{"projects_a_day": DAY_S, "busy_cores": 8.1, "source": "somebody"}],
)


def test_cores_and_pods_follow_from_the_seconds_of_a_project() -> None:
    found = need(COSTS, DAY_S * 10, EVEN)
    assert found.requests_a_second == 500
    assert found.cores["quotes-http"] == 5
    assert found.cores["quotes-worker"] == 20.25, "and what it uses at rest"
    assert found.pods == {"quotes-http": 5, "quotes-worker": 21}, "engines are no pods of ours"
    assert found.mongo_cores == 80, "a primary with forty, and two secondaries with half of it each"
    assert need(COSTS, DAY_S * 10, replace(EVEN, peak=2.0)).cores["quotes-http"] == 10
    assert need(COSTS, DAY_S * 10, replace(EVEN, utilisation=0.5)).cores["quotes-http"] == 10


def test_two_pods_of_each_process_survive_a_node_except_in_the_smallest_system() -> None:
    assert set(need(COSTS, 10_000, EVEN).pods.values()) == {2}
    assert set(need(COSTS, 100, EVEN).pods.values()) == {1}


def test_partitions_are_a_multiple_of_todays_that_feeds_every_worker() -> None:
    today = max(topic.partitions for topic in TOPICS)
    assert need(COSTS, DAY_S, EVEN).partitions == today
    workers = need(COSTS, DAY_S * 10, EVEN).pods["quotes-worker"]
    assert need(COSTS, DAY_S * 10, EVEN).partitions == 2 * today >= workers > today


def test_documents_with_a_lifetime_stop_growing() -> None:
    found = need(COSTS, 1_000, EVEN)
    assert found.mongo_bytes == 1_000 * (2_000 * 365 + 1_000 * 90)
    grown = need(COSTS, 1_000, replace(EVEN, years=2.0)).mongo_bytes - found.mongo_bytes
    assert grown == 1_000 * 2_000 * 365


def test_a_set_is_divided_by_cores_or_by_size() -> None:
    assert need(COSTS, DAY_S, EVEN).mongo_sets == 1
    assert need(COSTS, DAY_S * 10, EVEN).mongo_sets == 3, "forty cores on members of sixteen"
    assert need(COSTS, DAY_S, replace(EVEN, set_bytes=20e9)).mongo_sets == 4, "71 GB in sets of 20"


def test_brokers_hold_copies_and_take_the_bytes() -> None:
    assert need(COSTS, DAY_S, EVEN).brokers == 3
    assert need(COSTS, DAY_S * 10, replace(EVEN, broker_bytes_s=60_000)).brokers == 8, "30 cores of four"
    assert need(COSTS, DAY_S * 10, replace(EVEN, broker_bytes_s=30_000)).brokers == 10, "300 KB a second"
    assert need(COSTS, 1_000, EVEN).kafka_bytes == 1_000 * 10 * 1_000 * 14, "kept for a fortnight"


def test_limits_come_in_the_order_in_which_they_are_reached() -> None:
    found = dict(limits(COSTS, EVEN))
    assert list(found.values()) == sorted(found.values())
    assert found["one process of quotes-worker"] == DAY_S / 2
    assert found["12 of quotes-worker: as many as its partitions"] == DAY_S * 6
    assert found["the relay of quotes"] == EVEN.relay_a_second / 10 * DAY_S
    assert found["16 cores of MongoDB's primary"] == 4 * DAY_S


def test_computed_cores_stand_beside_measured_ones() -> None:
    assert busy(COSTS, DAY_S) == 8.0
    assert "| 86 400 | 8.0 | 8.1 | somebody |" in tables(COSTS, [100])


def test_measured_costs_cover_every_process() -> None:
    found = Costs.read(MEASURED.read_text())
    ours = {name for part in PARTS for name in part.processes}
    assert found.seconds_a_project.keys() >= {*ours, "mongo", "kafka", "envoy"}
    assert found.messages_a_project.keys() == found.bytes_a_message.keys() <= {topic.name for topic in TOPICS}
    assert sum(found.seconds_a_project.values()) > 0


def test_document_agrees_with_the_measured_costs() -> None:
    text = DOCUMENT.read_text()
    wanted = filled(text, tables(Costs.read(MEASURED.read_text())))
    assert text == wanted, "run `python -m deploy.capacity --write`"
    with pytest.raises(ValueError, match="begin"):
        filled("no place", "")


def test_command_prints_the_asked_scale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "costs.json"
    file.write_text(json.dumps(COSTS.__dict__))
    assert main(["5000", "--costs", str(file)]) == 0
    assert "5 000 a day" in capsys.readouterr().out
