"""Monitoring end to end: a system of processes, Prometheus with our configuration and rules, a trace collector."""

import json
import re
import secrets
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from kafka import KafkaProducer
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from chassis import gauges
from chassis.broker import Broker
from chassis.mongo import Documents, database_now
from chassis.unit import UnitOfWork
from contracts.events import CONTRACT
from contracts.parts import PARTS
from deploy.dlq import DeadLetterBox
from deploy.local.ports import free_port
from deploy.local.process import Process
from deploy.local.system import System
from deploy.monitoring.panels import MARKETPLACE, OPERATORS
from services.quotes.metrics import HELPS, count_rounds
from services.quotes.store import BEYOND_FIVE, INDEXES
from stories import nestle_waters
from stories.nestle_waters import BRIEF, ORGANISATION, Cast, expect, perform
from stories.people import Person, about
from stories.timeline import Timeline, Watcher
from tests.kit.collector import Collector, Span
from tests.kit.prometheus import MONITORING, Prometheus, program
from tests.kit.waiting import until

needs_promtool = pytest.mark.skipif(not program("promtool"), reason="promtool is not here (Debian: prometheus)")
RULES_TEST = Path(__file__).with_name("rules_test.yaml")
METRIC = re.compile(r"\b(?:releve|envoy|process)_[a-z_]+|\bup\b")
LABELS = ("envoy_response_code_class", "envoy_http_conn_manager_prefix")
QUIET = {"Errors by route", "Second thoughts an hour", "Questions an hour"}
"""Panels of events absent from the story; other tests check that their metrics exist."""
AN_ID = re.compile(r"(^|[/:])[A-Za-z0-9_-]{22}($|[/:])|[0-9a-f]{16}|@")
"""An id drawn by `chassis.ids.new_id`, a trace id or an e-mail."""


