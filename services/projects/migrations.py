"""How this service's documents came to look as they do. See `chassis.migrations`."""

from datetime import timedelta

from chassis.migrations import Migration, change_each
from chassis.mongo import Documents

CHOICE_PERIOD = timedelta(days=14)
"""As it was by default when the choice got its end; the setting may have changed since."""


def end_open_choices(database: Documents) -> None:
    """Projects whose window closed before choices had an end would wait for one for ever, and their mentors too."""
    until = {"$add": ["$ended.at", CHOICE_PERIOD // timedelta(milliseconds=1)]}
    older = {"state": "choosing", "choose_until": None}
    change_each(database.projects, older, [{"$set": {"choose_until": until, "due_at": until}}])


MIGRATIONS = (Migration(1, "end_open_choices", end_open_choices),)
