"""A client's projects: posting, waiting, comparing, choosing, and what comes after."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from web import present
from web.api import ALL, Away, NotFound
from web.forms import Form, amount, lines, prefilled, refusal, typed
from web.pages.skills import named, searched
from web.visit import doing, form_key, go, signed_in, visit

routes = Blueprint("projects", __name__)
PAGE = 20


@routes.get("/projects")
@signed_in("client")
def projects() -> str:
    """The client's projects, newest first, open ones marked."""
    page = visit().caller.read("projects", limit=PAGE, cursor=request.args.get("cursor", ""))
    return render_template("projects/list.html", page=page, of=present.of_project)


# --- posting


@routes.get("/projects/new")
@signed_in("client")
def new() -> Any:
    """The form to post a project."""
    if visit().caller.maybe("organisations", "me") is None:
        return go("/organisation?first=1")
    return _posting_page(prefilled({"window": "PT48H", "languages": visit().words.locale, "close_early": "on"}))


@routes.post("/projects/new")
@signed_in("client")
def post() -> Any:
    """Checks, searches topics, or posts, as the pressed button says."""
    form, here = typed(request.form), visit()
    body = _posting(form)
    if request.form.get("_do") != "post" or form.wrong:
        return _posting_page(form, _advice(body)), 422 if form.wrong else 200
    answer = here.caller.do("POST", "projects", body=body, key=form_key())
    if answer.ok:
        return go(f"/projects/{answer.body['id']}?done=posted")
    form.refused(answer, here.words, {"budget": "budget", "topics": "topics"})
    if "topics" in form.errors and not body["topics"]:
        sentence = here.words.gettext("Choisissez au moins un sujet : cherchez-le, ou cochez-en un proposé.")
        form.errors["topics"] = [sentence]
    return _posting_page(form, _advice(body) or _leaks_of(answer)), 422


@routes.post("/projects/new/advice")
@signed_in("client")
def advice() -> str:
    """The fragment beside the form: what would tell who the client is, and what mentors will read."""
    form = typed(request.form)
    return render_template("projects/advice.html", advice=_advice(_posting(form)), form=form)


def _posting_page(form: Form, given: Any = None) -> str:
    chosen, found = named(form.all("topics")), searched(form, "topics")
    return render_template("projects/new.html", form=form, advice=given, chosen=chosen, found=found)


def _posting(form: Form) -> dict[str, Any]:
    """The body of a posting; messages about what cannot be read are in the form."""
    body: dict[str, Any] = {
        "title": form["title"].strip(), "brief": form["brief"].strip(), "topics": form.all("topics"),
        "languages": form.all("languages"), "window": form["window"] or "PT48H",
        "close_early": form.has("close_early", "on"), "auto_extend": form.has("auto_extend", "on"),
        "excluded_schools": lines(form["excluded_schools"]), "redact": form.has("redact", "on"),
        "confirmed": _confirmed(form),
    }  # fmt: skip
    if form["budget"].strip():
        if (cents := amount(form["budget"])) is None:
            form.miss("budget", visit().words.gettext("Un montant est attendu, comme 1 200,50."))
        else:
            body["budget"] = {"amount": cents, "currency": "EUR"}
    return body


def _confirmed(form: Form) -> list[dict[str, Any]]:
    """The doubtful places of which the client says that they are not its name."""
    return [place for text in form.all("confirmed") if (place := _place(text))]


def _place(text: str) -> dict[str, Any] | None:
    """A place in a text: `brief:12:18`."""
    field, _, rest = text.partition(":")
    start, _, end = rest.partition(":")
    return {"field": field, "start": int(start), "end": int(end)} if start.isdecimal() and end.isdecimal() else None


def _leaks_of(answer: Any) -> Any:
    """The places of a refusal; None if it has none: a refusal for another reason says nothing about names."""
    found = answer.body.get("leaks")
    return {"leaks": found} if found else None


def _advice(posting: dict[str, Any]) -> Any:
    """What the API says of a posting so far; None where it cannot say anything."""
    body = {name: value for name, value in posting.items() if value not in ("", [])}
    answer = visit().caller.do("POST", "projects", "preview", body=body)
    return answer.body if answer.ok else None


# --- one project


