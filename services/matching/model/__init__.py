"""The rules of profiles, ranking, shortlists and waves. Pure: time is an argument, no I/O."""

from services.matching.model.admission import Admission, is_candidate
from services.matching.model.answers import UNLIKELY, Record, Round, aim, chance, ended_round, further, outlook, shown
from services.matching.model.brief import Blind, Brief
from services.matching.model.invitations import Invitation
from services.matching.model.listed import Listed
from services.matching.model.market import Ended, Market, learn, market_document, market_from, phase_of
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
    most_at_once,
    wave_size,
)
from services.matching.model.waves import choose, places_for, with_newcomers

__all__ = [
    "CLAIMED",
    "FREE",
    "MOST_A_WAVE",
    "QUOTED",
    "SOON_DAYS",
    "UNLIKELY",
    "WEEK",
    "WRITTEN",
    "Admission",
    "Blind",
    "Brief",
    "Candidate",
    "Ended",
    "Invitation",
    "Listed",
    "Market",
    "Need",
    "Profile",
    "Reason",
    "Record",
    "Round",
    "Shortlist",
    "Standing",
    "Written",
    "aim",
    "chance",
    "check_profile",
    "choose",
    "day_of",
    "ended_round",
    "explain",
    "first_profile",
    "free_from",
    "further",
    "invitations_needed",
    "is_candidate",
    "learn",
    "market_document",
    "market_from",
    "may_be_invited",
    "most_at_once",
    "near_skills",
    "outlook",
    "phase_of",
    "places_for",
    "rank",
    "recent",
    "shown",
    "wave_size",
    "with_newcomers",
    "zone_facts",
]
