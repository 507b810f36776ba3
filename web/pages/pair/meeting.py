"""A pair's sessions, planned, moved, held or cancelled, with agendas and calendar files."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request

from web import present
from web.api import ALL, NotFound, path
from web.downloads import passed_on
from web.forms import Form, prefilled, typed, whole
from web.pages.pair.opening import taking_part
from web.visit import doing, form_key, go, visit

routes = Blueprint("meeting", __name__)
PAIR = "/pair/<id>/with/<mentor>/<mentee>"


@routes.get(PAIR)
@taking_part
def meetings(id: str, mentor: str, mentee: str) -> str:
    """A pair with its sessions and agendas, and the form to plan the next session."""
    return _page(id, mentor, mentee, prefilled({"minutes": "60"}))


def _page(id: str, mentor: str, mentee: str, form: Form) -> str:
    target = ("programmes", id, "pairs", mentor, mentee)
    found, pairs, sessions, agendas = visit().caller.every(
        ("programmes", id), ("programmes", id, "pairs", ALL), (*target, "sessions"), (*target, "agendas")
    )
    pair = next((one for one in pairs or [] if (one["mentor"], one["mentee"]) == (mentor, mentee)), None)
    if not found or not pair or not sessions:
        raise NotFound
    items = sorted(sessions["items"], key=lambda one: one["state"] not in ("planned", "moved"))
    return render_template(
        "pair/meeting.html", programme=found, pair=pair, sessions=items, agendas=(agendas or {}).get("items", []),
        topics=_topics(agendas), form=form, of=present.SESSION, done=request.args.get("done", ""),
    )  # fmt: skip


def _topics(agendas: Any) -> list[tuple[str, str]]:
    """The meetings of the agendas, as a session names them."""
    return [(one["id"], one["title"]) for one in (agendas or {}).get("items", [])]


@routes.post(f"{PAIR}/sessions")
@taking_part
def plan(id: str, mentor: str, mentee: str) -> Any:
    """Plans a session, or notes one that was held."""
    form = typed(request.form)
    if not doing():
        return _page(id, mentor, mentee, form)
    body = _body(form) | {"state": "held" if form.has("held", "on") else "planned"}
    if not form.wrong:
        target = ("programmes", id, "pairs", mentor, mentee, "sessions")
        answer = visit().caller.do("POST", *target, body=body, key=form_key())
        if answer.ok:
            return go(f"/pair/{id}/with/{mentor}/{mentee}?done={answer.body['state']}")
        form.refused(answer, visit().words, {"starts_at": "at"})
    return _page(id, mentor, mentee, form), 422


def _body(form: Form) -> dict[str, Any]:
    """The body of a session; what cannot be read has its message in the form."""
    words = visit().words
    body: dict[str, Any] = {"place": form["place"], "note": form["note"], "agenda": form["agenda"] or None,
                            "minutes": whole(form["minutes"]),
                            "timezone": words.zone}  # fmt: skip
    try:  # the clock of the page is the person's own
        body["starts_at"] = datetime.fromisoformat(form["at"]).replace(tzinfo=ZoneInfo(words.zone)).isoformat()
    except ValueError:
        form.miss("at", words.gettext("Une date et une heure sont attendues."))
    return body


@routes.route(f"{PAIR}/sessions/<session>", methods=["GET", "POST"])
@taking_part
def change(id: str, mentor: str, mentee: str, session: str) -> Any:
    """Moves a session, or says that it was held or cancelled, or completes its note, as the button says."""
    here, form = visit(), typed(request.form)
    target = ("programmes", id, "pairs", mentor, mentee)
    listed, agendas = here.caller.every((*target, "sessions"), (*target, "agendas"))
    found = next((one for one in (listed or {}).get("items", []) if one["id"] == session), None)
    if not found:
        raise NotFound
    if request.method == "GET":
        form = prefilled({**found, "at": found["starts_locally"][:16]})
    elif doing():
        body = _changes(form, found, request.form.get("_do", ""))
        if not form.wrong:
            answer = here.caller.do("PATCH", "programmes", id, "sessions", session, body=body)
            if answer.ok:
                return go(f"/pair/{id}/with/{mentor}/{mentee}?done={answer.body['state']}")
            form.refused(answer, here.words, {"starts_at": "at"})
    page = render_template("pair/session.html", meeting=found, form=form, topics=_topics(agendas),
                           here=f"/pair/{id}/with/{mentor}/{mentee}", of=present.SESSION)  # fmt: skip
    return page, 422 if form.wrong else 200


def _changes(form: Form, found: Any, deed: str) -> dict[str, Any]:
    """The body of a change: a state alone, or what was edited. An untouched time moves nothing."""
    if deed in ("held", "cancelled"):
        return {"state": deed, "note": form["note"]}
    if "at" not in form.values:  # of a session that is over only the note is still open
        return {"note": form["note"]}
    body = _body(form)
    if form["at"] == found["starts_locally"][:16]:
        body.pop("starts_at", None)
        body.pop("timezone")
    return body


@routes.get("/pair/<id>/sessions/<session>/calendar")
@taking_part
def calendar(id: str, session: str) -> Response:
    """The session for a calendar."""
    got = visit().caller.answer("GET", path("programmes", id, "sessions", session, "calendar"))
    return passed_on(got, "text/calendar")
