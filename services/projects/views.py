"""What is shown of a project, its questions, its reports and its order."""

from datetime import datetime, timedelta

from chassis.mongo import Document
from contracts.market import SLOTS
from services.projects.model import Project
from services.projects.orders import amounts, missing, revision
from services.projects.paper.words import notes, vat_note
from services.projects.questions import Question
from services.projects.reports import Report

ORDER_SHOWN = (
    *("number", "awarded_at", "issued_at", "revised_at"),
    *("title", "client", "scope", "days", "starts_on", "price"),
)


def project_view(project: Project) -> Document:
    """What is shown of a project. The window is in seconds here: an answer is kept as BSON, which has no durations."""
    optional = {
        "budget": project.budget,
        "relaunched_from": project.relaunched_from,
        "ended": project.ended,
        "quote_id": project.quote_id,
    }
    return {
        "id": project.id,
        "state": project.state,
        "title": project.title,
        "brief": project.brief,
        "topics": project.topics,
        "languages": project.languages,
        "window": project.window.total_seconds(),
        "closes_at": project.closes_at,
        "slots": SLOTS,
        "created_at": project.created_at,
        **{name: value for name, value in optional.items() if value is not None},
    }


def reviewed_view(project: Project, now: datetime, period: timedelta) -> Document:
    """What is shown of a project, with its reviews once they are."""
    reviews = project.shown_reviews(now, period)
    return project_view(project) | ({"reviews": reviews} if reviews else {})


def timed(view: Document) -> Document:
    """The view with its window as a duration again."""
    return {**view, "window": timedelta(seconds=view["window"])}


def order_view(order: Document, language: str, receipt_keys: str) -> Document:
    """An order, the same to both sides; of the mentor it shows the card's id, never the account's."""
    quote, price, vat, found = order["quote"], order["price"], order["vat"], amounts(order)
    tax, total = found or (None, None)
    taxed = {"amount": {**price, "amount": tax}} if tax else {}
    return {
        "project_id": order["_id"],
        "revision": revision(order),
        **{name: order[name] for name in ORDER_SHOWN},
        "mentor": {"id": order["mentor"]["mentor_id"], "billing": order["mentor"]["billing"]},
        "quote": {**quote, "id": quote["quote_id"], "receipt_keys": receipt_keys},
        "vat": {**(vat or {"regime": None}), **taxed, "note": vat_note(order, language)},
        **({"total": {**price, "amount": total}} if total else {}),
        "missing": missing(order),
        "notes": notes(order, language),
    }


def question_view(question: Question, text: str) -> Document:
    """A question; ``text`` is what its reader may see of what was asked."""
    return {
        "id": question.id,
        "asker": question.pseudonym,
        "text": text,
        "answer": question.answer,
        "created_at": question.created_at,
        "answered_at": question.answered_at,
    }


def report_view(report: Report, project: Document) -> Document:
    """A report as operators see it, with ``title``, ``brief`` and ``state`` of the project that it is about."""
    shown = {name: getattr(report, name) for name in ("id", "project_id", "account", "side", "reason", "created_at")}
    about = {name: project.get(name, "") for name in ("title", "brief")} | {"project_state": project.get("state", "")}
    resolved = {"resolution": report.resolution} if report.resolution else {}
    return {**shown, "state": report.state, **about, **resolved}
