"""Notifications, and which of them come by mail."""

from itertools import groupby
from typing import Any

from flask import Blueprint, render_template, request

from web import present
from web.forms import Form, prefilled, typed
from web.visit import doing, go, signed_in, visit

routes = Blueprint("notifications", __name__)
PAGE = 30
TO_CHOSEN = ("chosen", "project-completed", "review-shown")
"""What a chosen mentor reads of the project itself; everything else is on the page of the invitation."""
BELOW = {"question-answered": "#questions", "claim-ending": "/quote"}
"""Where below the page of the invitation a notification leads."""


@routes.get("/notifications")
@signed_in()
def notifications() -> str:
    """The person's notifications by day."""
    here = visit()
    page = here.caller.read("notifications", limit=PAGE, cursor=request.args.get("cursor", ""))
    days = [(day, list(items)) for day, items in groupby(page["items"], lambda one: here.words.day(one["created_at"]))]
    return render_template("notifications/list.html", days=days, page=page)


@routes.get("/notifications/<id>")
@signed_in()
def follow(id: str) -> Any:
    """Leads to the thing itself, and marks the notification as read."""
    caller = visit().caller
    answer = caller.do("POST", "notifications", id, "read", body={})
    if not answer.ok:
        return go("/notifications")
    return go(_place(answer.body))


def _place(found: dict[str, Any]) -> str:
    """The page of what a notification is about, for this reader."""
    kind, project = found["kind"], found["project_id"]
    if not project:
        return _place_of_programme(found["programme_id"])
    if visit().role == "client":
        return f"/projects/{project}" + ("/questions" if kind == "question-asked" else "")
    if kind in TO_CHOSEN:
        return f"/projects/{project}"
    invited = visit().caller.read("invitations", project_id=project)["items"]
    if not invited:
        return "/invitations"
    return f"/invitations/{invited[0]['id']}{BELOW.get(kind, '')}"


def _place_of_programme(id: str) -> str:
    """The page of a programme for those who run it, a participant's own page, or the list for who has left it."""
    found = visit().caller.maybe("programmes", id)
    if not found:
        return "/programmes"
    return f"/pair/{id}" if found["my_part"] == ["participant"] else f"/programmes/{id}"


@routes.post("/notifications/read")
@signed_in()
def read_all() -> Any:
    """Marks everything up to a notification as read."""
    visit().caller.do("POST", "notifications", "read", body={"until": request.form.get("until", "")})
    return go("/notifications")


@routes.get("/notifications/unread")
@signed_in()
def unread() -> str:
    """The fragment of the bell."""
    found = visit().caller.maybe("notifications", "unread")
    return render_template("notifications/bell.html", unread=(found or {}).get("unread", 0))


@routes.get("/notifications/preferences")
@signed_in()
def preferences() -> str:
    """Kinds by channel, quiet hours, the daily mail and the time zone."""
    found = visit().caller.read("notifications", "preferences")
    return _preferences_page(prefilled(_as_typed(found)), found)


def _as_typed(found: Any) -> dict[str, Any]:
    ticked = [f"{kind}.{channel}" for kind, on in found["kinds"].items() for channel in on if on[channel]]
    quiet = found["quiet_hours"]
    return {"on": ticked, "quiet": "on" if quiet["on"] else None, "start": quiet["start"], "end": quiet["end"],
            "timezone": found["timezone"], "digest": found["digest"], "digest_at": found["digest_at"]}  # fmt: skip


def _preferences_page(form: Form, found: Any) -> str:
    return render_template("notifications/preferences.html", form=form, kinds=found["kinds"], names=present.KIND,
                           done=request.args.get("done", ""))  # fmt: skip


@routes.post("/notifications/preferences")
@signed_in()
def prefer() -> Any:
    """Keeps the preferences."""
    form, here = typed(request.form), visit()
    found = here.caller.read("notifications", "preferences")
    if not doing():
        return _preferences_page(form, found)
    kinds = {
        kind: {channel: form.has("on", f"{kind}.{channel}") for channel in on} for kind, on in found["kinds"].items()
    }
    body = {"kinds": kinds, "digest": form["digest"], "digest_at": form["digest_at"], "timezone": form["timezone"],
            "quiet_hours": {"on": form.has("quiet", "on"), "start": form["start"], "end": form["end"]}}  # fmt: skip
    answer = here.caller.do("PUT", "notifications", "preferences", body=body)
    if answer.ok:
        return go("/notifications/preferences?done=saved")
    return _preferences_page(form.refused(answer, here.words), found), 422


@routes.route("/unsubscribe/<token>", methods=["GET", "POST"])
def unsubscribe(token: str) -> Any:
    """Stops the kind of mail that the link stands in, without an account: asks first, because scanners follow links.

    Providers of mail send the POST themselves, from nowhere (RFC 8058): the token alone says that it may be done.
    """
    if request.method == "GET":
        return render_template("notifications/unsubscribe.html", kinds=None, names=present.KIND, old=False)
    answer = visit().caller.do("POST", "notifications", "unsubscribe", token, body={})
    page = render_template("notifications/unsubscribe.html", kinds=answer.body["kinds"] if answer.ok else None,
                           names=present.KIND, old=not answer.ok)  # fmt: skip
    return page, 200 if answer.ok else 404
