"""Events and deadlines in: who may not go yet, who has been erased where; time turns the signing keys."""

from collections.abc import Mapping

from chassis.events import Event
from chassis.inbox import Handler
from chassis.timers import Deadline
from chassis.unit import Unit
from services.accounts import erasures, store
from services.accounts.config import Config
from services.accounts.tokens import new_key


def bind_parties(event: Event, unit: Unit, _config: Config) -> None:
    """project.awarded: client and mentor have something to bring to an end."""
    parties = [event.data["account"], event.data["client"]]
    erasures.commit(unit, event.subject, [account for account in parties if account])


def release_parties(event: Event, unit: Unit, _config: Config) -> None:
    """project.completed: they are free to go."""
    erasures.release(unit, event.subject)


def note_erasure(event: Event, unit: Unit, _config: Config) -> None:
    """erasure.done: a service holds nothing of the person any more; with the last one the receipt goes out."""
    erasures.note(unit, event.subject, event.data["service"])


def turn_signing_keys(unit: Unit, _ring_id: str, config: Config) -> None:
    """The ring's deadline: the key that no living token needs goes, the one after the present one is published."""
    ring = store.find_ring(unit)
    if ring is not None:
        if ring.due_at(config.access_token_life) <= unit.now:
            ring.turn(new_key, config.key_life, config.access_token_life, unit.now)
        store.save_ring(unit, ring, config.access_token_life)


HANDLERS: Mapping[str, Handler] = {
    "project.awarded": bind_parties,
    "project.completed": release_parties,
    "erasure.done": note_erasure,
}
DEADLINES = (Deadline("keys", turn_signing_keys),)
