"""E-mail addresses, written plainly or disguised ("thomas dot dupont at gmail dot com"), also with HTML's escapes."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from contracts.scan.endings import SENTENCE_WORDS, is_ending
from contracts.scan.folding import Folded
from contracts.scan.hosts import BRACKET_DOT, DOTS, run_before
from contracts.scan.platforms import MAIL_PROVIDERS
from contracts.scan.spans import Span
from contracts.scan.words import word_set

_ESCAPED_AT = r"&#0*64;|&#x0*40;|&commat;|%40"
_AT = re.compile(
    r"[\[({<]\s{0,3}(?:at|arobase|arobas|aro|a|chez|@)\s{0,3}[\])}>]"
    rf"|(?<![^\W_])(?:at|arobase|arobas)(?![^\W_])|@|{_ESCAPED_AT}"
    r"|(?<=[\w])\s{1,2}a(?=\s{1,2}[\w\-]{2,40}\s{1,2}(?:point|dot)\s)"
)
_DOT = re.compile(rf"{BRACKET_DOT.pattern}|\s{{1,2}}(?:dot|point)\s{{1,2}}|\s\.\s|\.\n|\n\.|[{DOTS}]")
_WORD = r"(?:dot|point|tiret(?: du bas| bas)?|dash|hyphen|moins|underscore|souligne)"
_DOT_BEFORE = re.compile(
    rf"(?:[\[({{<]\s{{0,2}}(?:{_WORD}|\.)\s{{0,2}}[\])}}>]\s{{0,2}}|\s{_WORD}\s{{1,2}}|&#0*46;|&period;|\.\n)$"
)
_DASH = re.compile(r"\s(?:tiret|dash|hyphen)\s")
_LABEL = re.compile(r"[^\W_][\w-]{0,62}")
_DOMAIN = re.compile(rf"[\w\-{DOTS}]+")
_LABELS = re.compile(f"[{DOTS}]")
_SHOUTED = re.compile(r"(?<=[a-z0-9])AT(?=[a-z0-9])")
_AFTER_SHOUTED = re.compile(r"[a-z0-9][a-z0-9\-]{1,40}?(?:\.|dot)([a-z]{2,12})(?![^\W_])")
_IN_MAILBOX = "._%+-"
_SPACED_WORDS = word_set("""
    adresse adresses compte comptes mail mails email emails e-mail e-mails boite boites en un une des les le la address
    addresses account accounts domaine domain domaines avec with or ou et and type of a an the personal pro perso
