"""Evaluation of a load test: figures, objectives, the five-quote rule, resource leaks, the report."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.kit.oracle import five
from tests.load import objectives, plot, report, soak
from tests.load.measures import Told, course, figures, percentile


def ledger(**changes: Any) -> dict[str, Any]:
    """The ledger of a correct project: five quotes, two mentors refused, all quotes shown."""
    came = [(five.CAME, f"q{number}") for number in range(5)]
    told = five.Ledger("p", "full", [*came, (five.REFUSED, ""), (five.REFUSED, "")], [f"q{n}" for n in range(5)], 5)
    return told.row() | changes


def told(count: int = 1_000, wrong: int = 0, took: float = 0.05, stories: list[dict[str, Any]] | None = None) -> Told:
    """Results for one route with ``count`` requests, of which ``wrong`` failed."""
    shots = [("POST /api/quotes", n / 10, took, took, "500" if n < wrong else "") for n in range(count)]
    return Told(shots, [("invited", 0.0, 0.4)], [ledger() | {"wrong": ""}] if stories is None else stories, [0.001])


# --- figures


def test_percentile_is_a_measured_value() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.99, 1.0)] == [50, 99, 100]
    assert percentile([7.0], 0.99) == 7


def test_latency_counts_from_the_scheduled_time() -> None:
    found = figures(Told([("GET /x", 0.0, 2.0, 0.1, "")], [], [], []), 10)["routes"]["GET /x"]
    assert (found["p99_ms"], found["p99_from_send_ms"]) == (2_000, 100)


def test_calibration_requests_are_not_counted() -> None:
    found = figures(Told([("GET /healthz", 0.0, 1.0, 1.0, "500"), ("GET /x", 0.0, 1.0, 1.0, "")], [], [], []), 10)
    assert (found["requests"], found["errors"]) == (1, 0)


def test_timeline_places_requests_at_their_scheduled_time() -> None:
    found = course(told(count=100), 10, parts=10)
    assert found["at"] == [n + 0.5 for n in range(10)]
    assert set(found["requests_a_second"]) == {10}


# --- objectives


def test_successful_level_meets_every_objective() -> None:
    assert objectives.breaks(figures(told(), 100), objectives.read()) == []


def test_one_error_in_a_thousand_is_allowed_but_not_two() -> None:
    assert objectives.breaks(figures(told(wrong=1), 100), objectives.read()) == []
    (line,) = objectives.breaks(figures(told(wrong=2), 100), objectives.read())
    assert line.startswith("errors: 2 of 1000 requests, 0.20%")


def test_slow_route_is_named() -> None:
    (line,) = objectives.breaks(figures(told(took=1.5), 100), objectives.read())
    assert line == "p99 of POST /api/quotes: 1500 ms of 1000 requests, where 1000 are allowed"


def test_late_events_unfinished_stories_and_backlogs_break_objectives() -> None:
    found = figures(told(stories=[ledger() | {"wrong": "it did not end"}]), 100)
    found["news"]["invited"]["p99_s"] = 9.0
    found["inside"] = {"lag_most": 9_999, "lag_gone_s": None, "outbox_gone_s": 11.0, "dead_letters": 1}
    lines = objectives.breaks(found, objectives.read())
    assert [line.split(":")[0] for line in lines] == [
        "news", "stories", "consumer lag", "consumer lag", "pending outbox rows", "dead letters",
    ]  # fmt: skip


def test_five_quote_violation_fails_whether_answered_or_stored() -> None:
    answered = figures(told(stories=[ledger(received=6) | {"wrong": ""}]), 100)
    stored = figures(told(), 100) | {"stored_violations": ["p: 6 live quotes are stored"]}
    for found in (answered, stored):
        (line,) = objectives.breaks(found, objectives.read())
        assert line.startswith("the five-quote rule: 1 violations")


def test_single_objectives_can_be_overridden_and_unknown_ones_fail(tmp_path: Path) -> None:
    path = tmp_path / "objectives.json"
    path.write_text(json.dumps({"errors": 0.5, "p99_ms": {"GET /x": 3}}))
    found = objectives.read(path)
    assert (found["errors"], found["p99_ms"]["GET /x"], found["p99_ms"]["*"]) == (0.5, 3, 500)
    path.write_text('{"eror": 1}')
    with pytest.raises(ValueError, match="eror"):
        objectives.read(path)


# --- the five-quote rule


def test_five_quotes_and_two_refusals_keep_the_rule() -> None:
    assert five.broken(ledger()) == []


def test_withdrawn_and_resubmitted_quote_keeps_the_rule() -> None:
    answers = [(five.CAME, "old"), (five.TAKEN_BACK, "old"), *ledger()["answers"]]
    assert five.broken(ledger(answers=answers)) == []


def test_fewer_than_five_quotes_without_refusals_keep_the_rule() -> None:
    assert five.broken(ledger(answers=[(five.CAME, "a")], shown=["a"], received=1)) == []


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"answers": [(five.CAME, f"q{n}") for n in range(6)], "shown": None}, "6 quotes were accepted"),
        ({"received": 6}, "the client was shown 6 quotes"),
        ({"answers": [(five.CAME, "a"), (five.REFUSED, "")], "shown": ["a"]}, "a mentor was refused while 1 quotes"),
        ({"shown": ["q0", "q1", "q2", "q3"]}, "1 accepted quotes were not shown"),
        ({"shown": ["q0", "q1", "q2", "q3", "other"]}, "1 quotes were shown that were never submitted"),
        ({"shown": ["q0", "q1", "q2", "q3", "q4", "q4"]}, "a quote was shown twice"),
        ({"peeked": 2}, "the client read 2 quotes before the end"),
    ],
)
def test_planted_violation_is_found(changes: dict[str, Any], line: str) -> None:
    found = five.broken(ledger(**changes))
    assert any(line in one for one in found), found


def test_lost_response_is_no_violation() -> None:
    answers = [*ledger()["answers"][:4], (five.UNKNOWN, ""), (five.REFUSED, "")]
    assert five.broken(ledger(answers=answers)) == []
    unsure = [*ledger()["answers"], (five.UNKNOWN, "q0")]
    assert five.broken(ledger(answers=unsure, shown=["q1", "q2", "q3", "q4"])) == []


# --- leaks


def looks(minutes: float, **growing: float) -> list[dict[str, Any]]:
    """One sample every 5 s; ``growing`` gives the growth per hour of MiB, files or documents."""
    found = []
    for number in range(int(minutes * 12)):
        hours = number * 5 / 3600
        found.append({
            "since": number * 5.0,
            "processes": {"quotes-http": {"pss": 80 + growing.get("pss", 0) * hours, "rss": 90,
                                          "files": 40 + growing.get("files", 0) * hours, "cpu": 0}},
            "collections": {"quotes.rounds": int(3_600 * hours + growing.get("documents", 0) * hours**2)},
        })  # fmt: skip
    return found


ONE_A_SECOND = [float(n) for n in range(3_600)]


def test_slope_ignores_a_spike() -> None:
    at = [float(n) for n in range(100)]
    values = [10.0 + n / 3600 for n in range(100)]
    values[50] = 10_000
    assert soak.slope(at, values) == pytest.approx(1, abs=0.01)
    assert soak.slope([1.0], [5.0]) == 0


def test_constant_resource_does_not_leak() -> None:
    found = soak.verdict(looks(30), [], ONE_A_SECOND, 30)
    assert (found["judged"], found["leaks"]) == (True, [])
    assert found["seen"] == ["memory", "open files", "collections"]
    assert found["collections"]["quotes.rounds"]["second"] == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ("growing", "line"),
    [
        ({"pss": 60.0}, "memory of quotes-http: 60 MiB more an hour"),
        ({"files": 200.0}, "open files of quotes-http: 200 more an hour"),
        ({"documents": 200_000.0}, "collection quotes.rounds"),
    ],
)
def test_growing_resource_leaks(growing: dict[str, float], line: str) -> None:
    (found,) = soak.verdict(looks(30, **growing), [], ONE_A_SECOND, 30)["leaks"]
    assert line in found


def test_growing_consumer_lag_is_a_leak() -> None:
    lags = [{"since": float(n), "lag": {"quotes": n}} for n in range(1_800)]
    (found,) = soak.verdict(looks(30), lags, ONE_A_SECOND, 30)["leaks"]
    assert found.startswith("consumer lag: 3600 events more an hour")


def test_unobserved_resource_is_not_reported_as_sound() -> None:
    found = soak.verdict([], [], ONE_A_SECOND, 30)
    assert (found["leaks"], found["seen"]) == ([], [])


def test_short_soak_reports_slopes_without_a_verdict() -> None:
    found = soak.verdict(looks(3, pss=600), [], ONE_A_SECOND, 3)
    assert (found["judged"], found["leaks"]) == (False, [])
    assert found["would_be_leaks"]


# --- the page


def test_plot_holds_every_line_and_escapes_names() -> None:
    drawn = plot.plot("p99 <by> load", {"a & b": [(1, 10), (10, 100)], "empty": []}, "requests", "ms", log=True)
    shown = ElementTree.fromstring(drawn)
    assert shown.get("aria-label") == "p99 <by> load"
    (line,) = shown.findall("polyline")
    (x1, y1), (x2, y2) = (map(float, point.split(",")) for point in str(line.get("points")).split())
    assert (x1, y1, x2, y2) == (plot.LEFT, plot.HEIGHT - plot.BOTTOM, plot.WIDTH - plot.RIGHT, plot.TOP)
    assert [text.text for text in shown.findall("g/text")] == ["a & b"]


def shown_as(element: ElementTree.Element, name: str) -> str | None:
    """An SVG property of an element: from its own style, the style sheet or its attribute (SVG 2, 6.6)."""
    own = dict(part.split(":") for part in element.get("style", "").split(";") if part)
    found = own.get(name)
    for selectors, block in re.findall(r"([^{}]+)\{([^{}]*)\}", report.STYLE):
        says = dict(part.strip().split(": ", 1) for part in block.split(";") if part.strip())
        last = [selector.split()[-1] for selector in selectors.split(",")]
        if found is None and name in says and {element.tag, f".{element.get('class')}"} & set(last):
            found = says[name]
    return found or element.get(name)


@pytest.mark.parametrize("count", [1, 5, len(plot.COLOURS), 2 * len(plot.COLOURS)])
def test_each_legend_entry_matches_only_its_line(count: int) -> None:
    lines = {f"line {number}": [(0, number), (1, number)] for number in range(count)}
    shown = ElementTree.fromstring(plot.plot("t", lines, "s", "ms"))
    drawn = [(shown_as(line, "stroke"), shown_as(line, "stroke-dasharray")) for line in shown.findall("polyline")]
    legends = shown.findall("g[@class='legend']")
    keys = [legend.find("line") for legend in legends]
    texts = [legend.find("text") for legend in legends]
    assert [(shown_as(key, "stroke"), shown_as(key, "stroke-dasharray")) for key in keys if key is not None] == drawn
    assert [shown_as(text, "fill") for text in texts if text is not None] == [stroke for stroke, _ in drawn]
    assert len(set(drawn)) == len(drawn) == count
    assert shown_as(shown.findall("text")[-1], "fill") not in {stroke for stroke, _ in drawn}, "the axes' grey"


def test_plot_handles_no_value_and_a_single_value() -> None:
    assert "nothing was measured" in plot.plot("x", {}, "s", "ms")
    assert "<polyline" in plot.plot("x", {"one": [(0, 0)]}, "s", "ms")


def test_report_is_self_contained(tmp_path: Path) -> None:
    level = figures(told(), 100) | {
        "name": "100 a day", "required": True, "idle_cut": 86.4, "all": {"p50_ms": 1.0, "p99_ms": None},
        "course": course(told(), 100), "inside": {}, "stored_violations": [], "breaks": ["<line>"],
    }  # fmt: skip
    run = {
        "where": "here", "target": "t", "how": "h", "objectives": objectives.read(), "levels": [level],
        "broke": ["<line>"], "end": "", "blind": [], "inside": {"lags": [], "held": looks(1)},
        "soak": soak.verdict(looks(30), [], ONE_A_SECOND, 30),
    }  # fmt: skip
    page = report.write(tmp_path, run).read_text()
    assert report.STYLE in page
    assert "://" not in page
    assert "src=" not in page
    assert "&lt;line&gt;" in page
    assert "<line>" not in page
    assert json.loads((tmp_path / "load.json").read_text())["levels"][0]["requests"] == 1_000
