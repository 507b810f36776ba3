"""Half days on which a person is available, as people write them: "lundi matin, jeudi" or "Mon am; Thursday"."""

import re

from contracts.vocabulary import few_marks, fold

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HALVES = ("am", "pm", "eve")
WORKING = DAYS[:5]
OFFICE = HALVES[:2]
_DAY_WORDS = {
    "mon": ("mon", "monday", "mondays", "lun", "lundi", "lundis"),
    "tue": ("tue", "tues", "tuesday", "tuesdays", "mar", "mardi", "mardis"),
    "wed": ("wed", "wednesday", "wednesdays", "mer", "mercredi", "mercredis"),
    "thu": ("thu", "thur", "thurs", "thursday", "thursdays", "jeu", "jeudi", "jeudis"),
    "fri": ("fri", "friday", "fridays", "ven", "vendredi", "vendredis"),
    "sat": ("sat", "saturday", "saturdays", "sam", "samedi", "samedis"),
    "sun": ("sun", "sunday", "sundays", "dim", "dimanche", "dimanches"),
}
_HALF_WORDS = {
    "am": ("am", "morning", "mornings", "matin", "matins", "matinee"),
    "pm": ("pm", "afternoon", "afternoons", "apresmidi", "aprem"),
    "eve": ("eve", "evening", "evenings", "soir", "soirs", "soiree"),
}
_EVERY = ("tous", "toutes", "every", "each", "all", "any", "toute", "anytime")
_FILLERS = ("le", "les", "la", "l", "on", "in", "the", "jours", "jour", "semaine", "day", "days", "week", "time")
_KNOWN = {word: day for day, words in _DAY_WORDS.items() for word in words}
_KNOWN |= {word: half for half, words in _HALF_WORDS.items() for word in words}


def half_days(text: str) -> list[str] | None:
    """The half days that one phrase names, such as ``["thu-am", "thu-pm"]`` for "jeudi"; None if it is not understood.

    A day alone means its morning and its afternoon, a half alone means Monday to Friday.
    """
    plain = re.sub(r"apres[\s-]*midi", "apresmidi", fold(few_marks(text[:100])))
    words = [word for word in re.findall(r"[a-z0-9]+", plain) if word not in _FILLERS]
    every = any(word in _EVERY for word in words)
    marks = [_KNOWN.get(word) for word in words if word not in _EVERY]
    if None in marks or not (marks or every):
        return None
    days = [day for day in DAYS if day in marks] or list(WORKING)
    halves = [half for half in HALVES if half in marks] or list(OFFICE)
    return [f"{day}-{half}" for day in days for half in halves]
