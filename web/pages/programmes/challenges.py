"""Challenges between companies: goals and milestones, teams, and the board that compares nobody."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from web.api import NotFound
from web.forms import Form, prefilled, refusal, typed, whole
from web.pages.programmes.common import organised, owned, people, picture_of
from web.visit import doing, form_key, go, signed_in, visit

routes = Blueprint("challenges", __name__)
OWN = "own"
"""The choice of a challenge with words of one's own instead of a goal's."""


@routes.route("/programmes/<id>/challenges", methods=["GET", "POST"])
@signed_in("client")
def challenges(id: str) -> Any:
    """The challenges of a programme, and the form to add one."""
    here, form, found = visit(), typed(request.form), organised(id)
    if request.method == "GET":
        form = prefilled({"goal": "culture", "team_size": "5"})
    elif doing():
        answer = here.caller.do("POST", "programmes", id, "challenges", body=_new(form), key=form_key())
        if answer.ok:
            return go(f"/programmes/{id}/challenges?done=added")
        form.refused(answer, here.words)
    listed, goals = here.caller.every(("programmes", id, "challenges", {"limit": 50}), ("programmes", "goals"))
    page = render_template(
        "programmes/challenges.html", programme=found, challenges=(listed or {}).get("items", []),
        goals=(goals or {}).get("items", []), form=form, own=OWN, done=request.args.get("done", ""),
    )  # fmt: skip
    return page, 422 if form.wrong else 200


def _new(form: Form) -> dict[str, Any]:
    """The body of a new challenge: what is left empty comes from its goal."""
    goal = None if form["goal"] == OWN else form["goal"]
    body: dict[str, Any] = {"goal": goal, "team_size": whole(form["team_size"])}
    return body | {name: form[name] for name in ("title", "text", "starts_on", "ends_on") if form[name].strip()}


@routes.route("/programmes/<id>/challenges/<challenge>", methods=["GET", "POST"])
@signed_in("client")
def change(id: str, challenge: str) -> Any:
    """Changes a challenge and its milestones."""
    here, form, programme = visit(), typed(request.form), owned(id)
    found = here.caller.read("programmes", id, "challenges", challenge)
    if request.method == "GET":
        form = prefilled({**found, **_milestone_fields(found)})
    elif doing():
        body: dict[str, Any] = {
            "title": form["title"], "text": form["text"], "team_size": whole(form["team_size"]),
            "starts_on": form["starts_on"] or None, "ends_on": form["ends_on"] or None,
            "milestones": _milestones(form, found),
        }  # fmt: skip
        changed = {name: value for name, value in body.items() if value != found[name]}
        answer = here.caller.do("PATCH", "programmes", id, "challenges", challenge, body=changed)
        if answer.ok:
            return go(f"/programmes/{id}/challenges?done=saved")
        form.refused(answer, here.words)
    page = render_template("programmes/challenge.html", programme=programme, challenge=found, form=form)
    return page, 422 if form.wrong else 200


def _milestone_fields(found: Any) -> dict[str, Any]:
    return {
        f"{name}.{one['id']}": one[field]
        for one in found["milestones"]
        for name, field in (("milestone", "title"), ("due", "due_on"))
    }


def _milestones(form: Form, found: Any) -> list[dict[str, Any]]:
    """The milestones as edited: one without a title is taken out, and a new one comes last."""
    kept = [
        {"id": one["id"], "title": title, "due_on": form[f"due.{one['id']}"] or None}
        for one in found["milestones"]
        if (title := form[f"milestone.{one['id']}"].strip())
    ]
    new = form["milestone.new"].strip()
    return kept + ([{"title": new, "due_on": form["due.new"] or None}] if new else [])


@routes.post("/programmes/<id>/challenges/<challenge>/remove")
@signed_in("client")
def remove(id: str, challenge: str) -> Any:
    """Deletes a challenge, before the publication."""
    answer = visit().caller.do("DELETE", "programmes", id, "challenges", challenge)
    return go(f"/programmes/{id}/challenges?done={'removed' if answer.ok else 'refused'}")


@routes.route("/programmes/<id>/teams", methods=["GET", "POST"])
@signed_in("client")
def teams(id: str) -> Any:
    """The teams that the visitor may see; the owner moves people by hand."""
    here, form, programme = visit(), typed(request.form), organised(id)
    if doing():
        answer = here.caller.do("PUT", "programmes", id, "teams", form["team"], "members", form["ref"])
        if answer.ok:
            return go(f"/programmes/{id}/teams?done=moved")
        form.problem = refusal(answer, here.words)
    found, listed = here.caller.every(("programmes", id, "teams"), ("programmes", id, "challenges", {"limit": 50}))
    if not found:
        raise NotFound
    titles = {one["id"]: one["title"] for one in (listed or {}).get("items", [])}
    page = render_template("programmes/teams.html", programme=programme, teams=found, titles=titles, form=form,
                           people=people(id), done=request.args.get("done", ""))  # fmt: skip
    return page, 409 if form.problem else 200


@routes.get("/programmes/<id>/challenges/<challenge>/board")
@signed_in("client")
def board(id: str, challenge: str) -> str:
    """What was done, by milestone and team, in the order of time."""
    found = visit().caller.read("programmes", id, "challenges", challenge, "board")
    return render_template("programmes/board.html", programme=organised(id), board=found,
                           done=request.args.get("done", ""))  # fmt: skip


@routes.post("/programmes/<id>/challenges/<challenge>/contributions/<contribution>/remove")
@signed_in("client")
def withdraw(id: str, challenge: str, contribution: str) -> Any:
    """Removes what a team contributed: those who run the programme may remove anything."""
    answer = visit().caller.do("DELETE", "programmes", id, "challenges", challenge, "contributions", contribution)
    return go(f"/programmes/{id}/challenges/{challenge}/board?done={'removed' if answer.ok else 'refused'}")


@routes.get("/programmes/<id>/challenges/<challenge>/contributions/<contribution>/picture")
@signed_in("client")
def picture(id: str, challenge: str, contribution: str) -> Response:
    """The picture of a contribution."""
    return picture_of(id, challenge, contribution)