@routes.get("/projects/<id>")
@signed_in("client", "mentor")
def project(id: str) -> Any:
    """One project, for its client or its chosen mentor, in the state it is in."""
    here = visit()
    found = here.caller.read("projects", id)
    if here.role == "mentor":
        return _mentors_page(found)
    state = found["state"]
    rest: tuple[tuple[Any, ...], ...] = (("rounds", id), ("projects", id, "questions", ALL))
    if state not in ("collecting", "cancelled", "unfilled"):
        rest += (("quotes", {"project_id": id}), ("mentors", {"project_id": id, "limit": 50}))
    round_, questions, *more = here.caller.every(*rest)
    quotes, cards = [(one or {}).get("items", []) for one in more] or [[], []] if more else ([], [])
    return render_template(
        "projects/one.html", project=found, round=round_, questions=questions or [],
        chance=_chance(id, round_),
        state=present.of_project(state, "client", found.get("ended_by", "")),
        quotes=_with_cards(quotes, cards, request.args.get("sort", "")),
        topics=named(found["topics"]), done=request.args.get("done", ""), sort=request.args.get("sort", ""),
        printed="print" in request.args,
    )  # fmt: skip


def _mentors_page(found: dict[str, Any]) -> str:
    who = visit().caller.maybe("projects", found["id"], "client")
    state = present.of_project(found["state"], "mentor")
    done = request.args.get("done", "")
    return render_template("projects/revealed.html", project=found, who=who, state=state, done=done)


def _with_cards(quotes: list[Any], cards: list[Any], sort: str) -> list[Any]:
    """Each quote with its mentor's card, in the API's order, or in that of a column the reader chose."""
    by_id = {card["id"]: card for card in cards}
    joined = []
    for quote in quotes:
        card = by_id.get(quote.get("mentor_id"), {})
        joined.append({**quote, "card": card, "skills": named(card.get("skills", []))})
    keys = {"price": lambda one: one["price"]["amount"], "days": lambda one: one["days"],
            "starts_on": lambda one: one["starts_on"]}  # fmt: skip
    return sorted(joined, key=keys[sort]) if sort in keys else joined


@routes.get("/projects/<id>/live")
@signed_in("client")
def waiting(id: str) -> str:
    """The fragment that changes while quotes arrive."""
    found, round_ = visit().caller.every(("projects", id), ("rounds", id))
    if not found:
        raise NotFound
    return render_template("projects/waiting.html", project=found, round=round_, chance=_chance(id, round_))


def _chance(id: str, round_: Any) -> Any:
    """The chance of five quotes in time in an open round; None if it is not known, or who knows it is away."""
    if not round_ or round_["state"] != "open":
        return None
    try:
        return visit().caller.maybe("mentors", "chance", project_id=id)
    except Away:
        return None


def _one(id: str, quote: str) -> tuple[Any, Any]:
    """A project and one of its quotes with its card. Raises `NotFound`."""
    found, quotes, cards = visit().caller.every(
        ("projects", id), ("quotes", {"project_id": id}), ("mentors", {"project_id": id, "limit": 50})
    )
    joined = _with_cards((quotes or {}).get("items", []), (cards or {}).get("items", []), "")
    chosen = next((one for one in joined if one["id"] == quote), None)
    if not found or not chosen:
        raise NotFound
    return found, chosen


@routes.get("/projects/<id>/quotes/<quote>")
@signed_in("client")
def quote(id: str, quote: str) -> str:
    """One quote, with the whole proposal."""
    found, chosen = _one(id, quote)
    return render_template("projects/quote.html", project=found, quote=chosen)


@routes.route("/projects/<id>/quotes/<quote>/accept", methods=["GET", "POST"])
@signed_in("client")
def accept(id: str, quote: str) -> Any:
    """Says exactly who will learn what, and then does it."""
    here, form = visit(), typed(request.form)
    if doing():
        answer = _patiently(id, {"quote_id": quote})
        if answer.ok:
            return go(f"/projects/{id}?done=accepted")
        form.problem = refusal(answer, here.words)
    found, chosen = _one(id, quote)
    who = here.caller.read("projects", id, "client")
    page = render_template("projects/accept.html", project=found, quote=chosen, who=who, form=form)
    return page, 409 if form.problem else 200


def _patiently(id: str, body: dict[str, Any]) -> Any:
    """Accepts. Right after the deadline the news of it may still be under way, and the API asks to try again."""
    for left in (2, 1, 0):
        try:
            return visit().caller.do("POST", "projects", id, "acceptance", body=body, key=form_key())
        except Away:
            if not left:
                raise
    raise AssertionError("the loop returns or raises")


DEEDS = {"refuse": "refusal", "cancel": "cancellation"}
"""Deeds that give every mentor a reason, and the resource of each."""


@routes.route("/projects/<id>/<any(refuse, cancel):deed>", methods=["GET", "POST"])
@signed_in("client")
def end(id: str, deed: str) -> Any:
    """Takes none of the quotes, or cancels, with a reason for every mentor."""
    here, form = visit(), typed(request.form)
    leaks: list[Any] = []
    if doing():
        body = {"reason": form["reason"], "confirmed": _confirmed(form)}
        answer = here.caller.do("POST", "projects", id, DEEDS[deed], body=body, key=form_key())
        if answer.ok:
            return go(f"/projects/{id}?done={deed}")
        leaks = answer.body.get("leaks", [])
        form.refused(answer, here.words)
    found = here.caller.read("projects", id)
    page = render_template("projects/end.html", project=found, deed=deed, form=form, leaks=leaks)
    return page, 422 if form.wrong else 200


