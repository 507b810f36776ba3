"""`make bench` in its shortest form: it calls what it says and computes what it writes. Its times mean nothing."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks import bench, report, wrk
from benchmarks.floors import FLOORS
from benchmarks.products import PRODUCTS

pytestmark = pytest.mark.skipif(not wrk.there(), reason=wrk.MISSING)


def test_short_bench_writes_every_ratio(tmp_path: Path) -> None:
    (tmp_path / "bench.md").write_text(f"# Bench\n\n{report.BEGIN}\n\nold\n\n{report.END}\n")
    assert bench.main(["--turns", "2", "--seconds", "1", "--clients", "3", "--to", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "bench.json").read_text())
    routes = {route["route"]: route for route in found["routes"]}
    assert list(routes) == [product.title for product in PRODUCTS]
    for product in PRODUCTS:
        route = routes[product.title]
        assert route["floor"] == product.floor
        turns = zip(route["turns"], route["floor_turns"], strict=True)
        shares = [own["rate"] / beside["rate"] for own, beside in turns]
        assert len(shares) == 2
        assert route["ratio"] == {"median": sum(shares) / 2, "least": min(shares), "most": max(shares)}
        assert all(0 < turn["median_ms"] <= turn["p99_ms"] for turn in route["turns"])
    assert {*found["floors"], *(route["floor"] for route in routes.values())} == set(FLOORS)
    written = (tmp_path / "bench.md").read_text()
    assert "old" not in written
    for title, route in routes.items():
        ratio = route["ratio"]
        assert f"| {title} " in written
        assert f"{ratio['median']:.2f} ({ratio['least']:.2f} to {ratio['most']:.2f})" in written


def test_refused_request_fails_the_turn(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:  # answers 501 to everything
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with pytest.raises(wrk.Failed, match=r"GET /x: .*'refused': [1-9]"):
                wrk.send(wrk.Request(server.server_port, "GET", "/x"), 1, tmp_path)
        finally:
            server.shutdown()
