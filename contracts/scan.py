"""Text folding, and the contact data that a free text may hold: pure functions, standard library only.

Two services read it: projects (briefs, answers, reasons, questions) and quotes (proposals). Every offset given
back counts code points of the ORIGINAL text, whatever folding did to it. All patterns are bounded or run over one
character class, so that the time grows with the length of the text and not with its square.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

# --- folding --------------------------------------------------------------------------------------------------

# Letters that NFKD does not take apart, and the look-alikes of Latin letters in Cyrillic and Greek. Case is folded
# before this table, so a look-alike follows the shape of its capital (Greek Ν is n, although ν looks like v).
_LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i", "ŋ": "n"}
_CYRILLIC = "абвгеёзіїјкмнорстухѕһӏԁԛԝ", "a6bree3iijkmhopctyxshldqw"
_GREEK = "αβεζηικμνορτυχ", "abezhikmnoptyx"
_LOOKALIKES = {a: b for pair in (_CYRILLIC, _GREEK) for a, b in zip(*pair, strict=True) if a not in "бгз"}
_APOSTROPHES = "’‘ʼ′＇`´ʹ"
_FILLERS = "\u115f\u1160\u3164\uffa0\u034f"  # letters by their category, nothing on the screen


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    text = character
    if text in _APOSTROPHES:
        return "'"
    for _ in range(3):  # a compatibility form may open on another one; three rounds reach the fixed point
        before = text
        out = []
        for c in unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()):
            category = unicodedata.category(c)
            if category in ("Mn", "Me", "Cf") or c in _FILLERS:
                continue
            if category == "Pd" or c == "\u2212":
                out.append("-")
            elif category in ("Zs", "Zl", "Zp") or c == "\u2800":
                out.append(" ")
            elif c in _APOSTROPHES:
                out.append("'")
            else:
                out.append(_LETTERS.get(c) or _LOOKALIKES.get(c) or c)
        text = unicodedata.normalize("NFC", "".join(out))
        if text == before:
            break
    return text if len(text) <= 4 else character  # U+FDFA alone would become eighteen letters


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in folded form with the way back.

    `text[i]` comes from the original code points `starts[i]` up to `ends[i]` (combining marks included).
    """

    original: str
    text: str
    starts: list[int] | range
    ends: list[int] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original offsets of the folded slice [start, end), which must not be empty."""
        return self.starts[start], self.ends[end - 1]

    def slice(self, start: int, end: int) -> str:
        """The original text behind the folded slice [start, end), empty for an empty slice."""
        return self.original[self.starts[start] : self.ends[end - 1]] if start < end else ""


def fold(text: str) -> Folded:
    """`text` without case, accents, ligatures, width, look-alikes or invisible characters.

    Dashes become `-`, every space that is not a line break or tab ` `, apostrophes `'`; zero-width characters and
    combining marks are gone. `fold(fold(x).text).text == fold(x).text`.
    """
    if text.isascii() and "`" not in text:
        return Folded(text, text.lower(), range(len(text)), range(1, len(text) + 1))
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for offset, character in enumerate(text):
        folded = _fold_character(character)
        if len(folded) == 1:
            out.append(folded)
            starts.append(offset)
            ends.append(offset + 1)
        elif folded:
            out.append(folded)
            starts.extend([offset] * len(folded))
            ends.extend([offset + 1] * len(folded))
        elif ends and ends[-1] == offset and unicodedata.category(character) in ("Mn", "Me"):
            k = len(ends) - 1  # the mark belongs to what it stands on, all letters of a ligature alike
            base = starts[k]
            while k >= 0 and starts[k] == base:
                ends[k] = offset + 1
                k -= 1
    return Folded(text, "".join(out), starts, ends)


WORD = re.compile(r"[^\W_]+")
_INITIALS = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W_]))?")


def name_words(name: str) -> list[str]:
    """The folded words of a name; dotted initials are one word ("S.A.S." is "sas"), punctuation is gone."""
    folded = _INITIALS.sub(lambda m: m.group().replace(".", "") + " ", fold(name).text)
    return WORD.findall(folded)


def word_set(text: str) -> frozenset[str]:
    """The words of a long literal, as a set."""
    return frozenset(text.split())


LEGAL_FORMS = word_set("""
    sa sas sasu sarl eurl sci snc scop scic gie sca scs selarl se gmbh ag kg kgaa ohg ug mbh ltd limited llc llp
    lp plc inc incorporated corp corporation co company cie compagnie bv nv spa srl sl slu ab oy oyj asa aps kk
    pty pte sagl sprl asbl
