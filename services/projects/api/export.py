"""The export of a person's data."""

from chassis.http.auth import Actor, signed_in
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.projects import schemas, store
from services.projects.config import Config
from services.projects.model.orders import Client
from services.projects.model.project import Project
from services.projects.views.orders import order_view
from services.projects.views.organisations import organisation_view
from services.projects.views.paper import LANGUAGES
from services.projects.views.projects import project_view, timed


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("export", __name__)

    @blueprint.get("/api/projects/export")
    @signed_in()
    @blueprint.response(200, schemas.ExportSchema)
    def export_my_projects(*, actor: Actor) -> Document:
        """All data that this service holds about the caller."""
        held, now = store.read_everything(work, actor), work.now()
        projects = [
            _exported(project, client, project.shown_reviews(now, config.review_period))
            for project, client in held["projects"]
        ]
        orders = [order_view(order, LANGUAGES[0], config.receipt_keys) for order in held["orders"]]
        organisation = organisation_view(held["organisation"]) if held["organisation"] else None
        return {**held, "organisation": organisation, "projects": projects, "orders": orders}

    return blueprint


def _exported(project: Project, client: Client | None, shown: list[Document] | None) -> Document:
    kept = {"excluded_mentors": project.excluded_mentors, "excluded_schools": project.excluded_schools}
    revealed = {"revealed": client} if client else {}
    mine = [review for review in project.reviews if review["by"] == "client"]  # the mentor's only once shown
    return timed(project_view(project)) | kept | revealed | {"reviews": shown or mine}
