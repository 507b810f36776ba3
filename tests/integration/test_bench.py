"""`make bench` in its shortest form: it calls what it says and computes what it writes. Its times mean nothing."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from benchmarks import bench, report, scaling, wrk
from benchmarks.floors import FLOORS
from benchmarks.products import PRODUCTS
from tests.kit.waiting import until

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


def test_short_scaling_writes_every_ratio(tmp_path: Path) -> None:
    document = tmp_path / "scaling.md"
    document.write_text(f"# Scaling\n\n{report.BEGIN}\n\nold\n\n{report.END}\n")
    assert scaling.main(["--turns", "1", "--seconds", "1", "--clients", "3", "--to", str(document)]) == 0
    written = document.read_text()
    assert "old" not in written
    for product in scaling.READS:
        (row,) = [line for line in written.splitlines() if line.startswith(f"| {product.title} ")]
        ratio, one, both = [cell.split()[0] for cell in row.split("|")[2:5]]
        assert float(ratio) == pytest.approx(int(both) / int(one), abs=0.02)


def test_pinned_process_has_one_core_for_all_its_threads_and_children() -> None:
    program = "import subprocess, threading; threading.Thread(target=input).start(); subprocess.run(['cat'])"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE) as parent:
        process = psutil.Process(parent.pid)
        until(lambda: process.num_threads() == 2 and process.children())
        core = max(os.sched_getaffinity(0))
        scaling.pin(parent.pid, core)
        threads = [thread.id for one in (process, *process.children()) for thread in one.threads()]
        assert len(threads) == 3
        assert [os.sched_getaffinity(thread) for thread in threads] == [{core}] * 3
        parent.communicate(b"\n")


def test_refused_request_fails_the_turn(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:  # answers 501 to everything
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with pytest.raises(wrk.Failed, match=r"GET /x: .*'refused': [1-9]"):
                wrk.send(wrk.Request(server.server_port, "GET", "/x"), 1, tmp_path)
        finally:
            server.shutdown()
