"""The self-assessment: eight statements at the start and at the end, for the person alone."""

from typing import Any

from flask import Blueprint, render_template, request

from web.forms import prefilled, typed
from web.pages.pair.opening import taking_part
from web.visit import doing, go, visit

routes = Blueprint("assessing", __name__)


@routes.get("/pair/<id>/assessment")
@taking_part
def mine(id: str) -> str:
    """The person's own answers, before and after."""
    caller = visit().caller
    found, answers = caller.read("programmes", id), caller.read("programmes", id, "assessment", "mine")
    return render_template("pair/answers.html", programme=found, mine=answers, done=request.args.get("done", ""))


@routes.route("/pair/<id>/assessment/<any(start, end):moment>", methods=["GET", "POST"])
@taking_part
def answer(id: str, moment: str) -> Any:
    """Answers the statements of the person's side."""
    here, form = visit(), typed(request.form)
    found = here.caller.read("programmes", id, "assessment")
    names = [one["id"] for one in found["statements"]]
    if request.method == "GET":
        given = here.caller.read("programmes", id, "assessment", "mine")["items"]
        form = prefilled({one["id"]: one["before" if moment == "start" else "after"] for one in given})
    elif doing():
        for name in names:
            if not form[name].isdecimal():
                form.miss(name, here.words.gettext("Choisissez une réponse."))
        if not form.wrong:
            body = {"answers": {name: int(form[name]) for name in names}}
            sent = here.caller.do("PUT", "programmes", id, "assessment", moment, body=body)
            if sent.ok:
                return go(f"/pair/{id}/assessment?done=saved")
            form.refused(sent, here.words, {f"answers.{name}": name for name in names})
    page = render_template("pair/assessment.html", programme=here.caller.read("programmes", id), assessment=found,
                           moment=moment, form=form)  # fmt: skip
    return page, 422 if form.wrong else 200
