"""One account, found by e-mail, name or id: its state, what was done about it, and what can be done with a reason."""

from typing import Any
from urllib.parse import quote

from flask import render_template, request

from web import operated
from web.forms import typed
from web.pages.ops.frame import deed, listed, pages
from web.visit import doing, go, visit

routes = pages("accounts")
SEARCHED = ("email", "name", "id")
DEEDS = {
    "suspend": ("POST", "suspension"),
    "reinstate": ("DELETE", "suspension"),
    "reset-factor": ("DELETE", "factor"),
}
"""Each deed with the call that does it."""


@routes.route("/accounts", methods=["GET", "POST"])
def find() -> Any:
    """Finds accounts by e-mail, name or id. What was typed travels in the body, and stays in no history and no log."""
    form, found = typed(request.form), None
    if request.method == "POST":
        asked = {name: form[name].strip() for name in SEARCHED if form[name].strip()}
        if not asked:
            form.problem = visit().words.gettext("Donnez une adresse, un nom ou un identifiant.")
        else:
            found = visit().caller.read("operations", "accounts", **asked)["items"]
            if len(found) == 1:
                return go(f"/ops/accounts/{quote(found[0]['id'], safe='')}")
    page = render_template("ops/accounts.html", form=form, found=found, roles=operated.ROLE, erasures=operated.ERASURE)
    return page, 422 if form.wrong else 200


@routes.get("/accounts/<id>")
def account(id: str) -> str:
    """An account's state, what operators did about it, newest first, and what can be done."""
    found = visit().caller.read("operations", "accounts", id=id)["items"]
    return render_template(
        "ops/account.html", id=id, account=found[0] if found else None, page=listed("audit", whom=id),
        deeds=operated.DEED, roles=operated.ROLE, erasures=operated.ERASURE, done=request.args.get("done", ""),
    )  # fmt: skip


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
