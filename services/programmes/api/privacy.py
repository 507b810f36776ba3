"""A person's own data: export and erasure."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import taking_part
from services.programmes.commands import erasing as commands
from services.programmes.config import Config
from services.programmes.model.holdings import Participation
from services.programmes.views.export import holdings_view, participation_view


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("privacy", __name__)

    @blueprint.get("/api/programmes/export")
    @signed_in()
    @blueprint.response(200, schemas.HoldingsSchema)
    def export_my_programmes(*, actor: Actor) -> Document:
        """All data that this service holds about the caller's account."""
        return holdings_view(store.read_everything(work.database, actor))

    @blueprint.get("/api/programmes/<programme_id>/export")
    @taking_part
    @blueprint.response(200, schemas.ParticipationSchema)
    def export_my_participation(programme_id: str, *, actor: Actor) -> Document:
        """All data that this programme holds about the caller as a participant."""
        standing = store.standing(work.database, programme_id, actor)
        mine = standing.taking_part()
        held = store.participation_of(work.database, mine) or Participation(standing.programme, mine)
        return participation_view(held)

    @blueprint.post("/api/programmes/<programme_id>/erasure")
    @taking_part
    @blueprint.response(202, schemas.ErasureAskedSchema)
    def erase_my_participation(programme_id: str, *, actor: Actor) -> Document:
        """Erases the caller's data as a participant of this programme. Their pairs end; nothing says why."""
        return command(work, actor, lambda unit: commands.erase_me(unit, actor, programme_id, config))

    return blueprint
