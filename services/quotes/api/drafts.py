"""A mentor's draft of a quote, kept while the window is open."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.quotes import commands, schemas, store
from services.quotes.views import draft_view

PATH = "/api/rounds/<project_id>/draft"


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("drafts", __name__)

    @blueprint.put(PATH)
    @signed_in("mentor")
    @refuses("window-ended", "declined")
    @blueprint.arguments(schemas.DraftBody)
    @blueprint.response(200, schemas.DraftSchema)
    @takes_version
    @shows_version
    def save_draft(body: Document, project_id: str, *, actor: Actor, expected: IfMatch) -> Versioned:
        """Keeps what the mentor has typed so far, valid or not. It ends with the quote, or with the window."""
        answer = command(work, actor, lambda unit: commands.save_draft(unit, actor, project_id, body, expected))
        return answer, answer["version"]

    @blueprint.get(PATH)
    @signed_in("mentor")
    @blueprint.response(200, schemas.DraftSchema)
    @shows_version
    def read_draft(project_id: str, *, actor: Actor) -> Versioned:
        """The mentor's own draft; nobody else reads it."""
        draft = store.read_draft(work.database, project_id, actor)
        return draft_view(draft), draft.version

    @blueprint.delete(PATH)
    @signed_in("mentor")
    @blueprint.response(204)
    @takes_version
    def drop_draft(project_id: str, *, actor: Actor, expected: IfMatch) -> None:
        """Deletes the mentor's draft."""
        command(work, actor, lambda unit: commands.drop_draft(unit, actor, project_id, expected))

    return blueprint
