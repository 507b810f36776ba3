"""International bank account numbers with valid check digits."""

import re
from collections.abc import Iterator
from itertools import pairwise

_LENGTHS = {
    "ad": 24, "ae": 23, "at": 20, "be": 16, "bg": 22, "ch": 21, "cy": 28, "cz": 24, "de": 22, "dk": 18, "ee": 20,
    "es": 24, "fi": 18, "fr": 27, "gb": 22, "gi": 23, "gr": 27, "hr": 21, "hu": 28, "ie": 22, "il": 23, "is": 26,
    "it": 27, "li": 21, "lt": 20, "lu": 20, "lv": 21, "ma": 28, "mc": 27, "mt": 31, "nl": 18, "no": 15, "pl": 28,
    "pt": 25, "qa": 29, "ro": 24, "sa": 24, "se": 24, "si": 19, "sk": 24, "sm": 27, "tn": 24, "tr": 26, "va": 22,
}  # fmt: skip
_START = re.compile(rf"(?<![^\W_])(?:{'|'.join(_LENGTHS)})[\s.\-]{{0,2}}[0-9]{{2}}")
_PLAIN = re.compile(r"[a-z0-9]")


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Where the account numbers stand in a folded text, with spaces, dots, dashes or line breaks inside or without."""
    for match in _START.finditer(text):
        start, length = match.start(), _LENGTHS[text[match.start() : match.start() + 2]]
        places = [place.start() for place in _PLAIN.finditer(text, start, start + 3 * length)][:length]
        if len(places) < length or max(after - before for before, after in pairwise(places)) > 3:
            continue
        end = places[-1] + 1
        if not text[end : end + 1].isalnum() and _is_valid("".join(text[place] for place in places)):
            yield start, end


def _is_valid(number: str) -> bool:
    if int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 != 1:
        return False
    from stdnum import iban  # takes memory, and few texts need it

    return bool(iban.is_valid(number.upper(), check_country=False))
