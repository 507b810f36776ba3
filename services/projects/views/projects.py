"""Response bodies for projects."""

from datetime import datetime, timedelta

from chassis.mongo import Document
from contracts.market import SLOTS
from contracts.wordings import SHOWN
from services.projects.model.project import Project


def project_view(project: Project) -> Document:
    """A project. The window is in seconds: answers are stored as BSON, which has no durations; see `timed`."""
    optional = {
        "budget": project.budget,
        "relaunched_from": project.relaunched_from,
        "ended": project.ended,
        "quote_id": project.quote_id,
        "awarded_at": project.awarded_at,
        "completed_at": project.completed_at,
        "client_shown": project.client_shown if project.client_shown != SHOWN[0] else None,
        "ended_by": project.ended_by,
        "ended_for": project.moderated_for or project.cancelled_for or project.refused_for,
        "relaunched_as": project.relaunched_as,
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


def reviewed_view(project: Project, account: str, now: datetime, period: timedelta, unanswered: int = 0) -> Document:
    """A project as this account reads it: with its own review, with all once they show, and with a client's tasks."""
    mine, client = project.review_of(account), account in project.clients
    more = {
        "reviews": project.shown_reviews(now, period),
        "my_review": mine and {name: mine[name] for name in ("rating", "comment", "at")},
        "reviews_at": project.reviews_at(period),
        "choose_until": project.choose_until if client else None,
        "unanswered": unanswered if client and project.state == "collecting" else None,
    }
    return project_view(project) | {name: value for name, value in more.items() if value is not None}


def timed(view: Document) -> Document:
    """The view with its window converted back from seconds to a duration."""
    return {**view, "window": timedelta(seconds=view["window"])}