@dataclass
class Watched:
    """A system that has played a story, with Prometheus and a collector watching it."""

    system: System
    collector: Collector
    prometheus: Prometheus
    pages: dict[str, str]
    """Addresses of each process's metrics."""
    cast: Cast
    company: Person

    def page(self, name: str) -> str:
        """The current metrics page of one process."""
        with urllib.request.urlopen(self.pages[name], timeout=10) as answer:
            return str(answer.read().decode())

    def post(self, window: str, **more: Any) -> str:
        """Posts another project of the client; returns its id."""
        return str(expect(self.posted(window, **more), 201)["id"])

    def posted(self, window: str, **more: Any) -> Any:
        """The answer to the post of another project."""
        body = {"title": "Prendre la parole", **about(["crm"]), "languages": ["fr"]}
        return self.company.post("/api/projects", body | {"window": window} | more)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A system with its own engines, because the tests stop some of it."""
    if not program("prometheus"):
        pytest.skip("prometheus is not here (Debian: prometheus)")
    token, folder = secrets.token_hex(8), tmp_path_factory.mktemp("watched")
    with Collector(token) as collector:
        settings = {
            "RELEVE_OTLP_ENDPOINT": collector.url,
            "RELEVE_OTLP_HEADERS": f"x-token={token}",
            "RELEVE_HASH_TIME_COST": "1",
            "RELEVE_HASH_MEMORY_KIB": "64",
        }
        with System(folder / "system", settings=settings) as system:
            yield from _watch(system, collector, folder)


def _watch(system: System, collector: Collector, folder: Path) -> Iterator[Watched]:
    port = free_port()
    environment = {
        "RELEVE_KAFKA": system.kafka,
        "RELEVE_MONGO_URI": system.mongo_uri,
        "RELEVE_HTTP_PORT": str(port),
        "PATH": "/usr/bin",
    }
    command = [sys.executable, "-m", "deploy.monitoring.exporter"]
    exporter = Process("exporter", command, folder / "exporter.log", env=environment, cwd=system.root)
    exporter.start()
    processes = {name: system.port_of(name) for name in system.shape.processes}
    targets: dict[str, list[tuple[str, dict[str, str]]]] = {
        "releve": [
            (f"127.0.0.1:{at}", dict(zip(("service", "side"), name.split("-"), strict=True)))
            for name, at in processes.items()
        ],
        "exporter": [(f"127.0.0.1:{port}", {})],
        "gateway": [(f"127.0.0.1:{system.port_of('envoy-admin')}", {})],
    }
    pages = {name: f"http://127.0.0.1:{at}/metrics" for name, at in processes.items()}
    pages["exporter"] = f"http://127.0.0.1:{port}/metrics"
    try:
        with Prometheus(folder / "prometheus", targets) as prometheus, closing(Watcher(system.kafka)) as watcher:
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(nestle_waters, "WINDOW", "PT20S")  # long enough for five quotes on a busy machine
                cast = perform(system.url, Timeline(watcher, print))
            yield Watched(system, collector, prometheus, pages, cast, cast.client)
    finally:
        exporter.stop()


OVER_TLS = {"releve_certificate_ends_timestamp_seconds", "envoy_server_days_until_first_cert_expiring"}
"""Metrics of certificates, which processes without one lack: test_tls_inside.py looks at them."""


def alerts() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load((MONITORING / "rules.yaml").read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def expressions() -> list[str]:
    panels = [panel for rows in (OPERATORS, MARKETPLACE) for _, row in rows for panel in row]
    return [query for panel in panels for query, _ in panel.queries] + [rule["expr"] for rule in alerts().values()]


@needs_promtool
@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "prometheus.yaml"), ("check", "rules", "rules.yaml"), ("test", "rules", str(RULES_TEST))],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_promtool_accepts_configuration_rules_and_their_tests(arguments: tuple[str, ...]) -> None:
    command = [program("promtool") or "", *arguments]
    done = subprocess.run(command, cwd=MONITORING, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_is_tested_and_has_its_line_in_the_runbook(root: Path) -> None:
    tests = yaml.safe_load(RULES_TEST.read_text())["tests"]
    fired = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case["exp_alerts"]}
    quiet = {case["alertname"] for test in tests for case in test["alert_rule_test"] if not case["exp_alerts"]}
    assert fired == quiet == set(alerts())
    documented = re.findall(r"^### (\w+)\n\n(.+)", (root / "docs" / "monitoring.md").read_text(), re.MULTILINE)
    assert {name for name, _ in documented} == set(alerts())
    for name, rule in alerts().items():
        assert rule["annotations"]["runbook"] == f"docs/monitoring.md#{name.lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_prometheus_names_every_process_of_the_containers_as_we_do(root: Path) -> None:
    config = yaml.safe_load((MONITORING / "prometheus.yaml").read_text())
    jobs = [job for job in config["scrape_configs"] if "dns_sd_configs" in job]
    labels = [{rule["target_label"]: rule["replacement"] for rule in job["relabel_configs"]} for job in jobs]
    assert {label["job"] for label in labels} == {"releve"}
    expected = {(part.name, side) for part in PARTS for side in part.sides}
    assert {(label["service"], label["side"]) for label in labels} == expected
    names = {name for job in jobs for name in job["dns_sd_configs"][0]["names"]}
    assert names == {f"{label['service']}-{label['side']}" for label in labels}
    services = yaml.safe_load((root / "deploy" / "compose.yaml").read_text())["services"]
    assert names <= set(services)


def test_rounds_are_counted_by_the_databases_clock(database: Documents) -> None:
    rounds, now = database["rounds"], database_now(database)
    for index in INDEXES["rounds"]:
        rounds.create_indexes([index])

    def slot(quote: str | None = None, left: timedelta | None = None) -> dict[str, Any]:
        return {"account": "a", "quote_id": quote, "expires_at": now + left if left else None}

    def row(left: timedelta, slots: list[dict[str, Any]], reason: str | None = None) -> dict[str, Any]:
        ends = now + left
        return {"closes_at": ends, "accepts_until": ends, "window": 4_000, "slots": slots, "reason": reason}

    hour, work = timedelta(hours=1), UnitOfWork(database, "quotes", CONTRACT)
    assert not any(count_rounds(work).values())
    rounds.insert_many([
        row(hour, [slot("q"), slot(left=hour), slot(left=-hour)]),
        row(hour / 6, [slot("q")] * 4),
        row(hour / 6, [slot("q")] * 5),
        row(-hour, []),
        row(hour, [slot("q")] * 5, "full"),
    ])  # fmt: skip
    found = count_rounds(work)
    assert found.keys() == HELPS.keys()
    assert found["releve_windows_open"] == 4
    assert found["releve_slots_filled"] == 10
    assert found["releve_slots_claimed"] == 1
    assert found["releve_rounds_at_risk"] == 2, "the one with four quotes, and the one that is overdue with none"
    assert 3_600 <= found["releve_window_overdue_seconds"] < 3_700
    assert found["releve_rounds_beyond_five"] == 0
    rounds.insert_one(row(hour, [slot("q")] * 6, "full"))
    assert count_rounds(work)["releve_rounds_beyond_five"] == 1
    plan = json.dumps(rounds.find(BEYOND_FIVE).explain()["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan, "it must cost nothing among millions"


def test_one_worker_counts_and_another_takes_over(database: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "EVERY_S", 0.05)
    seen: list[str] = []
    stops = {name: threading.Event() for name in ("first", "second")}

    def count_as(name: str) -> Callable[[UnitOfWork], dict[str, float]]:
        def count(_work: UnitOfWork) -> dict[str, float]:
            seen.append(name)
            return {"lamps_lit": float(len(name))}

        return count

    work = UnitOfWork(database, "lamps", CONTRACT)
    jobs = [gauges.counting({"lamps_lit": "Lamps that are lit"}, count_as(name)) for name in stops]
    threads = [
        threading.Thread(target=job, args=(work, None, stop)) for job, stop in zip(jobs, stops.values(), strict=True)
    ]
    try:
        threads[0].start()
        until(lambda: REGISTRY.get_sample_value("lamps_lit") == 5)
        threads[1].start()
        until(lambda: seen.count("first") > 3)
        assert "second" not in seen
        stops["first"].set()
        until(lambda: REGISTRY.get_sample_value("lamps_lit") == 6)
        stops["second"].set()
        until(lambda: REGISTRY.get_sample_value("lamps_lit") is None)
    finally:
        for stop in stops.values():
            stop.set()
        for thread in threads:
            if thread.ident:
                thread.join(30)


def test_metrics_of_rules_are_exported_and_no_panel_is_empty(watched: Watched) -> None:
    watched.post("PT1H")
    prometheus = watched.prometheus
    until(lambda: prometheus.value("max(releve_windows_open)"))
    until(lambda: prometheus.value("sum(releve_consumer_lag_events)") == 0)
    asked = {name for expression in expressions() for name in METRIC.findall(expression)} - set(LABELS) - OVER_TLS
    missing: list[str] = []

    def all_told() -> bool:
        missing[:] = sorted(asked - prometheus.names())
        return not missing

    until(all_told)
    for expression in expressions():
        prometheus.ask(expression)
    for _, row in (*OPERATORS, *MARKETPLACE):
        for panel in row:
            if panel.title not in QUIET:
                print("waits for", panel.title)
                until(lambda panel=panel: any(prometheus.ask(query) for query, _ in panel.queries))  # type: ignore[misc]
    filled = "sum(releve_time_to_five_quotes_seconds_count)"
    assert prometheus.value(filled) == 1
    assert prometheus.value('sum(releve_events_total{service="notify", event="project.awarded", outcome="applied"})')


def test_no_label_holds_the_id_of_a_person_or_a_project(watched: Watched) -> None:
    assert AN_ID.search(watched.cast.project_id)
    series = 0
    for name in watched.pages:
        families = list(text_string_to_metric_families(watched.page(name)))
        assert any(family.name.startswith("releve_") for family in families), name
        for sample in (sample for family in families for sample in family.samples):
            series += 1
            for label, value in sample.labels.items():
                assert not AN_ID.search(value), f"{name}: {sample.name} {label}={value}"
    sizes = {name: len(watched.page(name)) for name in watched.pages}
    cost = watched.prometheus.ask("releve_exporter_read_seconds_total / releve_exporter_reads_total")
    readings = {one["metric"]["source"]: float(one["value"][1]) for one in cost}
    print(f"{series} series; bytes a scrape: {sizes}; seconds a reading: {readings}")


def test_stopped_service_shows_its_lag_and_its_outbox(watched: Watched) -> None:
    prometheus, system = watched.prometheus, watched.system
    until(lambda: not {("ServiceDown", "quotes", "worker"), ("NobodyRelays", "projects")} & prometheus.firing())
    system.stop("quotes-worker")
    watched.post("PT5M")
    until(lambda: ("ServiceDown", "quotes", "worker") in prometheus.firing())
    until(lambda: prometheus.value('sum(releve_consumer_lag_events{group="quotes"})'))
    until(lambda: ("ServiceDown", "quotes", "http") not in prometheus.firing())
    system.stop("projects-worker")
    watched.post("PT5M")
    until(lambda: prometheus.value('releve_outbox_depth{service="projects"}') == 1)
    until(lambda: (prometheus.value('releve_outbox_age_seconds{service="projects"}') or 0) > 0)
    until(lambda: ("NobodyRelays", "projects") in prometheus.firing())
    system.start("quotes-worker", "projects-worker")
    until(lambda: not {("ServiceDown", "quotes", "worker"), ("NobodyRelays", "projects")} & prometheus.firing())
    until(lambda: prometheus.value('sum(releve_consumer_lag_events{group="quotes"})') == 0)
    until(lambda: prometheus.value('releve_outbox_depth{service="projects"}') == 0)


def test_waiting_dead_letters_are_counted_until_an_operator_resolves_them(watched: Watched) -> None:
    prometheus = watched.prometheus
    waiting = 'releve_dead_letters_waiting{service="matching"}'
    until(lambda: prometheus.value(waiting) == 0)
    producer = KafkaProducer(bootstrap_servers=watched.system.kafka)
    producer.send("releve.accounts.v1", value=b"no event").get(timeout=30)
    producer.close()
    until(lambda: prometheus.value(waiting) == 1)
    until(lambda: ("DeadLettersWait", "matching") in prometheus.firing())
    box = DeadLetterBox(Broker(watched.system.kafka), "matching", CONTRACT, "test", lambda *row: None)
    for letter in box.letters():
        box.drop(letter)
    until(lambda: prometheus.value(waiting) == 0)
    until(lambda: ("DeadLettersWait", "matching") not in prometheus.firing())


def test_one_trace_leads_from_the_post_through_every_service(watched: Watched) -> None:
    marker = "quodlibet"
    answer = watched.posted("PT5M", title=f"Prise de parole {marker}")
    project_id, trace_id = str(expect(answer, 201)["id"]), answer.headers["x-trace-id"]

    def spans() -> list[Span]:
        return [span for span in watched.collector.spans if span.trace_id == trace_id]

    steps = {
        ("releve-projects", "projects POST /api/projects"),
        ("releve-projects", "publish project.posted"),
        ("releve-quotes", "quotes project.posted"),
        ("releve-matching", "matching project.posted"),
        ("releve-matching", "publish mentors.invited"),
        ("releve-quotes", "quotes mentors.invited"),
        ("releve-notify", "notify mentors.invited"),
    }
    until(lambda: steps <= {(span.service, span.name) for span in spans()})
    posted = next(span for span in spans() if span.name == "projects POST /api/projects")
    known = {span.span_id for span in spans()}
    assert not posted.parent_id
    assert all(span.parent_id in known for span in spans() if span is not posted), "one tree, whose root is the post"
    assert any(span.attributes.get("subject") == project_id for span in spans())
    assert watched.collector.strangers == 0
    secret = (marker, BRIEF[:30], watched.company.email, str(ORGANISATION["name"]), "Bearer")
    for span in watched.collector.spans:
        said = f"{span.name} {span.attributes}"
        assert not any(word in said for word in secret), said
        assert (span.events, span.said) == (0, "")
        assert set(span.attributes) <= {"subject"}
        assert not span.name.endswith(("/healthz", "/readyz", "/metrics"))


def test_unreachable_collector_costs_spans_and_nothing_else(watched: Watched) -> None:
    """Runs last in this file: its collector does not come back."""
    watched.collector.__exit__(None, None, None)
    lost = 'sum(releve_spans_lost_total{service="projects", side="http"})'
    project_id = watched.post("PT5M")
    assert watched.company.until(f"/api/rounds/{project_id}", lambda round: round["state"] == "open")
    until(lambda: (watched.prometheus.value(lost) or 0) > 0)
    until(lambda: ("SpansLost", "projects") in watched.prometheus.firing())
    logs = (watched.system.logs / "projects-http.log").read_text(errors="replace")
    assert str(watched.collector.port) not in logs
    for name in ("projects-http", "projects-worker"):
        began = time.monotonic()
        watched.system.stop(name)
        took = time.monotonic() - began
        print(f"{name} stopped in {took:.1f} s")
        assert took < 10, "it was killed"
