"""Times in words, as the clock of the person's time zone shows them. Pure."""

import unicodedata
from datetime import datetime
from functools import lru_cache

from babel import Locale
from babel.core import get_global
from babel.dates import format_datetime, get_timezone, get_timezone_location

LOCALES = {"fr": Locale("fr", "FR"), "en": Locale("en", "GB")}
PATTERNS = {"fr": "EEEE d MMMM y 'à' H 'h' mm", "en": "EEEE d MMMM y 'at' HH:mm"}


@lru_cache(maxsize=4_096)  # a list shows the same few times again and again; babel takes a third of its cost
def moment(value: datetime, language: str, zone: str) -> str:
    """« mardi 14 janvier 2031 à 10 h 42 (heure de Paris) » or "Tuesday 14 January 2031 at 10:42 (Paris time)"."""
    local, pattern = value.astimezone(get_timezone(zone)), PATTERNS[language]
    if language == "fr" and local.day == 1:
        pattern = pattern.replace(" d ", " '1er' ")
    return f"{format_datetime(local, pattern, local.tzinfo, LOCALES[language])} ({clock_of(zone, language)})"


@lru_cache(maxsize=1_024)
def clock_of(zone: str, language: str) -> str:
    """« heure d'Alger » or "Algiers time"; the zone's own name where it names no place, such as UTC."""
    if "/" not in zone or zone.startswith("Etc/"):
        return zone
    city = zone
    if zone not in get_global("zone_aliases"):  # otherwise Babel names another city: Toronto for Montréal
        city = get_timezone_location(zone, locale=LOCALES[language], return_city=True)
    city = city.rpartition("/")[2].replace("_", " ")
    if language == "en":
        return f"{city} time"
    vowel = unicodedata.normalize("NFD", city)[0] in "AEIOU"
    return f"heure d'{city}" if vowel else f"heure de {city}"
