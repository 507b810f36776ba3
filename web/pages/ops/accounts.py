"""One account by its id: what was done about it, and suspending, reinstating or helping it, each with a reason."""

from typing import Any

from flask import render_template, request

from web import operated
from web.forms import typed
from web.pages.ops.frame import deed, listed, pages
from web.visit import doing, go, visit

routes = pages("accounts")
DEEDS = {
    "suspend": ("POST", "suspension"),
    "reinstate": ("DELETE", "suspension"),
    "reset-factor": ("DELETE", "factor"),
}
"""Each deed with the call that does it."""


@routes.get("/accounts")
def find() -> Any:
    """Asks for an account's id: operators know accounts by nothing else."""
    id = "".join(request.args.get("id", "").split())
    return go(f"/ops/accounts/{id}") if id and "/" not in id else render_template("ops/accounts.html")


@routes.get("/accounts/<id>")
def account(id: str) -> str:
    """What operators did about an account, newest first, and what can be done."""
    return render_template("ops/account.html", id=id, page=listed("audit", whom=id), deeds=operated.DEED,
                           done=request.args.get("done", ""))  # fmt: skip


@routes.route("/accounts/<id>/<any('suspend', 'reinstate', 'reset-factor'):kind>", methods=["GET", "POST"])
def decide(id: str, kind: str) -> Any:
    """Asks for the reason of a deed, and does it."""
    form = typed(request.form)
    if doing():
        method, resource = DEEDS[kind]
        answer = deed(form, method, "accounts", id, resource, body={"reason": form["reason"]})
        if answer is not None and answer.ok:
            return go(f"/ops/accounts/{id}?done={kind}")
        if answer is not None:
            form.refused(answer, visit().words)
            if answer.problem == "not-found":
                form.problem = visit().words.gettext("Aucun compte n'a cet identifiant, ou pas ce rôle.")
    return render_template("ops/decide.html", id=id, kind=kind, form=form), 422 if form.wrong else 200