""")
"""Words before "@gmail.com" that speak of addresses in general."""
_SPOKEN_PROVIDERS = {site.replace(".", f" {dot} ") for site in MAIL_PROVIDERS for dot in ("point", "dot")}
_FORGES = ("github.com", "gitlab.com", "bitbucket.org")


def emails(folded: Folded) -> Iterator[Span]:
    """The e-mail addresses in a folded text. The path of a repository ("git@github.com:acme/site") is a handle."""
    text = folded.text
    for at in _AT.finditer(text):
        place = _plain(text, at) or _disguised(text, at) or _unfinished(text, at)
        if not place:
            continue
        start, end = place
        if text[start : at.start()] == "git" and text[at.end() : end] in _FORGES:
            path = re.compile(r":[\w.\-]+/[\w.\-]+").match(text, end)
            if path:
                yield start, path.end(), "handle"
        else:
            yield start, end, "email"
    yield from _shouted(folded)


def _plain(text: str, at: re.Match[str]) -> tuple[int, int] | None:
    if at.group() != "@":
        return None
    start = run_before(text, at.start(), 64, _IN_MAILBOX + "'")
    end = _plain_domain(text, at.end())
    return (start, end) if start < at.start() and end else None


def _unfinished(text: str, at: re.Match[str]) -> tuple[int, int] | None:
    """An address whose domain lacks its ending, with a mailbox of two names: "thomas.dupont@acme"."""
    if at.group() != "@":
        return None
    start = run_before(text, at.start(), 64, _IN_MAILBOX)
    first, dot, second = text[start : at.start()].partition(".")
    label = _LABEL.match(text, at.end())
    named = dot and len(first) > 1 and first.isalpha() and len(second) > 1 and second.isalpha()
    plausible = named and label and len(label.group()) > 2 and label.group()[0].isalpha()
    return (start, label.end()) if label and plausible else None


def _disguised(text: str, at: re.Match[str]) -> tuple[int, int] | None:
    left, right = at.span()
    for _ in range(3):
        if left and text[left - 1].isspace():
            left -= 1
        if right < len(text) and text[right].isspace():
            right += 1
    start = run_before(text, left, 64, _IN_MAILBOX)
    if start == left:
        return None
    mailbox, word = text[start:left], at.group().strip()
    if at.group() == "@" and left < at.start() and mailbox in _SPACED_WORDS:
        return None
    named = "." in mailbox or "_" in mailbox
    end = _spoken_domain(text, right, needs_spoken_dot=word == "a" or (word == "at" and not named))
    start = _mailbox_start(text, start)
    if end and word == "a" and text[start:left] == mailbox and not named and text[right:end] not in _SPOKEN_PROVIDERS:
        return None  # "on va a paris point com": only after a mailbox of two names
    return (start, end) if end else None


def _mailbox_start(text: str, start: int) -> int:
    """The start of a mailbox whose last word starts at `start`: "thomas dot dupont at …"."""
    for _ in range(3):
        dot = _DOT_BEFORE.search(text, max(0, start - 18), start)
        if not dot:
            break
        end = dot.start()
        while end and text[end - 1].isspace():
            end -= 1
        earlier = run_before(text, end, 64, _IN_MAILBOX)
        if earlier == dot.start():
            break
        start = earlier
    return start


def _plain_domain(text: str, start: int) -> int | None:
    """The end of the domain that starts at `start`: after its last known top-level domain, or else a plausible one."""
    run = _DOMAIN.match(text, start)
    if not run:
        return None
    best = known = None
    for k, label in enumerate(_LABELS.split(run.group())):
        bare = label.rstrip("-_")
        if not bare:
            break
        if k and len(bare) > 1 and (bare.isalpha() or bare.startswith("xn--")):
            best = start + len(bare)
            if is_ending(bare) and not (known and bare in SENTENCE_WORDS):
                known = best
        start += len(label) + 1
    return known or best


def _spoken_domain(text: str, start: int, *, needs_spoken_dot: bool) -> int | None:
    """The end of a domain whose dots may be words. After "at", a common English word, at least one must be."""
    label = _LABEL.match(text, start)
    if not label:
        return None
    spoken = False
    end = None
    for _ in range(5):
        dash = _DASH.match(text, label.end())
        if dash and (after := _LABEL.match(text, dash.end())):
            label = after
        dot = _DOT.match(text, label.end())
        if dot and end and dot.group() not in DOTS and "\n" in dot.group():
            break  # a full stop at the end of a line, after a complete address
        label = _LABEL.match(text, dot.end()) if dot else None
        if not dot or not label:
            break
        spoken = spoken or dot.group() not in (*DOTS, ".\n", "\n.")
        if is_ending(label.group().rstrip("-")) and (spoken or not needs_spoken_dot):
            end = label.end()
    return end


def _shouted(folded: Folded) -> Iterator[Span]:
    """Addresses like "thomas.dupontATgmailDOTcom", which only capitals give away."""
    for at in _SHOUTED.finditer(folded.original):
        left = bisect_left(folded.starts, at.start())
        start = run_before(folded.text, left, 64, _IN_MAILBOX)
        domain = _AFTER_SHOUTED.match(folded.text, left + 2)
        if start < left and domain and is_ending(domain.group(1)):
            yield start, domain.end(), "email"
