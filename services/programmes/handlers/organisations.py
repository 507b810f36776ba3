"""Follows the members of organisations, so that an owner's colleagues may run a programme."""

from chassis.events import Event
from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.erasing import wind_up
from services.programmes.config import Config


def follow_organisation(event: Event, unit: Unit, _config: Config) -> None:
    """organisation.shared: stores the members, who run the programmes of those among them; without any, they end."""
    members = event.data["members"]
    if not store.share_organisation(unit, event.subject, members, event.sequence):
        return
    for programme in store.programmes_without_organisation(unit, members):
        programme.organisation = event.subject
        store.save_programme(unit, programme)
    if not members:  # the organisation has ended
        for programme in store.programmes_of_organisation(unit, event.subject):
            wind_up(unit, programme)
