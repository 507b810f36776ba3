"""Programmes as a list, one programme with what comes next, its texts and rules, its end and its copy."""

from typing import Any

from flask import Blueprint, render_template, request

from web import present
from web.forms import Form, lines, prefilled, refusal, typed, whole
from web.pages.programmes.common import owned
from web.visit import doing, form_key, go, remember_part, signed_in, visit

routes = Blueprint("programmes", __name__)
TICKS = ("cross_company", "same_team", "same_chain")
NUMBERS = ("capacity", "mentee_capacity")
NAMES = {
    "contact.name": "contact_name", "contact.email": "contact_email",
    **{f"rules.{name}": name for name in (*TICKS, *NUMBERS, "cover", "answer_within")},
}  # fmt: skip
"""The API's fields, and those of the form."""


@routes.get("/programmes")
@signed_in("client", "mentor")
def programmes() -> str:
    """The programmes that the visitor runs, organises or takes part in, newest first."""
    page = visit().caller.read("programmes", limit=20, cursor=request.args.get("cursor", ""))
    if page["items"]:
        remember_part()
    return render_template("programmes/list.html", page=page, of=present.PROGRAMME)


@routes.route("/programmes/new", methods=["GET", "POST"])
@signed_in("client")
def new() -> Any:
    """The texts and rules of a new programme."""
    here, form = visit(), typed(request.form)
    if request.method == "GET":
        form = _first(here.caller.maybe("organisations", "me"))
    elif doing():
        answer = here.caller.do("POST", "programmes", body={"kind": form["kind"], **_body(form)}, key=form_key())
        if answer.ok:
            return go(f"/programmes/{answer.body['id']}?done=created")
        form.refused(answer, here.words, NAMES)
    return render_template("programmes/edit.html", programme=None, form=form), 422 if form.wrong else 200


def _first(organisation: Any) -> Form:
    """What is known before anything is typed: the organisation, its contact, and rules that suit most programmes."""
    known: dict[str, Any] = {"kind": "pairing", "language": visit().words.locale, "cover": "mentees",
                             "capacity": "1", "mentee_capacity": "1", "answer_within": "P7D"}  # fmt: skip
    if organisation:
        contact = organisation["contact"]
        known |= {"host": organisation["name"], "contact_name": contact["name"], "contact_email": contact["email"]}
    return prefilled(known)


def _body(form: Form) -> dict[str, Any]:
    """The body of a programme."""
    numbers = {name: whole(form[name]) for name in NUMBERS}
    contact = {"name": form["contact_name"], "email": form["contact_email"]}
    return {
        "name": form["name"], "language": form["language"], "purpose": form["purpose"], "host": form["host"],
        "organisations": lines(form["organisations"]) or lines(form["host"]),
        "contact": contact if any(contact.values()) else None,
        "rules": {"cover": form["cover"], "answer_within": form["answer_within"], **numbers,
                  **{name: form.has(name, "on") for name in TICKS}},
    }  # fmt: skip


@routes.get("/programmes/<id>")
@signed_in("client", "mentor")
def programme(id: str) -> Any:
    """One programme: what comes next, and the way to everything else."""
    here = visit()
    found = here.caller.read("programmes", id)
    if found["my_part"] == ["participant"]:
        return go(f"/pair/{id}")
    counted = here.caller.read("programmes", id, "participants", limit=1)
    return render_template("programmes/one.html", programme=found, counts=counted["counts"] or {},
                           state=present.PROGRAMME[found["state"]], owner="owner" in found["my_part"],
                           done=request.args.get("done", ""))  # fmt: skip


@routes.route("/programmes/<id>/rules", methods=["GET", "POST"])
@signed_in("client")
def rules(id: str) -> Any:
    """Changes texts and rules, until the publication."""
    here, form, found = visit(), typed(request.form), owned(id)
    if request.method == "GET":
        form = prefilled(_as_typed(found))
    elif doing():
        answer = here.caller.do("PATCH", "programmes", id, body=_body(form))
        if answer.ok:
            return go(f"/programmes/{id}?done=saved")
        form.refused(answer, here.words, NAMES)
    return render_template("programmes/edit.html", programme=found, form=form), 422 if form.wrong else 200


def _as_typed(found: Any) -> dict[str, Any]:
    contact = found["contact"] or {}
    return {
        **{name: found[name] for name in ("name", "kind", "language", "purpose", "host")},
        "organisations": "\n".join(found["organisations"]),
        "contact_name": contact.get("name"), "contact_email": contact.get("email"),
        **{name: found["rules"][name] for name in (*NUMBERS, "cover", "answer_within")},
        **{name: "on" for name in TICKS if found["rules"][name]},
    }  # fmt: skip


@routes.route("/programmes/<id>/closing", methods=["GET", "POST"])
@signed_in("client")
def closing(id: str) -> Any:
    """Closes a programme under way: everybody is thanked."""
    form, found = Form(), owned(id)
    if doing():
        answer = visit().caller.do("POST", "programmes", id, "closing", key=form_key())
        if answer.ok:
            return go(f"/programmes/{id}?done=closed")
        form.problem = refusal(answer, visit().words)
    return render_template("programmes/closing.html", programme=found, form=form), 409 if form.problem else 200


@routes.route("/programmes/<id>/copy", methods=["GET", "POST"])
@signed_in("client")
def copy(id: str) -> Any:
    """A new programme with the same rules and texts, without people."""
    here, form, found = visit(), typed(request.form), owned(id)
    if doing():
        answer = here.caller.do("POST", "programmes", id, "copy", body={"name": form["name"]}, key=form_key())
        if answer.ok:
            return go(f"/programmes/{answer.body['id']}?done=created")
        form.refused(answer, here.words)
    return render_template("programmes/copy.html", programme=found, form=form), 422 if form.wrong else 200
