"""The report: a self-contained HTML file, and a JSON file with every figure. Pure, except for writing."""

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.load.measures import AGAIN, YARDSTICK
from tests.load.plot import plot
from tests.load.spending import tables

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; font-size: 13px }
td, th { padding: .15rem .6rem; text-align: right; vertical-align: bottom } td { white-space: nowrap }
td:first-child, th:first-child { text-align: left } tr:nth-child(even) { background: #f4f4f1 }
th { border-bottom: 1px solid #999 }
svg { width: 100%; height: auto; margin: .5rem 0 } svg text { font: 11px system-ui, sans-serif; fill: #444 }
svg .title { font-size: 13px; font-weight: 600 } svg .unit { font-weight: 400 } .grid { stroke: #e2e2de }
.bad { color: #a3261a } .good { color: #2d7d46 } summary { cursor: pointer }
"""
SHOWN_PROCESSES = 10


def write(folder: Path, run: Mapping[str, Any]) -> Path:
    """Writes `load.json` and `load.html` into the folder; returns the path of the HTML file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "load.json").write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n")
    page = folder / "load.html"
    page.write_text(rendered(run))
    return page


def rendered(run: Mapping[str, Any]) -> str:
    """The HTML page."""
    good = not run["broke"]
    parts = [
        f"<h1>Load</h1><p>{_text(run['where'])}</p><p>{_text(run['target'])}. {_text(run['how'])}</p>",
        f"<p class='{'good' if good else 'bad'}'><b>{'Every objective held.' if good else 'Broken:'}</b></p>",
        _list(run["broke"]),
        f"<p>{_text(run['end'])}</p>" if run["end"] else "",
        _list(run["blind"]),
        "<h2>Levels</h2>",
        table(*levels_table(run["levels"])),
        _over_levels(run["levels"]),
    ]
    for level in run["levels"]:
        parts.append(_level(level, run["objectives"]))
    if run.get("soak"):
        parts.append(_soak(run["soak"], run["inside"]["held"]))
    parts.append(_inside(run["inside"]))
    parts.append(f"<h2>Objectives</h2><pre>{_text(json.dumps(run['objectives'], indent=1))}</pre>")
    body = "\n".join(parts)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Relève: load</title><style>{STYLE}</style><body>{body}</body></html>\n"
    )


def levels_table(levels: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the table of levels, for the page and the terminal."""
    head = [
        "projects", "played", "requests/s", "errors", "p50 ms", "p99 ms", "empty GET p99", "invited p99 s",
        "window-ended p99 s", "lag at most", "busy cores", "held",
    ]  # fmt: skip
    rows = []
    for level in levels:
        news, inside = level["news"], level.get("inside") or {}
        yardstick = level["routes"].get(YARDSTICK, {}).get("p99_ms")
        rows.append([
            level["name"], f"{level['stories']} in {level['seconds']:.0f} s", f"{level['requests_a_second']:.1f}",
            str(level["errors"]), _figure(level["all"]["p50_ms"]), _figure(level["all"]["p99_ms"]), _figure(yardstick),
            _figure(news.get("invited", {}).get("p99_s")), _figure(news.get("window-ended", {}).get("p99_s")),
            _figure(inside.get("lag_most")), _figure(inside.get("busy_cores")), "no" if level["breaks"] else "yes",
        ])  # fmt: skip
    return head, rows


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An HTML table."""
    top = "".join(f"<th>{_text(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def _over_levels(levels: Sequence[Mapping[str, Any]]) -> str:
    routes = ("POST /api/projects", "POST /api/quotes", "GET /api/invitations", YARDSTICK)
    lines = {
        route: [(lv["requests_a_second"], lv["routes"][route]["p99_ms"]) for lv in levels if route in lv["routes"]]
        for route in routes
    }
    return plot("p99 by load", lines, "requests a second", "ms", log=True)


def _level(level: Mapping[str, Any], objectives: Mapping[str, Any]) -> str:
    course, limits = level["course"], objectives["p99_ms"]
    head = ["route", "count", "errors", "p50 ms", "p90 ms", "p99 ms", "max ms", "p99 from the send", "allowed"]
    rows = [
        [route, *(str(times[name]) for name in ("count", "errors", "p50_ms", "p90_ms", "p99_ms", "max_ms",
                                                "p99_from_send_ms")),
         "" if route == YARDSTICK or route.endswith(AGAIN) else str(limits.get(route, limits["*"]))]
        for route, times in level["routes"].items()
    ]  # fmt: skip
    news = [
        [kind, *(str(waits[name]) for name in ("count", "p50_s", "p99_s", "max_s"))]
        for kind, waits in level["news"].items()
    ]
    failed = [f"{count} × {what}" for what, count in {**level["what_failed"], **level["why_unfinished"]}.items()]
    lines = {name: list(zip(course["at"], course[f"{name}_ms"], strict=True)) for name in ("p50", "p99")}
    cut = f" Pauses were cut {level['idle_cut']:.0f} times." if level["idle_cut"] > 1.5 else ""
    return (
        f"<h3>{_text(level['name'])}</h3><p>{level['stories']} projects ({_text(level['by_kind'])}), "
        f"{level['requests']} requests, {level['unfinished']} stories unfinished, "
        f"{len(level['violations']) + len(level['stored_violations'])} violations of the five-quote rule; the "
        f"generator itself woke {level['generator_late_p99_ms']} ms late at p99.{cut}</p>"
        f"{_list(level['breaks'])}{plot('Time from the due moment', lines, 'seconds', 'ms')}"
        f"<details><summary>Every route</summary>{table(head, rows)}"
        f"{table(['news', 'count', 'p50 s', 'p99 s', 'max s'], news)}"
        f"{_list(failed)}</details>{_spent(level.get('inside', {}).get('spent'))}"
    )


def _spent(spent: Mapping[str, Any] | None) -> str:
    """Where the level's processor time went."""
    return "".join(table(head, rows) for head, rows in tables(spent)) if spent else ""


def _inside(inside: Mapping[str, Any]) -> str:
    lags, held = inside["lags"], inside["held"]
    services = sorted({service for look in lags for service in look.get("lag", {})})
    lag = {service: [(look["since"], look["lag"][service]) for look in lags if "lag" in look] for service in services}
    outbox = {"pending rows": [(look["since"], look["outbox"]) for look in lags if "outbox" in look]}
    load = {"load average": [(look["since"], look["load"]) for look in lags]}
    pss = _by_process(held, "pss")
    files = _by_process(held, "files")
    return "<h2>Inside</h2>" + "".join([
        plot("Consumer lag", lag, "seconds", "events"), plot("Outbox", outbox, "seconds", "rows"),
        plot("Memory (proportional)", pss, "seconds", "MiB"), plot("Open files", files, "seconds", "files"),
        plot("The machine", load, "seconds", "processes that run or wait"),
    ])  # fmt: skip


def _by_process(held: Sequence[Mapping[str, Any]], what: str) -> dict[str, list[tuple[float, float]]]:
    lines: dict[str, list[tuple[float, float]]] = {}
    for look in held:
        for name, facts in look["processes"].items():
            lines.setdefault(name, []).append((look["since"], facts[what]))
    largest = sorted(lines, key=lambda name: -lines[name][-1][1])[:SHOWN_PROCESSES]
    return {name: lines[name] for name in largest}


def _soak(soak: Mapping[str, Any], held: Sequence[Mapping[str, Any]]) -> str:
    memory = [
        [name, str(facts["pss_mib"]), str(facts["a_hour"]), str(soak["files_a_hour"].get(name, ""))]
        for name, facts in soak["memory"].items()
    ]
    growth = [
        [name, *(str(rows[key]) for key in ("documents", "first", "second"))]
        for name, rows in soak["collections"].items()
    ]
    if not soak["judged"]:
        judged = f"{soak['minutes']:.0f} minutes are too short for a verdict; these are the slopes."
    else:
        watched = ", ".join(soak["seen"]) or "nothing could be watched"
        judged = "Leaks:" if soak["leaks"] else f"No leak was seen: {watched}."
    return (
        f"<h2>Soak, {soak['minutes']:.0f} minutes</h2><p>{judged}</p>{_list(soak['leaks'])}"
        + table(["process", "PSS MiB, median", "MiB an hour", "open files an hour"], memory)
        + f"<p>Consumer lag: {_lag(soak['lag_a_hour'])}.</p>"
        + table(["collection", "documents", "a project, first half", "a project, second half"], growth)
    )


def _lag(a_hour: float | None) -> str:
    return "not measured" if a_hour is None else f"{a_hour:+g} events an hour"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _list(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{_text(line)}</li>" for line in lines) + "</ul>" if lines else ""


def _text(what: object) -> str:
    if isinstance(what, dict):
        what = ", ".join(f"{count} {name}" for name, count in what.items())
    return html.escape(str(what))
