"""Creating, reading, changing and copying programmes."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint
from chassis.http.said import example, refuses
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import taking_part
from services.programmes.commands import programmes as commands
from services.programmes.views.programmes import standing_view


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("programmes", __name__)

    @blueprint.post("/api/programmes")
    @signed_in("client")
    @blueprint.arguments(schemas.ProgrammeBody)
    @blueprint.response(201, schemas.ProgrammeSchema)
    @shows_version
    def create_programme(body: Document, *, actor: Actor) -> Versioned:
        """Creates a programme as a draft. It belongs to the caller's organisation, whose members may all run it."""
        programme_id = new_id()
        answer = command(work, actor, lambda unit: commands.create_programme(unit, actor, programme_id, body))
        return answer, answer["version"]

    @blueprint.get("/api/programmes")
    @taking_part
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, schemas.ProgrammePage)
    def read_programmes(query: Document, *, actor: Actor) -> Document:
        """The programmes that the caller runs, organises or takes part in, newest first."""
        return store.read_programmes(work.database, actor, query, standing_view)

    @blueprint.get("/api/programmes/<programme_id>")
    @taking_part
    @blueprint.response(200, schemas.ProgrammeSchema)
    @shows_version
    def read_programme(programme_id: str, *, actor: Actor) -> Versioned:
        """A programme, for those who run it, organise it or take part in it."""
        standing = store.standing(work.database, programme_id, actor)
        return standing_view(standing), standing.programme.version

    @blueprint.patch("/api/programmes/<programme_id>")
    @signed_in("client")
    @refuses("wrong-state")
    @blueprint.arguments(schemas.ProgrammeChangeBody)
    @blueprint.response(200, schemas.ProgrammeSchema)
    @takes_version
    @shows_version
    def change_programme(body: Document, programme_id: str, *, actor: Actor, expected: IfMatch) -> Versioned:
        """Changes name, rules or texts, before the publication. Other rules make a proposal outdated."""
        answer = command(work, actor, lambda unit: commands.change_programme(unit, actor, programme_id, body, expected))
        return answer, answer["version"]

    @blueprint.post("/api/programmes/<programme_id>/copy")
    @signed_in("client")
    @blueprint.arguments(schemas.CopyBody)
    @blueprint.response(201, schemas.ProgrammeSchema)
    @shows_version
    @example(answer={"id": "programme-2", "copied_from": "programme-1"})
    def copy_programme(body: Document, programme_id: str, *, actor: Actor) -> Versioned:
        """Creates a draft with the same rules, texts and challenges, without people and dates."""
        copy_id = new_id()
        answer = command(
            work, actor, lambda unit: commands.copy_programme(unit, actor, programme_id, copy_id, body["name"])
        )
        return answer, answer["version"]

    return blueprint