""")
"""Words at the end of a firm's name that say its legal form and nothing about who it is."""


# --- leaks ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Leak:
    """A place in a text: code points [start, end) of the original, what it is, and what stands there."""

    start: int
    end: int
    kind: str
    text: str


def merge(text: str, leaks: Iterable[tuple[int, int, str]]) -> list[Leak]:
    """Sorted, with overlaps made one (the kind of its longest part; the first given where equal)."""
    merged: list[tuple[int, int, str, int]] = []
    for start, end, kind in sorted(leaks, key=lambda leak: leak[0]):
        if merged and start < merged[-1][1]:
            first, last, longest_kind, longest = merged[-1]
            if end - start > longest:
                longest_kind, longest = kind, end - start
            merged[-1] = (first, max(last, end), longest_kind, longest)
        else:
            merged.append((start, end, kind, end - start))
    return [Leak(start, end, kind, text[start:end]) for start, end, kind, _ in merged]


def contact_data(text: str | Folded) -> list[Leak]:
    """E-mail addresses, telephone numbers, web addresses and handles in `text`, sorted, overlaps merged.

    Kinds are `email`, `phone`, `url` and `handle`. A text already folded is not folded again.
    """
    folded = fold(text) if isinstance(text, str) else text
    spans = [*_emails(folded.text), *_phones(folded.text), *_urls(folded), *_handles(folded.text)]
    return merge(folded.original, [(*folded.span(start, end), kind) for start, end, kind in spans])


Span = tuple[int, int, str]

# --- web addresses --------------------------------------------------------------------------------------------

# Names that end an address in practice. Country codes that are common words of English or French and seldom the
# home of a firm ("is", "no", "la", "my", "as", "to", "do", "am") are left out: "fini.la suite" is no address.
TLDS = word_set("""
    com net org info biz eu fr de uk be ch lu it es pt nl at dk se fi pl cz ie gr ro hu bg hr si sk lt lv ee mt
    cy us ca mx br ar cl co pe au nz jp cn kr hk tw sg th vn ph id in ae sa qa il tr ru ua za ma tn dz sn ci cm
    ng ke eg mc re gp mq nc pf io ai me tv cc ly gg gl fm so app dev cloud tech digital agency studio design
    shop store online site website blog news media group company consulting services solutions academy school
    education training coach coaching paris bzh alsace corsica london berlin brussels bank insurance finance
    energy health care eco bio life work works team social network community page link live pro name mobi edu
    gov int coop jobs careers email events space world global international systems software technology xyz club
    asia africa cat swiss wine beer
""")
_FILES = word_set("""
    pdf doc docx xls xlsx ppt pptx odt ods odp csv tsv txt rtf json yaml yml xml html htm js ts py md png jpg
    jpeg gif svg webp mp3 mp4 mov avi wav zip rar gz tar exe css sql ics eps psd indd key log
""")
# Tools and techniques whose very name is a domain, when they stand without a path.
_TOOLS = word_set("""
    asp.net vb.net ado.net ml.net socket.io draw.io diagrams.net monday.com
""")
# Where the path names a person or a page: a handle, not a site.
_SOCIAL = word_set("""
    linkedin.com instagram.com facebook.com fb.com twitter.com x.com github.com gitlab.com tiktok.com
    youtube.com t.me wa.me telegram.me medium.com behance.net dribbble.com malt.fr malt.com bsky.app
    snapchat.com pinterest.com pinterest.fr threads.net xing.com discord.gg
""")
_STOP = r"""\s<>"«»{}|\\^`\[\]\ue000"""
_SCHEME = re.compile(rf"(?<![^\W_])(?:https?|ftps?)://[^{_STOP}]+")
_HOST_RUN = re.compile(r"[\w.\-]+")
_PATH = re.compile(rf"(?::\d{{2,5}}(?!\d))?(?:[/?#][^{_STOP}]*)?")
_LETTERS_ONLY = re.compile(r"[^\W\d_]+")
_TRAILING = ".,;:!?)'-"
_BRACKET_DOT = re.compile(r"\s{0,2}[\[({<]\s{0,2}(?:dot|point|\.)\s{0,2}[\])}>]\s{0,2}")


