"""How many projects an organisation may post: open ones, and within a day. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.facts import Refusal, seconds_until

DAY = timedelta(days=1)
KEEPS_ITS_PLACE = timedelta(days=7)
"""A cancelled project counts as open until its window would have ended, and for this long at most.

Otherwise, cancelling and posting again would call on mentors without limit. Their weekly cap counts the same days.
"""
MARGIN = 100
"""Postings this close to a quota are checked one by one; below it they do not wait for each other."""


@dataclass(frozen=True)
class Quotas:
    """``open_projects``: those that collect quotes or wait for the choice; ``postings_a_day``: those posted within 24
    hours, relaunches and cancelled ones included. Zero means no limit.
    """

    open_projects: int
    postings_a_day: int

    def check(self, posted: Sequence[datetime], open_projects: int, now: datetime) -> None:
        """Refuses one more posting as ``too-many-postings`` or ``too-many-open-projects``.

        ``posted`` are the times of the postings of the last day.
        """
        if self.postings_a_day and len(posted) >= self.postings_a_day:
            free = sorted(posted)[-self.postings_a_day] + DAY
            detail = f"Your organisation may post {self.postings_a_day} projects within a day."
            raise Refusal("too-many-postings", detail, retry_after=seconds_until(free - now))
        if self.open_projects and open_projects >= self.open_projects:
            detail = (
                f"Your organisation may have {self.open_projects} open projects. A cancelled one counts for a while."
            )
            raise Refusal("too-many-open-projects", detail)

    def is_near(self, posted: Sequence[datetime], open_projects: int) -> bool:
        """Whether concurrent postings could exceed a quota together."""
        return any(
            quota and quota - used <= MARGIN
            for quota, used in ((self.postings_a_day, len(posted)), (self.open_projects, open_projects))
        )
