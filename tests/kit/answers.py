"""Answers of an API, taken apart as tests read them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from werkzeug.test import TestResponse


def body(answer: TestResponse) -> dict[str, Any]:
    return dict(answer.json or {})


def problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    return answer.status_code, body(answer)["type"].removeprefix("urn:releve:problem:")


def at_once(*actions: Callable[[], TestResponse]) -> list[TestResponse]:
    """The answers to requests that start at the same moment."""
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], TestResponse]) -> TestResponse:
        start.wait(10)
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))
