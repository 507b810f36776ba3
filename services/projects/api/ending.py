"""A client ends its project without a choice, and every mentor reads why."""

from collections.abc import Sequence

from chassis.facts import Fact
from chassis.mongo import Document
from chassis.unit import Unit
from services.projects import store
from services.projects.api.views import project_view
from services.projects.model import Project, scan


def save_with_reason(unit: Unit, project: Project, facts: Sequence[Fact], reason: str) -> Document:
    """The project as it is shown then; a reason that tells who the client is, is refused."""
    scan({"reason": reason}, store.reasoned_as(unit, project), redacting=False)
    store.save_project(unit, project, facts)
    return project_view(project)
