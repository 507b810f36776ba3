"""Events as they flow: the newest of all services, or of one, as envelopes."""

import re
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request

from web import operated
from web.api import Away
from web.pages.ops.frame import listed, of_each, pages
from web.visit import visit

routes = pages("events")
SHOWN = 50
OF_EACH = 20
"""Events asked of each service for the page of all."""
NAME = re.compile(r"[a-z][a-z.-]{0,60}")
"""What may begin an event's name; anything else finds nothing, and the API refuses it."""


@routes.get("/events")
def events() -> str:
    """The newest events, or older ones of one service."""
    asked, found = _asked(), {}
    if service := asked["service"]:
        try:
            found[service] = listed(service, "events", **_query(asked))
        except Away:
            found[service] = None
    else:
        found = of_each("events", **_query(asked), limit=OF_EACH)
    return _page("ops/events.html", asked, found)


@routes.get("/events/new")
def new() -> str:
    """A fragment: what came since the last look, to be put on top."""
    asked, seen = _asked(), dict(pair.split(":", 1) for pair in request.args.getlist("after") if ":" in pair)
    services = [asked["service"]] if asked["service"] else list(operated.SERVICE)
    query = {one: {"after": seen[one]} if one in seen else {} for one in services}
    found = of_each("events", **_query(asked), limit=OF_EACH, each=query)
    return _page("ops/events_new.html", asked, found, seen)


def _asked() -> dict[str, str]:
    """The filters of the address; one that could find nothing is left out."""
    asked = {name: "".join(request.args.get(name, "").split()) for name in ("type", "service", "project")}
    asked["type"] = asked["type"].lower().removeprefix("releve.")
    if asked["service"] not in operated.SERVICE:
        asked["service"] = ""
    return asked


def _query(asked: dict[str, str]) -> dict[str, Any]:
    kind = asked["type"] if NAME.fullmatch(asked["type"]) else ""
    return {"type": kind, "project": asked["project"][:64]}


def _page(template: str, asked: dict[str, str], found: dict[str, Any], seen: dict[str, str] | None = None) -> str:
    answered = {service: page for service, page in found.items() if page}
    newest = {service: page["items"][0]["id"] for service, page in answered.items() if page["items"]}
    every = [one for page in answered.values() for one in page["items"]]
    names = [("", visit().words.gettext("Tous")), *((name, visit().words.gettext(text))
             for name, text in operated.SERVICE.items())]  # fmt: skip
    after = {**(seen or {}), **newest}
    query = urlencode([*asked.items(), *(("after", f"{service}:{id}") for service, id in after.items())])
    return render_template(
        template, asked=asked, live=f"/ops/events/new?{query}", query=urlencode(asked) + "&", names=names,
        events=sorted(every, key=lambda one: (one["time"], one["id"]), reverse=True)[:SHOWN],
        away=[service for service, page in found.items() if page is None], services=operated.SERVICE,
        page=answered.get(asked["service"]) or {},
    )  # fmt: skip
