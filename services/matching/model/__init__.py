"""The rules of profiles, ranking, shortlists and waves. Pure: time is an argument, no I/O."""

from services.matching.model.admission import Admission, is_candidate
from services.matching.model.brief import Blind, Brief
from services.matching.model.invitations import Invitation
from services.matching.model.listed import Listed
from services.matching.model.profiles import (
    WEEK,
    WRITTEN,
    Profile,
    Written,
    check_profile,
    day_of,
    first_profile,
    free_from,
    may_be_invited,
    recent,
    zone_facts,
)
from services.matching.model.ranking import SOON_DAYS, Candidate, Need, near_skills, rank
from services.matching.model.reasons import Reason, explain
from services.matching.model.shortlist import (
    CLAIMED,
    FREE,
    MOST_A_WAVE,
    QUOTED,
    Shortlist,
    Standing,
    invitations_needed,
    wave_size,
)
from services.matching.model.waves import choose, places_for

__all__ = [
    "CLAIMED",
    "FREE",
    "MOST_A_WAVE",
    "QUOTED",
    "SOON_DAYS",
    "WEEK",
    "WRITTEN",
    "Admission",
    "Blind",
    "Brief",
    "Candidate",
    "Invitation",
    "Listed",
    "Need",
    "Profile",
    "Reason",
    "Shortlist",
    "Standing",
    "Written",
    "check_profile",
    "choose",
    "day_of",
    "explain",
    "first_profile",
    "free_from",
    "invitations_needed",
    "is_candidate",
    "may_be_invited",
    "near_skills",
    "places_for",
    "rank",
    "recent",
    "wave_size",
    "zone_facts",
]
