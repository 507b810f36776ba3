"""A client ends its project without a choice, and every mentor reads why."""

from collections.abc import Callable
from datetime import datetime

from chassis.facts import Fact
from chassis.http.auth import Actor
from chassis.http.commands import command
from chassis.http.etags import check_if_match
from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork
from services.projects import store
from services.projects.api.views import project_view, timed
from services.projects.model import Project, scan

How = Callable[[Project, str, datetime], list[Fact]]


def end(work: UnitOfWork, actor: Actor, project_id: str, how: How, reason: str) -> Document:
    """The project as it is then. ``how`` is `Project.cancel` or `Project.refuse`; a reason that tells is refused."""

    def effect(unit: Unit) -> Document:
        project = store.my_project(unit, project_id, actor)
        check_if_match({"version": project.version})
        facts = how(project, reason, unit.now)
        scan({"reason": reason}, store.reasoned_as(unit, project), redacting=False)
        store.save_project(unit, project, facts)
        return project_view(project)

    return timed(command(work, actor, effect))
