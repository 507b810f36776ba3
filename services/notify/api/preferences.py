"""A person's preferences for notifications, and the export of their data."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.notify import commands, schemas
from services.notify.config import Config
from services.notify.store import deliveries, notifications, people
from services.notify.views import export_view


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    """The preferences, and the export."""
    routes = Blueprint("preferences", __name__)

    @routes.get("/api/notifications/preferences")
    @signed_in()
    @routes.response(200, schemas.PreferencesSchema)
    def read_preferences(*, actor: Actor) -> Document:
        """The caller's preferences: kinds by channel, quiet hours, digest and time zone."""
        return people.read_person(work.database, actor.id).preferences(config.quiet_hours)

    @routes.put("/api/notifications/preferences")
    @signed_in()
    @routes.arguments(schemas.PreferencesSchema)
    @routes.response(200, schemas.PreferencesSchema)
    def set_preferences(wish: Document, *, actor: Actor) -> Document:
        """Replaces the preferences. Kinds that the window needs cannot be switched off in-app."""
        person = people.read_person(work.database, actor.id).preferring(wish)
        return command(work, actor, lambda unit: commands.set_preferences(unit, person, config.quiet_hours))

    @routes.get("/api/notifications/export")
    @signed_in()
    @routes.response(200, schemas.ExportSchema)
    def export_person(*, actor: Actor) -> Document:
        """All data that notify stores of the caller."""
        person = people.read_person(work.database, actor.id)
        notified, mailed = notifications.read_every(work.database, actor), deliveries.read_every(work.database, actor)
        return export_view(person, config.quiet_hours, notified, mailed)

    return routes
