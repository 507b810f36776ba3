"""Issues the order of an awarded project."""

from chassis.events import Event
from chassis.unit import Unit
from services.projects import store
from services.projects.config import Config
from services.projects.model.orders import issue


def issue_order(event: Event, unit: Unit, _config: Config) -> None:
    """quote.accepted: issues the order, once, under the client's next number."""
    project, client = store.find_project(unit, event.subject), store.find_vault(unit, event.subject)
    if project is None or client is None or project.quote_id != event.data["quote_id"]:
        return
    if not store.has_order(unit, project.id):
        buyer = store.count_order(unit, project.organisation)
        seller = store.count_order(unit, event.data["account"])
        billing = {"client": buyer.details, "mentor": seller.details}
        store.save_order(unit, issue(project, event.data, client, buyer.orders, billing, unit.now))
    if project.abandoned:
        store.empty_vault(unit, project.id)
        store.release_erasures(unit, project.id)
