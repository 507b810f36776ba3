"""Recognises plausible host names in runs of dotted words, for web and e-mail addresses."""

import re
import unicodedata

from contracts.scan.endings import (
    BEFORE_SENTENCES,
    FILES,
    OBJECTS,
    SENTENCE_WORDS,
    WORDS,
    is_ending,
)
from contracts.scan.folding import Folded
from contracts.scan.platforms import SOCIAL

_HTML_DOT = r"&#0*46;|&#x0*2e;|&period;"
BRACKET_DOT = re.compile(
    rf"\s{{0,2}}[\[({{<]\s{{0,2}}(?:dot|point|punkt|punto|\.)\s{{0,2}}[\])}}>]\s{{0,2}}|{_HTML_DOT}"
)
DOTS = ".\u3002"
"""The full stop and the ideographic one; folding turns all others into these."""
SPLIT = re.compile(f"[{DOTS}]")
_WEB_BEFORE = re.compile(
    r"(?<![^\W_])(?:sites?(?: web| internet)?|web|url|liens?|link|adresse|address|domaine|domain|visite[rz]?|visit|voir"
    r"|see|consulte[rz]?|rendez-vous|retrouvez|retrouve[rz]?(?:-nous|-moi)?|find us|website|homepage|sur"
    r"|https?|www|check out|go to)(?: (?:sur|on|at|is|est|web|:))?[\s:(\"'«]{1,4}$"
)
_CODE_AFTER = re.compile(r"\(|\s?[=+]=?[^=]|\[|`|;")
_FRENCH_ACCENTS = frozenset("éèêëàâçùûîïô")


def host_end(folded: Folded, start: int, end: int) -> int | None:
    """The end of the longest plausible host in [start, end), or None."""
    labels = SPLIT.split(folded.text[start:end])
    if len(labels) < 2:
        return None
    www = labels[0] == "www"
    if labels[-1] in FILES and not www:
        return None
    best = None
    label_start, label_end = start, start + len(labels[0])
    for k, label in enumerate(labels[1:], 1):
        before_start, label_start = label_start, label_end + 1
        label_end = label_start + len(label)
        before = labels[k - 1]
        if before.startswith("xn--") and label.isalpha() and len(label) > 1:
            best = label_end
        if not _is_written_ending(folded, (start, end), label_start, label_end):
            continue
        named = len(before) > 1 and any(c.isalpha() for c in before) and not (www and k == 1)
        if not named and f"{before}.{label}" not in SOCIAL:
            continue
        last = k == len(labels) - 1
        if www or _is_meant(folded, start, before_start, label_start, label_end, last=last):
            best = label_end
    if best is None and www and labels[-1].isalpha() and len(labels[-1]) > 1:
        return end
    return best


def _is_written_ending(folded: Folded, host: tuple[int, int], start: int, end: int) -> bool:
    """Whether the label at [start, end) is a top-level domain and written like one.

    "terminé.De plus" is a full stop without a space after it and not a German address; "ACME.DE" and "acme.FR" are
    addresses.
    """
    written = _written(folded, start, end)
    label = written.lower()
    if not is_ending(label) or (label.isascii() and label != folded.text[start:end]):
        return False
    if written == label:
        return True
    return written.isupper() and (folded.slice(*host).isupper() or label not in SENTENCE_WORDS | WORDS)


def _is_meant(folded: Folded, first: int, start: int, label_start: int, end: int, *, last: bool) -> bool:
    """Whether a dotted pair of words is an address, and not code, a file or two sentences without a space.

    The pair is [start, end), its second word begins at `label_start`, and the dotted run at `first`.
    """
    text = folded.text
    name, ending = text[start : label_start - 1], text[label_start:end]
    path = text[end : end + 1] in ("/", ":") and text[end + 1 : end + 2].isalnum()
    if path and ending not in FILES:
        return name not in BEFORE_SENTENCES or ending not in SENTENCE_WORDS
    if ending in FILES:
        return False
    word = len(ending) > 2 and ending.isascii() and ending not in ("com", "net", "org", "info", "biz", "eco", "xyz")
    if (word or ending in WORDS) and (name in OBJECTS or (last and _CODE_AFTER.match(text, end))):
        return False
    if ending in SENTENCE_WORDS or ending in WORDS:
        accented = bool(_FRENCH_ACCENTS & set(unicodedata.normalize("NFC", folded.slice(start, end)).lower()))
        if name in BEFORE_SENTENCES or (accented and (ending in WORDS or ending in SENTENCE_WORDS)):
            return False
    elif name == "etc":
        return False
    if ending not in WORDS:
        return True
    hinted = "-" in name or any(c.isdigit() for c in name)
    return last and (hinted or bool(_WEB_BEFORE.search(text, max(0, first - 40), first)))


def _written(folded: Folded, start: int, end: int) -> str:
    # Normalised one by one: sorting many marks on one letter takes quadratic time, and plain text has none anyway.
    written = "".join(unicodedata.normalize("NFKC", c) for c in folded.slice(start, end))
    return "".join(c for c in written if unicodedata.category(c) != "Cf")


def run_before(text: str, end: int, limit: int, extra: str) -> int:
    """The start of the run of letters, digits and `extra` that ends at `end`, at most `limit` characters back.

    The run starts with a letter or a digit. Returns `end` if there is no run.
    """
    start = end
    while start > 0 and end - start < limit and (text[start - 1].isalnum() or text[start - 1] in extra):
        start -= 1
    while start < end and not text[start].isalnum():
        start += 1
    return start
