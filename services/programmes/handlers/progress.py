"""The deadline at which a programme's progress is updated."""

from chassis.unit import Unit
from services.programmes.commands.progress import update_progress
from services.programmes.config import Config


def publish_progress(unit: Unit, programme_id: str, config: Config) -> None:
    """Publishes what changed by enough people since the last update."""
    update_progress(unit, programme_id, config.progress_every)
