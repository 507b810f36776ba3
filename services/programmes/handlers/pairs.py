"""The deadlines of pairs: for the answers until a pair is active, for nudges from then on."""

from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.answers import pass_answer_time
from services.programmes.config import Config
from services.programmes.handlers.nudging import nudge_pair
from services.programmes.model.pairs import ACTIVE, PROPOSED


def fire_pair(unit: Unit, pair_id: str, config: Config) -> None:
    """What is due for a pair."""
    pair = store.find_pair(unit, pair_id)
    if pair is None or pair.due_at is None or pair.due_at > unit.now:
        return
    if pair.state == PROPOSED:
        pass_answer_time(unit, pair)
    elif pair.state == ACTIVE:
        nudge_pair(unit, pair, config)
