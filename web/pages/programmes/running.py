"""A programme under way: its pairs, the progress that uncovers nobody, and files for a spreadsheet."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from web import present
from web.api import path
from web.downloads import passed_on
from web.forms import refusal, typed
from web.pages.programmes.common import organised, owned, people
from web.visit import doing, form_key, go, signed_in, visit

routes = Blueprint("running", __name__)


@routes.get("/programmes/<id>/pairs")
@signed_in("client")
def pairs(id: str) -> str:
    """Published pairs, with their answers and how often they have met."""
    found = organised(id)
    items = visit().caller.items
    met = {(one["mentor"], one["mentee"]): one for one in items("programmes", id, "sessions")}
    return render_template("programmes/pairs.html", programme=found, pairs=items("programmes", id, "pairs"),
                           met=met, people=people(id), of=present.PAIR, done=request.args.get("done", ""))  # fmt: skip


@routes.route("/programmes/<id>/pairs/<mentor>/<mentee>/end", methods=["GET", "POST"])
@signed_in("client")
def end(id: str, mentor: str, mentee: str) -> Any:
    """Ends a pair without blame."""
    here, form, found = visit(), typed(request.form), owned(id)
    if doing():
        body = {"rematch": form.has("rematch", "on")}
        answer = here.caller.do("POST", "programmes", id, "pairs", mentor, mentee, "end", body=body, key=form_key())
        if answer.ok:
            return go(f"/programmes/{id}/pairs?done=ended")
        form.problem = refusal(answer, here.words)
    page = render_template("programmes/end.html", programme=found, mentor=mentor, mentee=mentee, people=people(id),
                           form=form)  # fmt: skip
    return page, 409 if form.problem else 200


@routes.get("/programmes/<id>/progress")
@signed_in("client")
def progress(id: str) -> str:
    """Aggregates of at least five people."""
    found, shown = organised(id), visit().caller.read("programmes", id, "progress", locale=visit().words.locale)
    return render_template("programmes/progress.html", programme=found, progress=shown)


@routes.get("/programmes/<id>/files/<name>.csv")
@signed_in("client")
def file(id: str, name: str) -> Response:
    """A spreadsheet of participants, pairs, sessions, teams or progress."""
    target = path("programmes", id, "files", f"{name}.csv", locale=visit().words.locale)
    answer = passed_on(visit().caller.answer("GET", target), "text/csv")
    answer.headers["Cache-Control"] = "no-store"
    return answer
