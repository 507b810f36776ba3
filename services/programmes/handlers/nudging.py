"""Fires when a pair has been silent for too long: one gentle step after the other."""

from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.telling import tell
from services.programmes.config import Config
from services.programmes.model import nudges
from services.programmes.model.notices import Notice
from services.programmes.model.pairs import Pair
from services.programmes.model.programme import UNDER_WAY, Programme


def nudge_pair(unit: Unit, pair: Pair, config: Config) -> None:
    """Takes the step that is due for an active pair: tells the mentor, then the mentee, then the owner a number."""
    if pair.due_at is None or unit.now < pair.due_at:
        return
    step = nudges.next_step(pair, unit.now)
    programme = store.find_programme(unit, pair.programme)
    if step is None or programme is None or programme.state not in UNDER_WAY:
        nudges.stop(pair)
        store.save_pair(unit, pair)
        return
    if step == nudges.TELL_OWNER:
        _tell_owner(unit, programme, config)
    person = store.find_participant(unit, getattr(pair, step)) if step != nudges.TELL_OWNER else None
    notices = [Notice("nudge", person.id, {"pair": pair.id})] if person and person.takes_part else []
    nudges.step_taken(pair, config.silence, unit.now)
    store.save_pair(unit, pair, tell(unit, programme, notices))


def _tell_owner(unit: Unit, programme: Programme, config: Config) -> None:
    """Tells the owner how many pairs do not meet, at most once a week."""
    told_at = programme.quiet_told_at
    if told_at is not None and unit.now < told_at + nudges.week(config.silence):
        return
    programme.quiet_told_at = unit.now
    quiet = store.count_quiet_pairs(unit, programme.id, unit.now)
    store.save_programme(unit, programme, tell(unit, programme, [Notice("pairs-quiet", data={"count": quiet})]))
