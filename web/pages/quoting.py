"""A mentor's quote: the editor with its draft, handing in, the receipt, and withdrawing."""

from typing import Any

from flask import Blueprint, render_template, request

from web import drafts
from web.api import Answer, Away, NotFound
from web.drafts import TYPED, Outcome
from web.forms import Form, amount, number, prefilled, refusal, typed
from web.visit import doing, form_key, go, signed_in, visit

routes = Blueprint("quoting", __name__)
DEEDS = ("draft", "mine", "theirs")
"""Buttons of the editor that keep a draft: the text as it is, over another browser's, or not at all."""


@routes.route("/invitations/<id>/quote", methods=["GET", "POST"])
@signed_in("mentor")
def quote(id: str) -> Any:
    """Hands in a quote, or changes the one that was handed in; or keeps the draft, as the pressed button says."""
    here, form = visit(), typed(request.form)
    found = here.caller.read("invitations", id)
    project = found["project_id"]
    if not doing():
        return _editor(found, form if request.form else None)
    deed = request.form.get("_do", "")
    if deed == "theirs":
        return go(f"/invitations/{id}/quote")
    if deed in DEEDS:
        outcome = _keep(project, form)
        return go(f"/invitations/{id}/quote") if outcome.kept else (_editor(found, form, outcome), 409)
    if terms := _terms(form):
        answer = _hand_in(project, _own(project), terms)
        if answer.ok:
            return go(f"/invitations/{id}/receipt")
        form.refused(answer, here.words, {"price.amount": "price", "price": "price"})
    return _editor(found, form), 422


@routes.post("/invitations/<id>/draft")
@signed_in("mentor")
def draft(id: str) -> Any:
    """Keeps the draft while it is being typed: the fragment says whether it is kept, or what stands in its way."""
    form = typed(request.form)
    outcome = _keep(visit().caller.read("invitations", id)["project_id"], form)
    if outcome.refused and outcome.refused.problem == "rate-limited":
        raise Away(outcome.refused.problem)  # the script tries again
    page = render_template("invitations/draft.html", draft=outcome.kept, other=outcome.other, form=form)
    return page, 200 if outcome.kept else 409


def _keep(project: str, form: Form) -> Outcome:
    based_on = request.form.get("_other" if request.form.get("_do") == "mine" else "_draft", "")
    texts = {name: form[name] for name in TYPED}
    outcome = drafts.keep(visit().caller, project, texts, based_on)
    if outcome.ended and _own(project):  # a new draft would hide the quote from its mentor
        form.problem = visit().words.gettext("Votre devis vient d'être remis, ici ou ailleurs. Votre texte reste ici.")
        return outcome
    if outcome.ended:
        outcome = drafts.keep(visit().caller, project, texts, "")
    if outcome.refused:
        form.refused(outcome.refused, visit().words)
    return outcome


def _editor(found: dict[str, Any], form: Form | None, outcome: Outcome | None = None) -> str:
    """The editor with what was typed; without a form, with the draft or else the quote that was handed in."""
    here, id = visit(), found["project_id"]
    round_, own, kept = here.caller.api.together(
        [lambda: here.caller.maybe("rounds", id), lambda: _own(id), lambda: drafts.read(here.caller, id)]
    )
    version = request.form.get("_draft", "")
    if form is None:
        form = prefilled(kept.texts if kept else _as_typed(own) if own else {})
        version = kept.version if kept else ""
    return render_template(
        "invitations/quote.html", invitation=found, round=round_, quote=own, form=form, version=version,
        draft=kept if kept and kept.version == version else None, other=outcome and outcome.other,
        account=here.session.account if here.session else "", done=request.args.get("done", ""),
    )  # fmt: skip


def _own(project: str) -> Any:
    quotes = visit().caller.maybe("quotes", project_id=project)
    return next((one for one in (quotes or {}).get("items", []) if one["state"] != "withdrawn"), None)


def _as_typed(quote: dict[str, Any]) -> dict[str, str]:
    """A quote as its mentor would type it again."""
    typed_price = f"{quote['price']['amount'] / 100:.2f}"
    if visit().words.locale == "fr":
        typed_price = typed_price.replace(".", ",")
    return {**{name: quote[name] for name in ("starts_on", "valid_until", "proposal")}, "price": typed_price,
            "days": visit().words.number(quote["days"])}  # fmt: skip


def _terms(form: Form) -> dict[str, Any] | None:
    """The body of a quote; None, with messages in the form, if something cannot be read."""
    words = visit().words
    cents, days = amount(form["price"]), number(form["days"])
    if cents is None:
        form.miss("price", words.gettext("Un montant est attendu, comme 1 200,50."))
    if days is None:
        form.miss("days", words.gettext("Un nombre de jours est attendu, comme 3,5."))
    for name in ("starts_on", "valid_until"):
        if not form[name]:
            form.miss(name, words.gettext("Une date est attendue."))
    if form.wrong:
        return None
    return {"price": {"amount": cents, "currency": form["currency"] or "EUR"}, "days": days,
            **{name: form[name] for name in ("starts_on", "valid_until", "proposal")}}  # fmt: skip


def _hand_in(project: str, own: Any, terms: dict[str, Any]) -> Answer:
    if own:
        return visit().caller.do("PATCH", "quotes", own["id"], body=terms)
    return visit().caller.do("POST", "quotes", body={"project_id": project, **terms}, key=form_key())


@routes.get("/invitations/<id>/receipt")
@signed_in("mentor")
def receipt(id: str) -> str:
    """The receipt of a quote, and how to check it without trusting us."""
    found = visit().caller.read("invitations", id)
    if not (own := _own(found["project_id"])):
        raise NotFound
    return render_template("invitations/receipt.html", invitation=found, own=own)


@routes.route("/invitations/<id>/withdraw", methods=["GET", "POST"])
@signed_in("mentor")
def withdraw(id: str) -> Any:
    """Takes a quote back while the window is open."""
    form, found = typed(request.form), visit().caller.read("invitations", id)
    own = _own(found["project_id"]) if doing() else None
    if own:
        answer = visit().caller.do("DELETE", "quotes", own["id"])
        if answer.ok:
            return go(f"/invitations/{id}?done=withdrawn")
        form.problem = refusal(answer, visit().words)
    return render_template("invitations/withdraw.html", invitation=found, form=form), 409 if form.wrong else 200
