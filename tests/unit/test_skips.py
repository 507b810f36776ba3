"""A run without a browser says so once, and why."""

from types import SimpleNamespace as Report

from tests.kit.skips import of_browser

PAGES = "tests/browser/test_pages.py::test_one"


def test_skipped_tests_of_pages_are_counted_by_reason() -> None:
    missing = ("conftest.py", 20, "Skipped: Chromium is missing: `make test-tools` installs it")
    reports = [
        Report(nodeid=PAGES, longrepr=missing),
        Report(nodeid=PAGES, longrepr=missing),
        Report(nodeid="tests/unit/test_x.py::test_y", longrepr=("x.py", 1, "Skipped: no compiler")),
    ]
    line = "2 tests of the pages in a browser were skipped: Chromium is missing: `make test-tools` installs it"
    assert of_browser(reports) == [line]
    assert of_browser([]) == []
