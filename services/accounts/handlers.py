"""Handlers of events and deadlines: open commitments, confirmed erasures, and the rotation of signing keys."""

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
    """project.awarded: client and mentor cannot be erased until the project is completed."""
    parties = [event.data["account"], event.data["client"]]
    store.bind(unit, event.subject, [account for account in parties if account])


def release_parties(event: Event, unit: Unit, _config: Config) -> None:
    """project.completed: client and mentor may be erased again."""
    store.release(unit, event.subject)


def record_erasure(event: Event, unit: Unit, _config: Config) -> None:
    """erasure.done: a service has deleted the person's data; with the last one the receipt is requested."""
    erasure = store.find_erasure(unit, event.subject)
    if erasure is None or event.data["service"] in erasure.done:
        return
    updated = erasure.confirm(event.data["service"], unit.now)
    facts = []
    if updated.completed_at != erasure.completed_at:
        facts.append(mails.request(unit, updated.account, ERASED, KEPT, updated.to))
        updated = replace(updated, to=None)
    store.save_erasure(unit, updated, facts)


def rotate_signing_keys(unit: Unit, _ring_id: str, config: Config) -> None:
    """The ring's deadline: drops the key that no valid token needs, and publishes the next one."""
    ring = store.find_ring(unit)
    if ring is not None:
        if ring.due_at(config.access_token_life) <= unit.now:
            ring.rotate(new_key, config.key_life, config.access_token_life, unit.now)
        store.save_ring(unit, ring, config.access_token_life)


HANDLERS: Mapping[str, Handler] = {
    "project.awarded": bind_parties,
    "project.completed": release_parties,
    "erasure.done": record_erasure,
}
DEADLINES = (Deadline("keys", rotate_signing_keys),)
