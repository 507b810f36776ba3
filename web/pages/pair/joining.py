"""Joining a programme by an invitation link."""

from typing import Any

from flask import Blueprint, render_template, request

from web.forms import lines, refusal, secret_of, typed
from web.visit import doing, visit

routes = Blueprint("joining", __name__)


@routes.route("/join", methods=["GET", "POST"])
def join() -> Any:
    """Joins with an account at once, and otherwise after confirming the address by mail."""
    here, form = visit(), typed(request.form)
    if doing():
        body: dict[str, Any] = {"token": secret_of(form["token"]), "locale": here.words.locale}
        body |= {name: form[name].strip() for name in ("name", "email") if form[name].strip()}
        body |= {name: lines(form[name]) for name in ("offers", "wants") if form[name].strip()}
        answer = here.caller.do("POST", "programmes", "joins", body=body)
        if answer.ok:
            return render_template("pair/joined.html", state=answer.body["state"])
        form.refused(answer, here.words)
        if answer.status == 404:
            form.problem = here.words.gettext("Ce lien est trop ancien, ou il n'est pas entier.")
        elif not form.errors:
            form.problem = refusal(answer, here.words)
    return render_template("pair/join.html", form=form), 422 if form.wrong else 200
