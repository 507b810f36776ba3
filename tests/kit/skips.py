"""What a run says of the tests that it could not play."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

BROWSER = "tests/browser/"


def of_browser(reports: Iterable[Any]) -> list[str]:
    """A line for each reason for which tests of pages were skipped, from pytest's reports of skipped tests."""
    reasons = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ")
        for report in reports
        if report.nodeid.startswith(BROWSER) and isinstance(report.longrepr, tuple)
    )
    return [f"{count} tests of the pages in a browser were skipped: {why}" for why, count in reasons.items()]
