"""What participants do about themselves: read and correct their data, agree, object."""

from chassis.http.auth import Actor
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.parsing import Blueprint, OptionalBodies
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import taking_part
from services.programmes.commands import consent, enrolling
from services.programmes.config import Config
from services.programmes.views.participants import own_view


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = OptionalBodies("me", __name__)

    @blueprint.get("/api/programmes/<programme_id>/me")
    @taking_part
    @blueprint.response(200, schemas.OwnDataSchema)
    @shows_version
    def read_own_data(programme_id: str, *, actor: Actor) -> Versioned:
        """The caller's data as a participant."""
        participant = store.standing(work.database, programme_id, actor).taking_part()
        return own_view(participant), participant.version

    @blueprint.patch("/api/programmes/<programme_id>/me")
    @taking_part
    @refuses("wrong-state")
    @blueprint.arguments(schemas.OwnDataBody)
    @blueprint.response(200, schemas.OwnDataSchema)
    @takes_version
    @shows_version
    def correct_own_data(body: Document, programme_id: str, *, actor: Actor, expected: IfMatch) -> Versioned:
        """Corrects the caller's own data. A proposal is then outdated, if a pairing depends on it."""
        answer = command(
            work, actor, lambda unit: enrolling.correct_own(unit, actor, programme_id, body, config, expected)
        )
        return answer, answer["version"]

    @blueprint.post("/api/programmes/<programme_id>/agreement")
    @taking_part
    @refuses("wrong-state")
    @blueprint.arguments(schemas.NothingBody)
    @blueprint.response(200, schemas.OwnDataSchema)
    @shows_version
    def agree(_body: Document, programme_id: str, *, actor: Actor) -> Versioned:
        """Agrees to take part. Only then, and after the publication, does the caller's partner read their name."""
        answer = command(work, actor, lambda unit: consent.agree(unit, actor, programme_id))
        return answer, answer["version"]

    @blueprint.post("/api/programmes/<programme_id>/objection")
    @taking_part
    @blueprint.arguments(schemas.ObjectionBody)
    @blueprint.response(204)
    def object_to(body: Document, programme_id: str, *, actor: Actor) -> None:
        """Objects: the caller's data are deleted, and nobody can enrol them in this programme again."""
        reason = body.get("reason")
        command(work, actor, lambda unit: consent.object_to(unit, actor, programme_id, reason, config))

    return blueprint
