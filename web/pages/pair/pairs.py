"""A participant's programme: who enrolled them and why, agreeing, and answering a pair."""

from typing import Any

from flask import Blueprint, render_template, request

from web import present
from web.api import ALL, NotFound
from web.forms import Form, lines, prefilled, refusal, typed, whole
from web.pages.pair.opening import taking_part
from web.visit import doing, form_key, go, visit

routes = Blueprint("pairs", __name__)
REASONS = ("schedule", "other-topics", "no-fit", "other")
"""Reasons to ask for another pair; shown to nobody."""


@routes.get("/pair/<id>")
@taking_part
def programme(id: str) -> Any:
    """What waits for the person in this programme."""
    return _page(id, Form())


def _page(id: str, form: Form) -> str:
    found, me, pairs, assessment = visit().caller.every(
        ("programmes", id), ("programmes", id, "me"), ("programmes", id, "pairs", ALL),
        ("programmes", id, "assessment"),
    )  # fmt: skip
    if not found or not me:
        raise NotFound
    challenges, teams = _of_challenges(id) if found["kind"] == "challenge" else ([], [])
    return render_template(
        "pair/one.html", programme=found, me=me, pairs=pairs or [], assessment=assessment,
        challenges=challenges, teams=teams, of=present.PAIR, form=form, done=request.args.get("done", ""),
    )  # fmt: skip


def _of_challenges(id: str) -> list[list[Any]]:
    """The challenges of the programme, and the person's own team once it is published."""
    lists = visit().caller.every(("programmes", id, "challenges", {"limit": 50}), ("programmes", id, "teams"))
    return [(found or {}).get("items", []) for found in lists]


@routes.post("/pair/<id>/agreement")
@taking_part
def agree(id: str) -> Any:
    """Agrees to take part."""
    answer = visit().caller.do("POST", "programmes", id, "agreement", body={}, key=form_key())
    return _next(id, "agreed", answer)


@routes.post("/pair/<id>/with/<mentor>/<mentee>/answer")
@taking_part
def accept(id: str, mentor: str, mentee: str) -> Any:
    """Accepts a pair."""
    body = {"accepted": True}
    target = ("programmes", id, "pairs", mentor, mentee, "answer")
    return _next(id, "accepted", visit().caller.do("POST", *target, body=body, key=form_key()))


def _next(id: str, done: str, answer: Any) -> Any:
    if answer.ok:
        return go(f"/pair/{id}?done={done}")
    return _page(id, Form(problem=refusal(answer, visit().words))), 409


@routes.route("/pair/<id>/with/<mentor>/<mentee>/<any(decline, end):deed>", methods=["GET", "POST"])
@taking_part
def part(id: str, mentor: str, mentee: str, deed: str) -> Any:
    """Asks for another pair, or ends one that has begun. Nobody learns who asked, nor why."""
    here, form = visit(), typed(request.form)
    if doing():
        reason = form["reason"] if form["reason"] in REASONS else "other"
        body: dict[str, Any] = {"accepted": False, "reason": reason}
        if deed == "end":
            body = {"reason": reason, "rematch": form.has("rematch", "on"),
                    "never_again": form.has("never_again", "on")}  # fmt: skip
        target = ("programmes", id, "pairs", mentor, mentee, "answer" if deed == "decline" else "end")
        answer = here.caller.do("POST", *target, body=body, key=form_key())
        if answer.ok:
            return go(f"/pair/{id}?done={deed}")
        form.problem = refusal(answer, here.words)
    found = here.caller.read("programmes", id)
    return render_template("pair/part.html", programme=found, deed=deed, form=form), 409 if form.problem else 200


@routes.route("/pair/<id>/me", methods=["GET", "POST"])
@taking_part
def me(id: str) -> Any:
    """The person's own data, which they correct until the programme is closed."""
    here, form = visit(), typed(request.form)
    found, own = here.caller.read("programmes", id), here.caller.read("programmes", id, "me")
    lists, texts = ("offers", "wants", "languages"), ("name", "place", "timezone", "locale")
    if request.method == "GET":
        form = prefilled({**own, **{name: ", ".join(own[name]) for name in lists}})
    elif doing():
        sent: dict[str, Any] = {name: form[name] for name in texts} | {name: lines(form[name]) for name in lists}
        if form["capacity"]:
            sent["capacity"] = whole(form["capacity"])
        changed = {name: value for name, value in sent.items() if value != own[name]}
        answer = here.caller.do("PATCH", "programmes", id, "me", body=changed)
        if answer.ok:
            return go(f"/pair/{id}?done=saved")
        form.refused(answer, here.words)
    return render_template("pair/me.html", programme=found, me=own, form=form), 422 if form.wrong else 200