def _urls(folded: Folded) -> list[Span]:
    text = folded.text
    found: list[Span] = []
    for match in _SCHEME.finditer(text):
        end = match.end() - (len(match.group()) - len(match.group().rstrip(_TRAILING)))
        rest = text[match.start() : end].split("://", 1)[1]
        if any(c.isalnum() for c in rest):
            found.append((match.start(), end, _address_kind(*_host_and_path(rest))))
    for run in _HOST_RUN.finditer(text):
        if "." in run.group():
            found.extend(_hosts(folded, run.start(), run.end()))
    for dot in _BRACKET_DOT.finditer(text):
        left = _run_before(text, dot.start(), 63, "-.")
        right = _LETTERS_ONLY.match(text, dot.end())
        if left < dot.start() and right and right.group() in TLDS:
            found.append((left, right.end(), "url"))
    return found


def _host_and_path(address: str) -> tuple[str, str]:
    host, slash, path = address.partition("/")
    return host, path if slash else ""


def _address_kind(host: str, path: str) -> str:
    labels = host.removeprefix("www.").split(".")
    social = ".".join(labels[-2:]) in _SOCIAL
    return "handle" if social and path.strip("/@") else "url"


def _hosts(folded: Folded, start: int, end: int) -> Iterable[Span]:
    """The addresses within one run of word characters, dots and hyphens."""
    text = folded.text
    position = start
    for piece in text[start:end].split(".."):  # an ellipsis ends an address
        left, right = position, position + len(piece)
        position = right + 2
        while left < right and text[left] in "._-":
            left += 1
        while right > left and text[right - 1] in "._-":
            right -= 1
        host_end = _host_end(folded, left, right)
        if host_end is None:
            continue
        host = text[left:host_end]
        path = ""
        if host_end == right and right == end:
            match = _PATH.match(text, host_end)
            path = match.group().rstrip(_TRAILING) if match else ""
        if host in _TOOLS and not path:
            continue
        yield left, host_end + len(path), _address_kind(host, path.partition("/")[2])


def _host_end(folded: Folded, start: int, end: int) -> int | None:
    """Where the longest believable host within [start, end) ends; None where there is none."""
    text = folded.text
    labels = text[start:end].split(".")
    if len(labels) < 2 or labels[-1] in _FILES:
        return None
    original = folded.slice(start, end)
    shouted = original.isupper()
    www = labels[0] == "www"
    best = None
    position = start
    for k, label in enumerate(labels):
        position += len(label) + (k > 0)
        if k == 0 or label not in TLDS:
            continue
        if not shouted and not _written_low(folded, position - len(label), position):
            continue  # "terminé.De plus": a full stop without its space, not a German address
        before = labels[k - 1]
        named = len(before) > 1 and any(c.isalpha() for c in before) and not (www and k == 1)
        if named or f"{before}.{label}" in _SOCIAL:
            best = position
    if best is None and www and len(labels) > 2 and labels[-1].isalpha() and len(labels[-1]) > 1:
        return end
    return best


def _written_low(folded: Folded, start: int, end: int) -> bool:
    """No capital and no accent: how the end of an address is written ("ça" is not Canada)."""
    written = unicodedata.normalize("NFKC", folded.slice(start, end))
    return "".join(c for c in written if unicodedata.category(c) != "Cf") == folded.text[start:end]


