"""What is shown of a project."""

from datetime import timedelta

from chassis.mongo import Document
from services.projects.model import Project

SLOTS = 5


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


def timed(view: Document) -> Document:
    """The view with its window as a duration again."""
    return {**view, "window": timedelta(seconds=view["window"])}
