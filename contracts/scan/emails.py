"""E-mail addresses, written plainly or disguised ("thomas dot dupont at gmail dot com")."""

import re
from collections.abc import Iterator

from contracts.scan.hosts import BRACKET_DOT, TLDS, run_before
from contracts.scan.spans import Span

_AT = re.compile(
    r"[\[({<]\s{0,3}(?:at|arobase|arobas|aro|a|chez|@)\s{0,3}[\])}>]"
    r"|(?<![^\W_])(?:at|arobase|arobas)(?![^\W_])|@"
)
_DOT = re.compile(rf"{BRACKET_DOT.pattern}|\s{{1,2}}(?:dot|point)\s{{1,2}}|\s\.\s|\.")
_DOT_BEFORE = re.compile(r"(?:[\[({<]\s{0,2}(?:dot|point|\.)\s{0,2}[\])}>]\s{0,2}|\s(?:dot|point)\s{1,2})$")
_LABEL = re.compile(r"[^\W_][\w-]{0,62}")
_DOMAIN = re.compile(r"[\w.\-]+")
_IN_MAILBOX = "._%+-"


def emails(text: str) -> Iterator[Span]:
    """The e-mail addresses in a folded text."""
    for at in _AT.finditer(text):
        place = (_plain(text, at) if at.group() == "@" else None) or _disguised(text, at)
        if place:
            yield *place, "email"


def _plain(text: str, at: re.Match[str]) -> tuple[int, int] | None:
    start = run_before(text, at.start(), 64, _IN_MAILBOX + "'")
    end = _plain_domain(text, at.end())
    return (start, end) if start < at.start() and end else None


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
    end = _spoken_domain(text, right, needs_spoken_dot=at.group() == "at")
    return (_mailbox_start(text, start), end) if end else None


def _mailbox_start(text: str, start: int) -> int:
    """The start of a mailbox whose last word starts at `start`: "thomas dot dupont at …"."""
    for _ in range(3):
        dot = _DOT_BEFORE.search(text, max(0, start - 12), start)
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
    for k, label in enumerate(run.group().split(".")):
        bare = label.rstrip("-_")
        if not bare:
            break
        if k and len(bare) > 1 and bare.isalpha():
            best = start + len(bare)
            if bare in TLDS:
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
        dot = _DOT.match(text, label.end())
        label = _LABEL.match(text, dot.end()) if dot else None
        if not dot or not label:
            break
        spoken = spoken or dot.group() != "."
        if label.group().rstrip("-") in TLDS and (spoken or not needs_spoken_dot):
            end = label.end()
    return end