# --- e-mail addresses -----------------------------------------------------------------------------------------

_AT = re.compile(
    r"[\[({<]\s{0,3}(?:at|arobase|arobas|aro|a|chez|@)\s{0,3}[\])}>]"
    r"|(?<![^\W_])(?:at|arobase|arobas)(?![^\W_])|@"
)
_DOT = re.compile(rf"{_BRACKET_DOT.pattern}|\s{{1,2}}(?:dot|point)\s{{1,2}}|\s\.\s|\.")
_DOT_BEFORE = re.compile(r"(?:[\[({<]\s{0,2}(?:dot|point|\.)\s{0,2}[\])}>]\s{0,2}|\s(?:dot|point)\s{1,2})$")
_LABEL = re.compile(r"[^\W_][\w-]{0,62}")


def _run_before(text: str, end: int, limit: int, extra: str) -> int:
    """Where the run of letters, digits and `extra` that ends at `end` begins, at most `limit` characters back."""
    start = end
    while start > 0 and end - start < limit and (text[start - 1].isalnum() or text[start - 1] in extra):
        start -= 1
    while start < end and not text[start].isalnum():
        start += 1
    return start


def _emails(text: str) -> Iterable[Span]:
    for at in _AT.finditer(text):
        left_edge, right_edge = at.start(), at.end()
        if at.group() == "@":
            start = _run_before(text, left_edge, 64, "._%+-'")
            end = _plain_domain(text, right_edge) if start < left_edge else None
            if end:
                yield start, end, "email"
                continue
        for _ in range(3):
            if left_edge and text[left_edge - 1].isspace():
                left_edge -= 1
            if right_edge < len(text) and text[right_edge].isspace():
                right_edge += 1
        start = _run_before(text, left_edge, 64, "._%+-")
        if start == left_edge:
            continue
        end = _spoken_domain(text, right_edge, needs_spoken_dot=at.group() == "at")
        if not end:
            continue
        for _ in range(3):  # "thomas dot dupont at …"
            dot = _DOT_BEFORE.search(text, max(0, start - 12), start)
            if not dot:
                break
            earlier = _run_before(text, dot.start(), 64, "._%+-")
            if earlier == dot.start():
                earlier = _run_before(text, len(text[: dot.start()].rstrip()), 64, "._%+-")
            if earlier >= dot.start():
                break
            start = earlier
        yield start, end, "email"


def _plain_domain(text: str, start: int) -> int | None:
    run = _HOST_RUN.match(text, start)
    if not run:
        return None
    best = known = None
    position = start
    for k, label in enumerate(run.group().split(".")):
        position += len(label) + (k > 0)
        bare = label.rstrip("-_")
        if not bare:
            break
        if k and len(bare) > 1 and bare.isalpha():
            best = position - (len(label) - len(bare))
            if bare in TLDS:
                known = best
    return known or best


def _spoken_domain(text: str, start: int, needs_spoken_dot: bool) -> int | None:
    label = _LABEL.match(text, start)
    if not label:
        return None
    position, spoken = label.end(), False
    end: int | None = None
    for _ in range(5):
        dot = _DOT.match(text, position)
        label = _LABEL.match(text, dot.end()) if dot else None
        if not dot or not label:
            break
        spoken = spoken or dot.group() != "."
        position = label.end()
        if label.group().rstrip("-") in TLDS and (spoken or not needs_spoken_dot):
            end = position
    return end


# --- handles --------------------------------------------------------------------------------------------------

_HANDLE = re.compile(r"(?<![\w@])@\w[\w.\-]*")
_PROFILE_PATH = re.compile(r"(?<![\w/])/?in/[^\W_][\w\-%]{2,}")


