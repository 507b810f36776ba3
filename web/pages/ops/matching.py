"""Who is invited to a round and why, what an operator may decide by hand, and the rounds where five are unlikely."""

from typing import Any
from urllib.parse import quote

from flask import render_template, request

from web import operated
from web.forms import prefilled, typed
from web.pages.ops.frame import deed, listed, pages
from web.visit import doing, go, visit

routes = pages("matching")
DEEDS = {"invite": "invitations", "leave-out": "left-out"}
"""Each deed with the resource that does it."""


@routes.get("/unlikely")
def unlikely() -> str:
    """Open rounds in which five quotes are unlikely, the least likely first."""
    return render_template("ops/unlikely.html", page=listed("matching", "unlikely"))


@routes.get("/projects/<id>/invitations")
def decisions(id: str) -> str:
    """The log of a round: who was considered and invited, newest first."""
    return render_template(
        "ops/decisions.html", id=id, page=listed("matching", "decisions", id), kinds=operated.DECISION,
        outcomes=operated.OUTCOME, wanted=operated.WANTED, reasons=operated.MATCHED, parts_of=operated.MATCHED,
        done=request.args.get("done", ""),
    )  # fmt: skip


@routes.route("/projects/<id>/<any('invite', 'leave-out'):kind>", methods=["GET", "POST"])
def decide(id: str, kind: str) -> Any:
    """Asks whom to invite or leave out and why, and does it."""
    form = typed(request.form) if request.form else prefilled({"account": request.args.get("account", "")})
    if doing():
        body = {"account": form["account"].strip(), "reason": form["reason"]}
        answer = deed(form, "POST", "matching", "rounds", id, DEEDS[kind], body=body)
        if answer is not None and answer.ok:
            return go(f"/ops/projects/{quote(id, safe='')}/invitations?done={kind}")
        if answer is not None:
            form.refused(answer, visit().words)
            if answer.problem == "not-found":
                form.problem = visit().words.gettext("Aucun mentor n'a cet identifiant et un profil.")
            elif sentence := operated.NOT_INVITABLE.get(str(answer.body.get("why", ""))):
                form.problem = visit().words.gettext(sentence)
    return render_template("ops/override.html", id=id, kind=kind, form=form), 422 if form.wrong else 200
