"""Enrolling people from a spreadsheet whose errors are mended in the page; correcting and removing them."""

from typing import Any

from flask import Blueprint, render_template, request

from web import rows
from web.api import Answer, path
from web.forms import Form, field_message, lines, prefilled, refusal, typed
from web.pages.programmes.common import organised
from web.refusals import ROWS
from web.visit import doing, form_key, go, signed_in, visit

routes = Blueprint("enrolling", __name__)
TEXTS = ("name", "email", "team", "manager_ref", "place")
LISTS = ("offers", "wants", "languages")


@routes.get("/programmes/<id>/participants")
@signed_in("client")
def participants(id: str) -> str:
    """Who is enrolled, who has agreed, and the form to enrol more."""
    return _list_page(id, Form())


def _list_page(id: str, form: Form) -> str:
    found = organised(id)
    page = visit().caller.read("programmes", id, "participants", limit=50, cursor=request.args.get("cursor", ""))
    return render_template("programmes/participants.html", programme=found, page=page, form=form,
                           done=request.args.get("done", ""))  # fmt: skip


@routes.post("/programmes/<id>/participants")
@signed_in("client")
def enrol(id: str) -> Any:
    """Checks a file or a pasted table, checks it again once it is mended, or enrols its people, as the button says."""
    form, deed = typed(request.form), request.form.get("_do", "")
    table = rows.mended(form)
    if deed in ("enrol", "partial") and doing() and table:
        answer = _send(id, rows.as_csv(table), key=form_key(), partial="true" if deed == "partial" else "")
        if answer.ok and answer.body["accepted"]:
            return go(f"/programmes/{id}/participants?done=enrolled")
        if not answer.ok:
            form.problem = refusal(answer, visit().words)
            return _list_page(id, form), 409
    sent = request.files.get("file")
    content = rows.as_csv(table) if table else sent.read() if sent else b""
    return _checked_page(id, content or form["pasted"].encode(), form)


def _send(id: str, content: bytes, key: str = "", **query: str) -> Answer:
    """Sends a spreadsheet; a refusal is a value."""
    conditions = {"Idempotency-Key": key} if key else {}
    target = path("programmes", id, "participants", **query)
    return visit().caller.answer("POST", target, content, conditions, refusals=True)


def _checked_page(id: str, content: bytes, form: Form) -> Any:
    """What the API says of a spreadsheet: its people to confirm, or its table to mend."""
    words = visit().words
    if not content.strip():
        form.miss("file", words.gettext("Choisissez un fichier, ou collez un tableau."))
        return _list_page(id, form), 422
    answer = _send(id, content, check="true")
    if not answer.ok:
        if answer.errors:
            form.errors["file"] = [field_message(error, words) for error in answer.errors]
        else:
            form.problem = refusal(answer, words)
        return _list_page(id, form), 422
    found, programme = answer.body, organised(id)
    told = programme["language"] == words.locale  # then the API's own sentence is the more precise one
    for problem in found["rejected"]:
        message = problem["message"] if told else words.gettext(ROWS.get(problem["code"], "Ce n'est pas accepté ici."))
        form.miss(rows.cell(problem["line"], problem["field"]), message)
    wrong = {problem["line"] for problem in found["rejected"]}
    warnings = [one["message"] if told else words.gettext(ROWS[one["code"]]) for one in found["warnings"]]
    table = rows.as_read(found["rows"])
    shown = [field for field in rows.FIELDS
             if field in rows.ALWAYS or any(rows.cell(line, field) in form.errors for line in wrong)]  # fmt: skip
    page = render_template(
        "programmes/check.html", programme=programme, form=form, table=table, wrong=sorted(wrong & table.keys()),
        shown=shown, cell=rows.cell, packed=rows.packed(table), warnings=list(dict.fromkeys(warnings)),
    )  # fmt: skip
    return page, 422 if wrong else 200


@routes.route("/programmes/<id>/participants/<ref>", methods=["GET", "POST"])
@signed_in("client")
def participant(id: str, ref: str) -> Any:
    """One person: correcting their data, until the publication."""
    here, form = visit(), typed(request.form)
    person = here.caller.read("programmes", id, "participants", ref)
    if request.method == "GET":
        form = prefilled({**person, **{name: ", ".join(person[name]) for name in LISTS}})
    elif doing():
        body = {name: form[name] for name in (*TEXTS, "side")} | {name: lines(form[name]) for name in LISTS}
        answer = here.caller.do("PATCH", "programmes", id, "participants", ref, body=_changed(body, person))
        if answer.ok:
            return go(f"/programmes/{id}/participants?done=corrected")
        form.refused(answer, here.words)
    page = render_template("programmes/participant.html", programme=organised(id), person=person, form=form)
    return page, 422 if form.wrong else 200


def _changed(body: dict[str, Any], person: Any) -> dict[str, Any]:
    """The changed fields. A language or place may be unknown, and stays unknown unless it is filled in."""
    return {name: value for name, value in body.items() if value != (person[name] or type(value)())}


@routes.post("/programmes/<id>/participants/<ref>/remove")
@signed_in("client")
def remove(id: str, ref: str) -> Any:
    """Removes a person with their data; once the programme is under way they leave it."""
    answer = visit().caller.do("DELETE", "programmes", id, "participants", ref)
    return go(f"/programmes/{id}/participants?done={'removed' if answer.ok else 'refused'}")
