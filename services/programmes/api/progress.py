"""The progress of a programme."""

from chassis.http.auth import Actor
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import taking_part
from services.programmes.model.progress.progress import Progress
from services.programmes.views.progress import progress_view


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("progress", __name__)

    @blueprint.get("/api/programmes/<programme_id>/progress")
    @taking_part
    @blueprint.arguments(schemas.LocaleQuery, location="query")
    @blueprint.response(200, schemas.ProgressSchema)
    def read_progress(query: Document, programme_id: str, *, actor: Actor) -> Document:
        """Aggregates of at least five people, for those who run the programme, and its organisers."""
        standing = store.standing(work.database, programme_id, actor)
        standing.check_organises()
        progress = store.find_progress(work.database, programme_id) or Progress(programme_id)
        language = query["locale"] or standing.programme.language
        titles = {one.id: one.title for one in store.challenges_of(work.database, programme_id)}
        return progress_view(progress, None if standing.runs else standing.organisation, language, titles)

    return blueprint
