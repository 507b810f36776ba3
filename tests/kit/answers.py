"""Parts of an API's answers, as tests read them."""

from typing import Any

from werkzeug.test import TestResponse


def body(answer: TestResponse) -> dict[str, Any]:
    return dict(answer.json or {})


def problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    return answer.status_code, body(answer)["type"].removeprefix("urn:releve:problem:")


def outcome(answer: TestResponse) -> str:
    """``201``, ``204`` and the like, or the name of the refusal; never a 5xx."""
    assert answer.status_code < 500, answer.text
    if answer.status_code < 400:
        return str(answer.status_code)
    return str(answer.get_json(force=True)["type"]).removeprefix("urn:releve:problem:")
