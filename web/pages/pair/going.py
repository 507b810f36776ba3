"""Not taking part, leaving, erasing one's data, and reading all of them."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from web import passes
from web.downloads import as_json
from web.forms import refusal, typed
from web.pages.pair.opening import taking_part
from web.visit import doing, form_key, visit

routes = Blueprint("going", __name__)
REASONS = ("no-time", "not-interested", "not-informed", "privacy", "other")


@routes.route("/pair/<id>/<any(objection, leaving, erasure):deed>", methods=["GET", "POST"])
@taking_part
def go_away(id: str, deed: str) -> Any:
    """Says what it means, and then does it; the browser's pass goes with it."""
    here, form = visit(), typed(request.form)
    if doing():
        body = {"reason": form["reason"]} if form["reason"] in REASONS else {}
        answer = here.caller.do("POST", "programmes", id, deed, body=body, key=form_key())
        if answer.ok:
            return passes.drop(make_response(render_template("pair/gone.html", deed=deed)))
        form.problem = refusal(answer, here.words)
    page = render_template("pair/going.html", programme=here.caller.read("programmes", id), deed=deed, form=form)
    return page, 409 if form.problem else 200


@routes.get("/pair/<id>/export")
@taking_part
def export(id: str) -> Response:
    """All that the programme holds of the person, as one file."""
    return as_json(visit().caller.read("programmes", id, "export"))
