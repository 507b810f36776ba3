"""Recognises plausible host names in runs of dotted words, for web and e-mail addresses."""

import re
import unicodedata

from contracts.scan.folding import Folded
from contracts.scan.words import word_set

# Top-level domains in practical use. Country codes that are common English or French words and seldom a firm's domain
# ("is", "no", "la", "my", "as", "to", "do", "am") are left out: "fini.la suite" is not an address.
TLDS = word_set("""
    com net org info biz eu fr de uk be ch lu it es pt nl at dk se fi pl cz ie gr ro hu bg hr si sk lt lv ee mt cy us
    ca mx br ar cl co pe au nz jp cn kr hk tw sg th vn ph id in ae sa qa il tr ru ua za ma tn dz sn ci cm ng ke eg mc
    re gp mq nc pf io ai me tv cc ly gg gl fm so

    app dev cloud tech digital agency studio design shop store online site website blog news media group company
    consulting services solutions academy school education training coach coaching paris bzh alsace corsica london
    berlin brussels bank insurance finance energy health care eco bio life work works team social network community
    page link live pro name mobi edu gov int coop jobs careers email events space world global international systems
    software technology xyz club asia africa cat swiss wine beer
""")
# Hosts whose path names a person or a page, so that the address is a handle.
SOCIAL = word_set("""
    linkedin.com instagram.com facebook.com fb.com twitter.com x.com github.com gitlab.com tiktok.com youtube.com
    t.me wa.me telegram.me medium.com behance.net dribbble.com malt.fr malt.com bsky.app snapchat.com pinterest.com
    pinterest.fr threads.net xing.com discord.gg
""")
_FILES = word_set("""
    pdf doc docx xls xlsx ppt pptx odt ods odp csv tsv txt rtf json yaml yml xml html htm js ts py md png jpg jpeg gif
    svg webp mp3 mp4 mov avi wav zip rar gz tar exe css sql ics eps psd indd key log
""")
BRACKET_DOT = re.compile(r"\s{0,2}[\[({<]\s{0,2}(?:dot|point|\.)\s{0,2}[\])}>]\s{0,2}")


def host_end(folded: Folded, start: int, end: int) -> int | None:
    """The end of the longest plausible host in [start, end), or None."""
    labels = folded.text[start:end].split(".")
    if len(labels) < 2 or labels[-1] in _FILES:
        return None
    shouted = folded.slice(start, end).isupper()
    www = labels[0] == "www"
    best = None
    label_end = start + len(labels[0])
    for k, label in enumerate(labels[1:], 1):
        label_start, label_end = label_end + 1, label_end + 1 + len(label)
        if label not in TLDS:
            continue
        if not shouted and not _written_low(folded, label_start, label_end):
            continue  # "terminé.De plus": a full stop without a space after it, not a German address
        before = labels[k - 1]
        named = len(before) > 1 and any(c.isalpha() for c in before) and not (www and k == 1)
        if named or f"{before}.{label}" in SOCIAL:
            best = label_end
    if best is None and www and len(labels) > 2 and labels[-1].isalpha() and len(labels[-1]) > 1:
        return end
    return best


def _written_low(folded: Folded, start: int, end: int) -> bool:
    """Whether the slice has no capital and no accent, as at the end of an address ("ça" is not Canada)."""
    # Normalised one by one: sorting many marks on one letter takes quadratic time, and plain text has none anyway.
    written = "".join(unicodedata.normalize("NFKC", c) for c in folded.slice(start, end))
    return "".join(c for c in written if unicodedata.category(c) != "Cf") == folded.text[start:end]


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
