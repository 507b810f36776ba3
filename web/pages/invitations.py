"""A mentor's invitations: reading one, reserving a place, asking, declining."""

from typing import Any

from flask import Blueprint, render_template, request

from web import present
from web.api import ALL
from web.forms import Form, refusal, typed
from web.pages.skills import named
from web.visit import doing, form_key, go, signed_in, visit

routes = Blueprint("invitations", __name__)
PAGE = 20


@routes.get("/invitations")
@signed_in("mentor")
def invitations() -> str:
    """The mentor's invitations, newest first."""
    page = visit().caller.read("invitations", limit=PAGE, cursor=request.args.get("cursor", ""))
    return render_template("invitations/list.html", page=page, of=present.of_invitation)


@routes.get("/exposure")
@signed_in("mentor")
def exposure() -> str:
    """How often the mentor was eligible, how often invited, and why not, in the months that are over."""
    months = visit().caller.read("mentors", "exposure")["months"]
    return render_template("invitations/exposure.html", months=months, labels=present.EXPOSURE)


@routes.get("/invitations/<id>")
@signed_in("mentor")
def invitation(id: str) -> str:
    """One invitation: why, for what, until when, and what is possible."""
    return _page("invitations/one.html", id, Form())


def _page(template: str, id: str, form: Form, **more: Any) -> str:
    here = visit()
    found = here.caller.read("invitations", id)
    project = found["project_id"]
    round_, questions, quotes = here.caller.every(
        ("rounds", project), ("projects", project, "questions", ALL), ("quotes", {"project_id": project})
    )
    own = [one for one in (quotes or {}).get("items", []) if one["state"] != "withdrawn"]
    quote = own[0] if own else None
    return render_template(
        template, invitation=found, round=round_, questions=questions or [], quote=quote,
        state=present.of_invitation(found, (quote or {}).get("outcome") or "", (round_ or {}).get("reason", "")),
        form=form,
        topics=named(found["brief"]["topics"]), done=request.args.get("done", ""), **more,
    )  # fmt: skip


@routes.post("/invitations/<id>/claim")
@signed_in("mentor")
def claim(id: str) -> Any:
    """Reserves a place while the quote is being written."""
    project = visit().caller.read("invitations", id)["project_id"]
    answer = visit().caller.do("POST", "rounds", project, "claim", body={}, key=form_key())
    if answer.ok:
        return go(f"/invitations/{id}/quote?done=claimed")
    return _page("invitations/one.html", id, Form(problem=refusal(answer, visit().words))), 409


@routes.route("/invitations/<id>/decline", methods=["GET", "POST"])
@signed_in("mentor")
def decline(id: str) -> Any:
    """Declines, with a reason if the mentor wants to give one."""
    form = typed(request.form)
    if doing():
        body = {"reason": form["reason"]} if form["reason"].strip() else {}
        answer = visit().caller.do("POST", "invitations", id, "decline", body=body, key=form_key())
        if answer.ok:
            return go(f"/invitations/{id}?done=declined")
        form.refused(answer, visit().words)
    return _page("invitations/decline.html", id, form), 409 if form.wrong else 200


@routes.post("/invitations/<id>/questions")
@signed_in("mentor")
def ask(id: str) -> Any:
    """Asks the client, under a name for this project alone."""
    form = typed(request.form)
    if not doing():
        return _page("invitations/one.html", id, form)
    project = visit().caller.read("invitations", id)["project_id"]
    answer = visit().caller.do("POST", "projects", project, "questions", body={"text": form["text"]}, key=form_key())
    if answer.ok:
        return go(f"/invitations/{id}?done=asked#questions")
    return _page("invitations/one.html", id, form.refused(answer, visit().words)), 422
