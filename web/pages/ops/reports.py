"""Reports of abuse, and the operators' answers."""

from typing import Any

from flask import render_template, request

from web import operated, present
from web.forms import Form, typed
from web.pages.ops.frame import deed, listed, pages
from web.visit import doing, go, visit

routes = pages("reports")


@routes.get("/reports")
def reports() -> str:
    """Reports: those that wait, oldest first, or all of them, newest first."""
    state = "" if request.args.get("state") == "all" else "open"
    return render_template("ops/reports.html", page=listed("reports", state=state), state=state, states=operated.REPORT,
                           sides=operated.SIDE)  # fmt: skip


@routes.get("/reports/<id>")
def report(id: str) -> str:
    """One report, with the brief that it is about."""
    return _page(id, Form())


@routes.post("/reports/<id>")
def answer(id: str) -> Any:
    """Dismisses the report, or cancels the project that it is about."""
    form = typed(request.form)
    if not doing():
        return _page(id, form)
    body = {"action": form["action"], "note": form["note"]}
    if form["explanation"].strip():
        body["explanation"] = form["explanation"]
    answered = deed(form, "POST", "reports", id, "resolution", body=body)
    if answered is not None and answered.ok:
        return go(f"/ops/reports/{id}?done=answered")
    if answered is not None:
        form.refused(answered, visit().words)
        if sentence := operated.UNCANCELLED.get(answered.problem):
            form.problem = visit().words.gettext(sentence)
    return _page(id, form), 422


def _page(id: str, form: Form) -> str:
    found = visit().caller.read("operations", "reports", id)
    return render_template(
        "ops/report.html", report=found, form=form, state=present.of_project(found["project_state"], "client"),
        states=operated.REPORT, sides=operated.SIDE, answers=operated.ANSWER, answered=operated.ANSWERED,
        done=request.args.get("done", ""),
    )  # fmt: skip
