"""The audit trail of each service: who read or did what, about whom, when and why."""

from urllib.parse import urlencode

from flask import render_template, request

from web import operated
from web.pages.ops.frame import listed, pages
from web.visit import visit

routes = pages("trail")


@routes.get("/audit")
def trail() -> str:
    """One service's trail, newest first, of everybody or of one person."""
    asked = {name: "".join(request.args.get(name, "").split()) for name in ("who", "whom")}
    service = request.args.get("service", "accounts")
    if service not in operated.SERVICE:
        service = "accounts"
    path = ("audit",) if service == "accounts" else (service, "audit")
    names = [(name, visit().words.gettext(text)) for name, text in operated.SERVICE.items()]
    return render_template("ops/audit.html", page=listed(*path, **asked), service=service, names=names, asked=asked,
                           deeds=operated.DEED, query=urlencode({"service": service, **asked}) + "&")  # fmt: skip
