"""Challenges and the goals that they may have."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import taking_part
from services.programmes.commands import challenges as commands
from services.programmes.views.challenges import challenge_view, goals_view


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("challenges", __name__)

    @blueprint.get("/api/programmes/goals")
    @taking_part
    @blueprint.response(200, schemas.GoalList)
    def read_goals(*, actor: Actor) -> Document:
        """The goals that a challenge may have, with their texts and milestones in both languages."""
        return {"items": goals_view(), "next_cursor": None}

    @blueprint.post("/api/programmes/<programme_id>/challenges")
    @signed_in("client")
    @refuses("wrong-kind", "wrong-state", "too-many-challenges")
    @blueprint.arguments(schemas.ChallengeBody)
    @blueprint.response(201, schemas.ChallengeSchema)
    @shows_version
    def create_challenge(body: Document, programme_id: str, *, actor: Actor) -> Versioned:
        """Creates a challenge, before the publication: one of the four goals, or one's own."""
        answer = command(work, actor, lambda unit: commands.create_challenge(unit, actor, programme_id, body))
        return answer, answer["version"]

    @blueprint.get("/api/programmes/<programme_id>/challenges")
    @taking_part
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, schemas.ChallengePage)
    def read_challenges(query: Document, programme_id: str, *, actor: Actor) -> Document:
        """The challenges, oldest first, for everybody in the programme."""
        store.standing(work.database, programme_id, actor)
        return store.read_challenges(work.database, programme_id, query, challenge_view)

    @blueprint.get("/api/programmes/<programme_id>/challenges/<challenge_id>")
    @taking_part
    @blueprint.response(200, schemas.ChallengeSchema)
    @shows_version
    def read_challenge(programme_id: str, challenge_id: str, *, actor: Actor) -> Versioned:
        """A challenge, for everybody in the programme."""
        store.standing(work.database, programme_id, actor)
        challenge = store.find_challenge(work.database, programme_id, challenge_id)
        return challenge_view(challenge), challenge.version

    @blueprint.patch("/api/programmes/<programme_id>/challenges/<challenge_id>")
    @signed_in("client")
    @refuses("wrong-state", "milestone-in-use")
    @blueprint.arguments(schemas.ChallengeChangeBody)
    @blueprint.response(200, schemas.ChallengeSchema)
    @takes_version
    @shows_version
    def change_challenge(
        body: Document, programme_id: str, challenge_id: str, *, actor: Actor, expected: IfMatch
    ) -> Versioned:
        """Changes a challenge. Skills and the size of teams may change until the teams are published."""
        answer = command(
            work, actor, lambda unit: commands.change_challenge(unit, actor, programme_id, challenge_id, body, expected)
        )
        return answer, answer["version"]

    @blueprint.delete("/api/programmes/<programme_id>/challenges/<challenge_id>")
    @signed_in("client")
    @refuses("wrong-state")
    @blueprint.response(204)
    def delete_challenge(programme_id: str, challenge_id: str, *, actor: Actor) -> None:
        """Deletes a challenge and the wishes for it, before the publication."""
        command(work, actor, lambda unit: commands.delete_challenge(unit, actor, programme_id, challenge_id))

    return blueprint
