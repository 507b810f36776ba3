"""The rules for passwords (NIST SP 800-63B). Pure; the list of common ones comes from a package.

Only zxcvbn's lists are used, not its estimate: the time of its search grows exponentially with signs such as `4@8({`.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from chassis.facts import Refusal, wrong

LEAST_PASSWORD = 12
LEAST_DIFFERENT = 5
LEAST_LOCAL_PART = 4
RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "12345678901",
    *("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    *("azertyuiop", "qsdfghjklm", "wxcvbn"),
)
"""Typical runs of keys: the alphabet, the digits, and the rows of QWERTY and AZERTY keyboards."""
STEPS = {pair for run in RUNS for pair in pairwise(run)} | {pair for run in RUNS for pair in pairwise(run[::-1])}
LEET = str.maketrans("0134578@$!", "oieastbasi")
LONGEST_JOINED = 40
"""Characters of a password that is searched for two common ones in a row."""
FRENCH = """
    administrateur automne bienvenue changezmoi chouchou coucou doudou entreprise loulou printemps telechargement
    vacances
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
    lundi mardi mercredi jeudi vendredi samedi dimanche
"""
"""Words of common passwords that zxcvbn's lists, made from English texts, may lack."""


@cache
def common_passwords() -> frozenset[str]:
    """30 000 breached passwords and 64 000 words and names from zxcvbn, folded by `folded`. Takes 0.3 s once."""
    words = (word for found in FREQUENCY_LISTS.values() for word in found)
    return frozenset(map(folded, words)) | frozenset(FRENCH.split())


def normal_password(text: str) -> str:
    """The normal form in which a password is counted, checked and hashed: NFKC (NIST SP 800-63B, 3.1.1)."""
    return unicodedata.normalize("NFKC", text)


def check_password(text: str, email: str, common: frozenset[str], field: str = "password") -> None:
    """Refuses as ``invalid`` a password that is short, common, repetitive, a run of keys or contains the e-mail's name.

    Two common ones in a row are common, too. ``common`` holds well-known passwords and the words they are made of,
    folded by `folded`; ``field`` is named in the refusal.
    """
    password = normal_password(text)
    if len(password) < LEAST_PASSWORD:
        raise _bad_password(field, "too-short", f"Give at least {LEAST_PASSWORD} characters.", min=LEAST_PASSWORD)
    if _repeats(password.casefold()) or _runs(password.casefold()):
        raise _bad_password(field, "repeating-password", "This password repeats itself or runs along the keyboard.")
    if any(_is_common(variant, common) for variant in _variants(password)):
        raise _bad_password(field, "common-password", "This password is among the common ones.")
    local_part = _letters(email.rpartition("@")[0].partition("+")[0])
    if len(local_part) >= LEAST_LOCAL_PART and local_part in _letters(password):
        raise _bad_password(field, "password-names-you", "This password contains your e-mail's name.")


def folded(text: str) -> str:
    """The password in lower case, with digits and signs that stand for letters replaced by the letters."""
    return normal_password(text).casefold().translate(LEET)


def _bad_password(field: str, code: str, message: str, **params: int) -> Refusal:
    return Refusal("invalid", errors=[wrong(field, code, message, **params)])


def _variants(password: str) -> Iterable[str]:
    """The folded password, and the same without leading and trailing digits and signs."""
    lower = password.casefold()
    letters = [place for place, sign in enumerate(lower) if sign.isalpha()]
    word = lower[letters[0] : letters[-1] + 1] if letters else ""
    return {folded(lower), folded(word)}


def _is_common(text: str, common: frozenset[str]) -> bool:
    """Whether it is a common password, or two of them in a row."""
    if text in common:
        return True
    places = range(1, len(text)) if len(text) <= LONGEST_JOINED else ()
    return any(text[:place] in common and text[place:] in common for place in places)


def _letters(text: str) -> str:
    return "".join(sign for sign in normal_password(text).casefold() if sign.isalnum())


def _repeats(text: str) -> bool:
    """Whether it has few different characters, or only repeats one piece."""
    pieces = range(1, len(text) // 2 + 1)
    return len(set(text)) < LEAST_DIFFERENT or any(text[size:] == text[:-size] for size in pieces)


def _runs(text: str) -> bool:
    """Whether it consists of runs with an average length of at least four characters."""
    breaks = sum(1 for pair in pairwise(text) if pair not in STEPS and pair[0] != pair[1])
    return (breaks + 1) * 4 <= len(text)
