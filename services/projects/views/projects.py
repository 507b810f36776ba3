"""What is shown of a project."""

from datetime import datetime, timedelta

from chassis.mongo import Document
from contracts.market import SLOTS
from services.projects.model.project import Project


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
