"""Organisers of the companies of a programme, and invitation links to pass on."""

from typing import Any

from flask import Blueprint, render_template, request

from web.api import SignedOut
from web.forms import prefilled, refusal, secret_of, typed, whole
from web.pages.programmes.common import organised, owned
from web.visit import doing, form_key, go, signed_in, visit

routes = Blueprint("organising", __name__)


@routes.route("/programmes/<id>/organisers", methods=["GET", "POST"])
@signed_in("client")
def organisers(id: str) -> Any:
    """Who organises the programme for which company; invites somebody by mail."""
    here, form, found = visit(), typed(request.form), owned(id)
    if doing():
        body = {"organisation": form["organisation"], "email": form["email"].strip()}
        answer = here.caller.do("POST", "programmes", id, "organisers", body=body, key=form_key())
        if answer.ok:
            return go(f"/programmes/{id}/organisers?done=invited")
        form.refused(answer, here.words)
    listed = here.caller.read("programmes", id, "organisers")["items"]
    page = render_template("programmes/organisers.html", programme=found, organisers=listed, form=form,
                           done=request.args.get("done", ""))  # fmt: skip
    return page, 422 if form.wrong else 200


@routes.post("/programmes/<id>/organisers/<organiser>/remove")
@signed_in("client")
def dismiss(id: str, organiser: str) -> Any:
    """Withdraws an invitation, or dismisses an organiser; the people that they enrolled stay."""
    answer = visit().caller.do("DELETE", "programmes", id, "organisers", organiser)
    return go(f"/programmes/{id}/organisers?done={'removed' if answer.ok else 'refused'}")


@routes.route("/programmes/join", methods=["GET", "POST"])
def accept() -> Any:
    """Accepts the invitation of a mail; who is not signed in yet reads the page all the same, and keeps the link."""
    form = typed(request.form)
    if doing():
        if visit().session is None:
            raise SignedOut
        token = secret_of(form["token"])
        answer = visit().caller.do("POST", "programmes", "organisers", body={"token": token}, key=form_key())
        if answer.ok:
            return go(f"/programmes/{answer.body['id']}")
        form.problem = refusal(answer, visit().words)
        if answer.status == 404:
            form.problem = visit().words.gettext("Ce lien a servi, ou il est trop ancien. Demandez-en un autre.")
    return render_template("programmes/join.html", form=form), 422 if form.wrong else 200


@routes.route("/programmes/<id>/links", methods=["GET", "POST"])
@signed_in("client")
def links(id: str) -> Any:
    """Links by which people join one side; a new one is shown once."""
    here, form, found, made = visit(), typed(request.form), organised(id), ""
    if request.method == "GET":
        form = prefilled({"side": "mentor"})
    elif doing():
        body: dict[str, Any] = {"side": form["side"], "organisation": form["organisation"]}
        if form["cap"].strip():
            body["cap"] = whole(form["cap"])
        if form["domain"].strip():
            body["domain"] = form["domain"].strip().lower()
        answer = here.caller.do("POST", "programmes", id, "links", body=body, key=form_key())
        if answer.ok:
            made = answer.body["url"]
        else:
            form.refused(answer, here.words)
    page = render_template("programmes/links.html", programme=found, links=here.caller.items("programmes", id, "links"),
                           form=form, made=made, done=request.args.get("done", ""))  # fmt: skip
    return page, 422 if form.wrong else 200


@routes.post("/programmes/<id>/links/<link>/remove")
@signed_in("client")
def drop(id: str, link: str) -> Any:
    """Closes a link: nobody joins by it any more, and who has joined stays."""
    answer = visit().caller.do("DELETE", "programmes", id, "links", link)
    return go(f"/programmes/{id}/links?done={'removed' if answer.ok else 'refused'}")
