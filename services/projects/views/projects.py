"""Response bodies for projects."""

from datetime import datetime, timedelta

from chassis.mongo import Document
from contracts.market import SLOTS
from services.projects.model.project import Project


def project_view(project: Project) -> Document:
    """A project. The window is in seconds: answers are stored as BSON, which has no durations; see `timed`."""
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
    """A project with its reviews, once they are visible."""
    reviews = project.shown_reviews(now, period)
    return project_view(project) | ({"reviews": reviews} if reviews else {})


def timed(view: Document) -> Document:
    """The view with its window converted back from seconds to a duration."""
    return {**view, "window": timedelta(seconds=view["window"])}
