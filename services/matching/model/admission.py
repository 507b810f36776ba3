"""Who may be a candidate for a project at all. Pure.

Fresh accounts with lists of excluded firms would find a client by who is not invited. An account must therefore have an
age, and a verified e-mail where that is required; and whoever excludes somebody is a candidate only for projects that
were posted after they joined and after they last changed their exclusions.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.matching.model.profiles import Profile


@dataclass(frozen=True)
class Admission:
    """``after``: the least age of an account that may be invited; ``verified``: whether its e-mail must be verified."""

    after: timedelta
    verified: bool

    def admitted_at(self, profile: Profile) -> datetime | None:
        """From when on the mentor may be invited; None until the e-mail is verified."""
        of_age = (profile.registered_at or profile.joined_at) + self.after
        if not self.verified:
            return max(profile.joined_at, of_age)
        return profile.verified_at and max(profile.joined_at, of_age, profile.verified_at)


def is_candidate(
    profile: Profile, admission: Admission, posted_at: datetime | None, looked_at: datetime | None, now: datetime
) -> bool:
    """Whether the mentor may be ranked for a project posted at ``posted_at``.

    After the first ranking (``looked_at``, None before it) only mentors admitted since then are candidates, and none
    that excludes anybody.
    """
    since = admission.admitted_at(profile)
    if since is None or since > now or (looked_at and since <= looked_at):
        return False
    if not profile.excluded_organisations:
        return True
    settled = max(profile.joined_at, profile.excludes_since or profile.joined_at)
    return looked_at is None and posted_at is not None and settled <= posted_at
