"""What the pages of one programme share: the programme itself, and its people by reference."""

from typing import Any

from flask import Response

from web.api import NotFound, path
from web.downloads import passed_on
from web.visit import visit


def owned(id: str) -> Any:
    """The programme, if the visitor runs it. Raises `NotFound`."""
    found = organised(id)
    if "owner" not in found["my_part"]:
        raise NotFound
    return found


def organised(id: str) -> Any:
    """The programme, if the visitor runs it or organises it for a company. Raises `NotFound`."""
    found = visit().caller.read("programmes", id)
    if not {"owner", "organiser"} & set(found["my_part"]):
        raise NotFound
    return found


def people(id: str) -> dict[str, Any]:
    """Everybody whom the visitor may see in a programme, by reference."""
    return {one["ref"]: one for one in visit().caller.items("programmes", id, "participants")}


def picture_of(id: str, challenge: str, contribution: str) -> Response:
    """The picture of a contribution; no copy stays in the browser. Raises `NotFound`."""
    target = path("programmes", id, "challenges", challenge, "contributions", contribution, "picture")
    answer = passed_on(visit().caller.answer("GET", target), "application/octet-stream")
    answer.headers["Cache-Control"] = "no-store"
    return answer
