"""Handlers of other services' events and of this service's deadlines."""

from collections.abc import Mapping

from chassis.inbox import Handler
from chassis.revocations import keep_revocation
from chassis.timers import Deadline
from services.programmes.handlers.erasing import erase_closed_programme, erase_person
from services.programmes.handlers.organisations import follow_organisation
from services.programmes.handlers.pairs import fire_pair
from services.programmes.handlers.progress import publish_progress

HANDLERS: Mapping[str, Handler] = {
    "organisation.shared": follow_organisation,
    "account.erased": erase_person,
    "sessions.revoked": keep_revocation,
}
DEADLINES: tuple[Deadline, ...] = (
    Deadline("pairs", fire_pair, at_once=1),  # pairs that end together ask for new partners in one document
    Deadline("programmes", erase_closed_programme),
    Deadline("progress", publish_progress),
)
