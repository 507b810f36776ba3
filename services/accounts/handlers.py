"""Events and deadlines in: accounts listens to nobody yet; time turns its signing keys."""

from collections.abc import Mapping

from chassis.consumer import Handler
from chassis.timers import Deadline
from chassis.unit import Unit
from services.accounts import store
from services.accounts.config import Config
from services.accounts.tokens import new_key


def turn_signing_keys(unit: Unit, _ring_id: str, config: Config) -> None:
    """The ring's deadline: the key that no living token needs goes, the one after the present one is published."""
    ring = store.find_ring(unit)
    if ring is not None:
        if ring.due_at(config.access_token_life) <= unit.now:
            ring.turn(new_key, config.key_life, config.access_token_life, unit.now)
        store.save_ring(unit, ring, config.access_token_life)


HANDLERS: Mapping[str, Handler] = {}
DEADLINES = (Deadline("keys", turn_signing_keys),)
PUBLISHES = ("account.registered",)
