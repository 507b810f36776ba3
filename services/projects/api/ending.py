"""A client ends its project without a choice, and every mentor reads why."""

from collections.abc import Sequence

from chassis.facts import Fact
from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork
from services.projects import store
from services.projects.api.views import project_view
from services.projects.model import Project
from services.projects.scanning import Scanned


def scanned_reason(work: UnitOfWork, project_id: str, actor: Actor, reason: str) -> Scanned:
    """A reason, scanned before the transaction opens."""
    scanned = Scanned({"reason": reason})
    scanned.prepare(store.client_identity(work.database, project_id, actor))
    return scanned


def save_with_reason(unit: Unit, project: Project, facts: Sequence[Fact], reason: Scanned) -> Document:
    """The project as it is shown then; a reason that tells who the client is, is refused."""
    reason.clean_for(store.identity_within(unit, project))
    store.save_project(unit, project, facts)
    return project_view(project)
