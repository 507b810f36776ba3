"""A mentor's profile, with the card beside it as clients see it."""

from typing import Any

from flask import Blueprint, render_template, request

from web.forms import Form, amount, lines, prefilled, typed
from web.pages.skills import named, searched
from web.visit import go, signed_in, visit

routes = Blueprint("profile", __name__)
TEXTS = ("display_name", "headline", "school", "bio")


@routes.get("/profile")
@signed_in("mentor")
def profile() -> str:
    """The form, with what is known."""
    found = visit().caller.maybe("mentors", "me")
    return _page(prefilled(_as_typed(found)))


@routes.post("/profile")
@signed_in("mentor")
def change() -> Any:
    """Keeps the profile, or searches skills, as the pressed button says."""
    form, here = typed(request.form), visit()
    body: dict[str, Any] = {name: form[name].strip() for name in TEXTS} | {
        "skills": form.all("skills"), "languages": form.all("languages"),
        "timezone": form["timezone"] or "Europe/Paris",
        "excluded_organisations": lines(form["excluded_organisations"]), "paused": form.has("paused", "on"),
    }  # fmt: skip
    cents = amount(form["day_rate"])
    if cents is None:
        form.miss("day_rate", here.words.gettext("Un montant est attendu, comme 450."))
    else:
        body["day_rate"] = {"amount": cents, "currency": "EUR"}
    if form["weekly_invitations"].isdecimal():
        body["weekly_invitations"] = int(form["weekly_invitations"])
    if form["available_from"]:
        body["available_from"] = form["available_from"]
    if request.form.get("_do") != "save":
        form.errors.clear()
        return _page(form)
    if form.wrong:
        return _page(form), 422
    answer = here.caller.do("PUT", "mentors", "me", body=body)
    if answer.ok:
        return go("/profile?done=saved")
    return _page(form.refused(answer, here.words, {"day_rate.amount": "day_rate"})), 422


@routes.post("/profile/skills")
@signed_in("mentor")
def skills() -> str:
    """The fragment with the skills that were searched."""
    form = typed(request.form)
    chosen, found = named(form.all("skills")), searched(form, "skills")
    return render_template("topics.html", name="skills", form=form, chosen=chosen, found=found)


def _page(form: Form) -> str:
    chosen, found = named(form.all("skills")), searched(form, "skills")
    return render_template("profile.html", form=form, chosen=chosen, found=found, done=request.args.get("done", ""))


def _as_typed(found: Any) -> dict[str, Any]:
    session = visit().session
    if not found:
        return {"display_name": session.name if session else "", "languages": visit().words.locale,
                "weekly_invitations": 5, "timezone": "Europe/Paris"}  # fmt: skip
    rate = found["day_rate"]["amount"]
    return {
        **{name: found.get(name) for name in (*TEXTS, "skills", "languages", "weekly_invitations", "timezone")},
        "day_rate": f"{rate // 100}" if rate % 100 == 0 else f"{rate / 100:.2f}",
        "available_from": found.get("available_from"),
        "excluded_organisations": "\n".join(found.get("excluded_organisations") or []),
        "paused": "on" if found.get("paused") else None,
    }
