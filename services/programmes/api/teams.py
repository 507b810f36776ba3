"""The teams of a programme of challenges."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import taking_part
from services.programmes.commands.teams import move_person
from services.programmes.model.teamwork import Teamwork
from services.programmes.views.challenges import teams_view


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("teams", __name__)

    @blueprint.get("/api/programmes/<programme_id>/teams")
    @taking_part
    @blueprint.response(200, schemas.TeamList)
    def read_teams(programme_id: str, *, actor: Actor) -> Document:
        """All teams for those who run the programme, with how close each aim came to its optimum; for an organiser,
        with the names of their own people; for a participant, their own team once it is published."""
        standing = store.standing(work.database, programme_id, actor)
        standing.check_inside()
        teamwork = store.teamwork_of(work.database, programme_id) or Teamwork(())
        people = {one.id: one for one in store.participants_of(work.database, programme_id)}
        return teams_view(teamwork, people, standing)

    @blueprint.put("/api/programmes/<programme_id>/teams/<team_id>/members/<ref>")
    @signed_in("client")
    @refuses("wrong-state", "own-line")
    @blueprint.response(200, schemas.TeamList)
    def move_into_team(programme_id: str, team_id: str, ref: str, *, actor: Actor) -> Document:
        """Puts somebody into a team by hand, from another team or from none. Once teams are published they are told."""
        return command(work, actor, lambda unit: move_person(unit, actor, programme_id, team_id, ref))

    return blueprint
