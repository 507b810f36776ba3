"""The order of an award."""

from chassis.events import Event
from chassis.unit import Unit
from services.projects import store
from services.projects.config import Config
from services.projects.model.orders import issue


def issue_order(event: Event, unit: Unit, _config: Config) -> None:
    """quote.accepted: the award's order, once, under the client's next number."""
    project, identity = store.find_project(unit, event.subject), store.find_vault(unit, event.subject)
    if project is None or identity is None or project.quote_id != event.data["quote_id"]:
        return
    if not store.has_order(unit, project.id):
        client = store.count_order(unit, project.organisation)
        mentor = store.count_order(unit, event.data["account"])
        billing = {"client": client["details"], "mentor": mentor["details"]}
        store.save_order(unit, issue(project, event.data, identity, client["orders"], billing, unit.now))
    if project.abandoned:
        store.empty_vault(unit, project.id)