@routes.post("/projects/<id>/extension")
@signed_in("client")
def extend(id: str) -> Any:
    """Extends the window by half, once."""
    answer = visit().caller.do("POST", "rounds", id, "extension", body={}, key=form_key())
    return go(f"/projects/{id}?done={'extended' if answer.ok else 'not-extended'}")


@routes.post("/projects/<id>/relaunch")
@signed_in("client")
def relaunch(id: str) -> Any:
    """Posts the same brief again, as a new project."""
    answer = visit().caller.do("POST", "projects", id, "relaunch", body={}, key=form_key())
    again = (answer.body or {}).get("id" if answer.ok else "project_id")
    return go(f"/projects/{again}?done=relaunched" if again else f"/projects/{id}?done=not-relaunched")


# --- questions


@routes.get("/projects/<id>/questions")
@signed_in("client")
def questions(id: str) -> str:
    """Mentors' questions, those without an answer first."""
    return _questions_page(id, Form(), "")


def _questions_page(id: str, form: Form, which: str, leaks: Any = ()) -> str:
    found, asked = visit().caller.every(("projects", id), ("projects", id, "questions", ALL))
    if not found:
        raise NotFound
    items = sorted(asked or [], key=lambda one: one["answer"] is not None)
    return render_template("projects/questions.html", project=found, questions=items, form=form, which=which,
                           leaks=leaks, done=request.args.get("done", ""))  # fmt: skip


@routes.post("/projects/<id>/questions/<question>")
@signed_in("client")
def answer(id: str, question: str) -> Any:
    """Answers a question, and publishes it as asked or in the client's own words."""
    form = typed(request.form)
    if not doing():
        return _questions_page(id, form, question)
    body = {"text": form["text"], "confirmed": _confirmed(form)}
    if form["question"].strip():
        body["question"] = form["question"]
    given = visit().caller.do("POST", "projects", id, "questions", question, "answer", body=body, key=form_key())
    if given.ok:
        return go(f"/projects/{id}/questions?done=answered")
    leaks = given.body.get("leaks", []) if given.body else []
    return _questions_page(id, form.refused(given, visit().words), question, leaks), 422


# --- after the choice


@routes.get("/projects/<id>/order")
@signed_in("client", "mentor")
def order(id: str) -> str:
    """The order of an award."""
    here = visit()
    found = here.caller.read("projects", id, "order")
    mentor = here.session.name if here.role == "mentor" and here.session else _mentor_of(id, found)
    return render_template("projects/order.html", order=found, mentor=mentor)


def _mentor_of(id: str, order: dict[str, Any]) -> str:
    """The displayed name of the mentor of an order; empty where the card is gone."""
    cards = (visit().caller.maybe("mentors", project_id=id, limit=50) or {}).get("items", [])
    return next((card["display_name"] for card in cards if card["id"] == order["mentor"].get("id")), "")


@routes.get("/projects/<id>/order.pdf")
@signed_in("client", "mentor")
def order_as_pdf(id: str) -> Response:
    """The same as PDF."""
    found = visit().caller.answer("GET", f"/api/projects/{id}/order.pdf" if id.isascii() else "/api/none")
    answer = Response(found.content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = 'attachment; filename="releve.pdf"'
    return answer


@routes.route("/projects/<id>/review", methods=["GET", "POST"])
@signed_in("client", "mentor")
def review(id: str) -> Any:
    """Ends the mission with a review, which shows once both are in."""
    form = typed(request.form)
    if doing():
        rating = form["rating"]
        body = {"rating": int(rating) if rating.isdecimal() else 0, "comment": form["comment"]}
        given = visit().caller.do("POST", "projects", id, "completion", body=body, key=form_key())
        if given.ok:
            return go(f"/projects/{id}?done=reviewed")
        form.refused(given, visit().words)
    found = visit().caller.read("projects", id)
    return render_template("projects/review.html", project=found, form=form), 422 if form.wrong else 200


@routes.route("/projects/<id>/report", methods=["GET", "POST"])
@signed_in("client", "mentor")
def report(id: str) -> Any:
    """Reports abuse to the operators, and to nobody else."""
    form = typed(request.form)
    if doing():
        body = {"reason": form["reason"]}
        given = visit().caller.do("POST", "projects", id, "reports", body=body, key=form_key())
        if given.ok:
            return render_template("projects/reported.html")
        form.refused(given, visit().words)
    return render_template("projects/report.html", id=id, form=form), 422 if form.wrong else 200
