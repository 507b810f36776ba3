"""The rules for passwords (NIST SP 800-63B). Pure, except for reading the bundled list of common ones."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from chassis.facts import Refusal

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


@cache
def common_passwords() -> frozenset[str]:
    """The bundled list of common passwords, folded by `folded`."""
    lines = Path(__file__).with_name("common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(folded(line) for line in lines if line and not line.startswith("# "))


def normal_password(text: str) -> str:
    """The normal form in which a password is counted, checked and hashed: NFKC (NIST SP 800-63B, 3.1.1)."""
    return unicodedata.normalize("NFKC", text)


def check_password(text: str, email: str, common: frozenset[str], field: str = "password") -> None:
    """Refuses as ``invalid`` a password that is short, common, repetitive, a run of keys or contains the e-mail's name.

    ``common`` holds well-known passwords and the words they are made of, folded by `folded`; ``field`` is named in the
    refusal.
    """
    password = normal_password(text)
    if len(password) < LEAST_PASSWORD:
        raise _bad_password(field, f"Give at least {LEAST_PASSWORD} characters.")
    if common.intersection(_variants(password)):
        raise _bad_password(field, "This password is among the common ones.")
    if _repeats(password.casefold()) or _runs(password.casefold()):
        raise _bad_password(field, "This password repeats itself or runs along the keyboard.")
    local_part = _letters(email.rpartition("@")[0].partition("+")[0])
    if len(local_part) >= LEAST_LOCAL_PART and local_part in _letters(password):
        raise _bad_password(field, "This password contains your e-mail's name.")


def folded(text: str) -> str:
    """The password in lower case, with digits and signs that stand for letters replaced by the letters."""
    return normal_password(text).casefold().translate(LEET)


def _bad_password(field: str, message: str) -> Refusal:
    return Refusal("invalid", errors=[{"field": field, "message": message}])


def _variants(password: str) -> Iterable[str]:
    """The folded password, and the same without leading and trailing digits and signs."""
    lower = password.casefold()
    letters = [place for place, sign in enumerate(lower) if sign.isalpha()]
    word = lower[letters[0] : letters[-1] + 1] if letters else ""
    return {folded(lower), folded(word)}


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
