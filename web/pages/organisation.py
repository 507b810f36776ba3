"""A client's organisation, its people, and its billing details."""

from typing import Any

from flask import Blueprint, render_template, request

from web.forms import Form, lines, prefilled, secret_of, typed
from web.visit import doing, form_key, go, parts, signed_in, visit

routes = Blueprint("organisation", __name__)
LISTS = ("aliases", "domains", "people", "products")


@routes.get("/organisation")
@signed_in("client")
def organisation() -> str:
    """Who the client is: seen by the platform, and by the mentor it chooses."""
    found = visit().caller.maybe("organisations", "me")
    return _page(prefilled(_as_typed(found)), found)


@routes.post("/organisation")
@signed_in("client")
def describe() -> Any:
    """Keeps the description."""
    form = typed(request.form)
    if not doing():
        return _page(form, None)
    body: dict[str, Any] = {
        "name": form["name"], "sector": form["sector"], "size": form["size"],
        **{name: lines(form[name]) for name in LISTS},
        "contact": {"name": form["contact_name"], "email": form["contact_email"]},
    }  # fmt: skip
    if form["contact_phone"].strip():
        body["contact"]["phone"] = form["contact_phone"]
    if form["siren"].strip():
        body["siren"] = form["siren"].replace(" ", "")
    if form["sector_id"]:
        body["sector_id"] = form["sector_id"]
    answer = visit().caller.do("PUT", "organisations", "me", body=body)
    if answer.ok:
        return go("/projects/new" if request.form.get("_first") else "/organisation?done=saved")
    names = {f"contact.{name}": f"contact_{name}" for name in ("name", "email", "phone")}
    return _page(form.refused(answer, visit().words, names), None), 422


def _page(form: Form, found: Any) -> str:
    listed = visit().caller.read("organisations", "sectors", limit=100)["items"]
    sectors = [(one["id"], one[visit().words.locale]) for one in listed]
    return render_template("organisation/organisation.html", form=form, organisation=found, sectors=sectors,
                           first=request.args.get("first", request.form.get("_first", "")),
                           done=request.args.get("done", ""))  # fmt: skip


def _as_typed(found: Any) -> dict[str, Any]:
    if not found:
        session = visit().session
        return {"contact_name": session.name if session else ""}
    contact = found["contact"]
    return {
        **{name: found.get(name) for name in ("name", "sector", "size", "siren")},
        **{name: "\n".join(found.get(name) or []) for name in LISTS},
        **{f"contact_{name}": contact.get(name) for name in ("name", "email", "phone")},
        "sector_id": (found.get("sector_shown") or {}).get("id") if found.get("sector_id") else "",
    }


@routes.get("/organisation/people")
@signed_in("client")
def people() -> str:
    """Colleagues who act for the organisation."""
    return _people_page()


def _people_page(form: Form | None = None, link: str = "") -> str:
    """The page; without a form, the own name is the one that colleagues read, or else that of the account."""
    session = visit().session
    lists = visit().caller.every(*(("organisations", "me", name) for name in ("members", "invitations")))
    members, invitations = ((found or {}).get("items", []) for found in lists)
    own = next((one for one in members if session and one["id"] == session.account), None)
    name = (own or {}).get("display_name") or (session.name if session else "")
    return render_template("organisation/people.html", members=members, own=own, link=link,
                           owner=(own or {}).get("role") == "owner", invitations=invitations,
                           form=form or prefilled({"display_name": name}),
                           done=request.args.get("done", ""))  # fmt: skip


@routes.post("/organisation/people/me")
@signed_in("client")
def name_myself() -> Any:
    """Tells the colleagues one's name."""
    form = typed(request.form)
    if not doing():
        return _people_page(form)
    body = {"display_name": form["display_name"]}
    answer = visit().caller.do("PUT", "organisations", "me", "members", "me", body=body)
    if answer.ok:
        return go("/organisation/people?done=named")
    return _people_page(form.refused(answer, visit().words)), 422


@routes.post("/organisation/people")
@signed_in("client")
def invite() -> Any:
    """Makes a link for one colleague; it is shown once."""
    role = "owner" if request.form.get("role") == "owner" else "member"
    answer = visit().caller.do("POST", "organisations", "me", "invitations", body={"role": role}, key=form_key())
    if not answer.ok:
        return go("/organisation/people?done=refused")
    return _people_page(link=f"{parts().config.public}/join-organisation#{answer.body['token']}")


@routes.post("/organisation/people/invitations/<id>/withdraw")
@signed_in("client")
def withdraw(id: str) -> Any:
    """Takes back a link that nobody has used yet."""
    answer = visit().caller.do("DELETE", "organisations", "me", "invitations", id)
    done = "withdrawn" if answer.ok else "used" if answer.status == 404 else "refused"
    return go(f"/organisation/people?done={done}")


@routes.post("/organisation/people/<account>/remove")
@signed_in("client")
def remove(account: str) -> Any:
    """Removes a colleague, or the person who asks."""
    answer = visit().caller.do("DELETE", "organisations", "me", "members", account)
    return go("/organisation/people?done=" + ("removed" if answer.ok else "refused"))


@routes.route("/join-organisation", methods=["GET", "POST"])
@signed_in("client")
def join() -> Any:
    """Joins the organisation of a colleague's link."""
    form = typed(request.form)
    if doing():
        token = secret_of(form["token"])
        answer = visit().caller.do("POST", "organisations", "invitations", token, body={}, key=form_key())
        if answer.ok:
            return go("/organisation/people?done=joined")
        form.problem = visit().words.gettext("Ce lien a servi, ou il est trop ancien. Demandez-en un autre.")
    return render_template("organisation/join.html", form=form), 422 if form.wrong else 200


@routes.route("/billing", methods=["GET", "POST"])
@signed_in("client", "mentor")
def billing() -> Any:
    """Billing details, which orders carry."""
    here = visit()
    if request.method == "GET":
        return _billing_page(prefilled(_flat(here.caller.maybe("projects", "billing", "me"))))
    form = typed(request.form)
    if not doing():
        return _billing_page(form)
    address = {name: form[name] for name in ("street", "postal_code", "city", "country")}
    body: dict[str, Any] = {"legal_name": form["legal_name"], "address": address}
    for name in ("siren", "vat_number", "vat_regime"):
        if form[name].strip():
            body[name] = form[name].strip()
    answer = here.caller.do("PUT", "projects", "billing", "me", body=body)
    if answer.ok:
        return go("/billing?done=saved")
    names = {f"address.{name}": name for name in address}
    return _billing_page(form.refused(answer, here.words, names)), 422


def _billing_page(form: Form) -> str:
    return render_template("organisation/billing.html", form=form, done=request.args.get("done", ""))


def _flat(found: Any) -> dict[str, Any]:
    return {**found.get("address", {}), **found} if found else {"country": "FR"}
