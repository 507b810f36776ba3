"""Events and deadlines in: who may not go yet, who has been erased where; time rotates the signing keys."""

from collections.abc import Mapping
from dataclasses import replace

from chassis.events import Event
from chassis.inbox import Handler
from chassis.timers import Deadline
from chassis.unit import Unit
from services.accounts import store
from services.accounts.clients.tokens import new_key
from services.accounts.commands import mails
from services.accounts.config import Config
from services.accounts.model import ERASED, KEPT


def bind_parties(event: Event, unit: Unit, _config: Config) -> None:
    """project.awarded: client and mentor have something to bring to an end."""
    parties = [event.data["account"], event.data["client"]]
    store.bind(unit, event.subject, [account for account in parties if account])


def release_parties(event: Event, unit: Unit, _config: Config) -> None:
    """project.completed: they are free to go."""
    store.release(unit, event.subject)


def note_erasure(event: Event, unit: Unit, _config: Config) -> None:
    """erasure.done: a service holds nothing of the person any more; with the last one the receipt goes out."""
    erasure = store.find_erasure(unit, event.subject)
    if erasure is None or event.data["service"] in erasure.done:
        return
    heard = erasure.hear(event.data["service"], unit.now)
    facts = []
    if heard.completed_at != erasure.completed_at:
        facts.append(mails.request(unit, heard.account, ERASED, KEPT, heard.to))
        heard = replace(heard, to=None)
    store.save_erasure(unit, heard, facts)


def rotate_signing_keys(unit: Unit, _ring_id: str, config: Config) -> None:
    """The ring's deadline: the key that no living token needs goes, the one after the present one is published."""
    ring = store.find_ring(unit)
    if ring is not None:
        if ring.due_at(config.access_token_life) <= unit.now:
            ring.rotate(new_key, config.key_life, config.access_token_life, unit.now)
        store.save_ring(unit, ring, config.access_token_life)


HANDLERS: Mapping[str, Handler] = {
    "project.awarded": bind_parties,
    "project.completed": release_parties,
    "erasure.done": note_erasure,
}
DEADLINES = (Deadline("keys", rotate_signing_keys),)
