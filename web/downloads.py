"""Answers that a browser keeps as a file."""

import json
from typing import Any

from flask import Response

from web.api import Answer


def as_json(value: Any) -> Response:
    """A person's own data; no copy stays in the browser."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    answer = Response(text, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="releve.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def passed_on(got: Answer, otherwise: str) -> Response:
    """A file as the API names and types it; ``otherwise`` is the type of one that it does not type."""
    answer = Response(got.content, content_type=got.headers.get("Content-Type", otherwise))
    answer.headers["Content-Disposition"] = got.headers.get("Content-Disposition", "attachment")
    return answer