def _handles(text: str) -> Iterable[Span]:
    for match in _HANDLE.finditer(text):
        end = match.start() + len(match.group().rstrip(".-"))
        if end - match.start() > 2 and any(c.isalpha() for c in match.group()):
            yield match.start(), end, "handle"
    for match in _PROFILE_PATH.finditer(text):
        if match.group().startswith("/") or "-" in match.group():
            yield *match.span(), "handle"


# --- telephone numbers ----------------------------------------------------------------------------------------

_SEPARATOR = r"\s?[.\-/]\s?|[ ]{1,2}|\t"
_NOT_INSIDE = r"(?<![^\W_])(?<!\d[\-.,:])(?<!\+)"
_GROUPED = re.compile(rf"{_NOT_INSIDE}\(?(0[1-9]\d{{0,3}}|0)\)?({_SEPARATOR})\d{{2,4}}(?:\2\d{{2,4}}){{1,3}}(?!\d)")
_FIRST_APART = re.compile(rf"{_NOT_INSIDE}0[1-9](?:{_SEPARATOR})\d\d({_SEPARATOR})\d\d\1\d\d\1\d\d(?!\d)")
_COMPACT = re.compile(rf"{_NOT_INSIDE}(?:0[1-9]\d{{8,9}}|0\d{{4}} \d{{6}})(?![^\W_])(?![.,]\d)")
_FRENCH_ABROAD = re.compile(
    r"(?<![^\W_])(?:\+|\(\+|00)\s?33\)?[ .\-]{0,2}(?:\(0\)\s?)?0?[1-9](?:[ .\-/]{0,3}\d\d){4}(?!\d)"
)
_ABROAD = re.compile(r"(?<![^\W_])(?<!\d[\-.,:])(?:\+\s?|\(\+|00\s?)[1-9]\d{0,2}(?:[ .\-/()]{0,3}\d){6,13}(?!\d)")
_AMERICAN = re.compile(r"(?<![^\W_])(?<!\d[\-.,:])(?:\(\d{3}\) ?\d{3}[-. ]|\d{3}([-.])\d{3}\1)\d{4}(?![\d\-.,]\d|\d)")
_THOUSANDS = re.compile(r"\+\s?\d{1,3}(?:([ .])\d{3})(?:\1\d{3})*$")
_MONEY = re.compile(r"\s{0,2}(?:[€$£%]|k?eur|usd|chf|million|milliard|billion)")


def _phones(text: str) -> Iterable[Span]:
    french = set()
    for pattern in (_FRENCH_ABROAD, _COMPACT, _FIRST_APART, _AMERICAN):
        for match in pattern.finditer(text):
            yield *match.span(), "phone"
            if pattern is _FRENCH_ABROAD:
                french.add(match.start())
    for match in _GROUPED.finditer(text):
        length = _national_length(match)
        if length:
            yield match.start(), match.start() + length, "phone"
    for match in _ABROAD.finditer(text):
        if match.start() in french:
            continue  # its length is known, so a number after it is another one
        number = match.group()
        digits = sum(c.isdigit() for c in number)
        least = 12 if number.startswith("00") else 8
        thousands = _THOUSANDS.match(number)
        if digits < least or digits > 16 or _MONEY.match(text, match.end()):
            continue
        if (number.endswith("000") and thousands) or (thousands and digits < 11):
            continue  # "+1 200 000 followers" is growth
        yield *match.span(), "phone"


def _national_length(match: re.Match[str]) -> int | None:
    """How much of a run of groups with one separator is a number of 9 to 11 digits; None for a date or none."""
    groups = list(re.finditer(r"\d+", match.group()))
    values = [group.group() for group in groups]
    if len(values[1]) == 2 and len(values) > 2 and re.fullmatch(r"(?:19|20)\d\d", values[2]) and len(values[0]) == 2:
        return None  # "01 02 2026 10"
    if values[0] == "0":
        return groups[3].end() if len(values) > 3 and all(len(v) == 3 for v in values[1:4]) else None
    for wanted in (10, 11, 9):
        total = 0
        for k, value in enumerate(values):
            total += len(value)
            if total == wanted and k >= 2:
                return groups[k].end()
    return None
