"""Updating the published sums of a programme."""

from datetime import timedelta

from chassis.unit import Unit
from services.programmes import store
from services.programmes.model.programme import CLOSED
from services.programmes.model.progress.people import WIDEST, people_of


def update_progress(unit: Unit, programme_id: str, every: timedelta) -> None:
    """Publishes what changed by enough people, if an update is due; the next one is due after ``every``."""
    progress, programme = store.find_progress(unit, programme_id), store.find_programme(unit, programme_id)
    if progress is None or programme is None or progress.due_at is None or progress.due_at > unit.now:
        return
    people = people_of(
        store.participants_of(unit, programme_id),
        store.pairs_of(unit, programme_id, published=True),
        store.sessions_held(unit, programme_id),
    )
    progress.update(people, unit.now, every=every, widest=WIDEST, closed=programme.state == CLOSED)
    store.save_progress(unit, progress)
