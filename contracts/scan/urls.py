"""Web addresses: with a scheme, bare ("example.com/a") or with a spelled dot. Those of profiles are handles."""

import re
from collections.abc import Iterator

from contracts.scan.endings import COUNTRIES_AND_COM, is_ending, is_shared
from contracts.scan.folding import Folded
from contracts.scan.hosts import BRACKET_DOT, host_end, run_before
from contracts.scan.platforms import SOCIAL, is_tool
from contracts.scan.spans import Span
from contracts.scan.words import word_set

_STOP = r"""\s<>"«»{}|\\^`\[\]\ue000"""
_TRAILING = ".,;:!?)'-*_"
_SCHEME = re.compile(rf"(?<![^\W_])(?:https?|ftps?)://([^{_STOP}]+)")
_DOTTED = re.compile(r"(?<![\w\-])[\w\-]*+(?:[.\u3002](?![.\u3002])[\w\-]*+)++")  # an ellipsis ends an address
_PATH = re.compile(rf"(?::\d{{2,5}}(?!\d))?(?:[/?#][^{_STOP}]*)?")
_LETTERS = re.compile(r"[^\W\d_]+")
_SPOKEN_DOT = re.compile(r"\s{1,2}(?:point|dot|punkt|punto)\s{1,2}([a-z]{2,12})(?![^\W_])(?:\s?slash(?![^\W_])|/)?")
_SPACED_DOT = re.compile(r"[ \n]{1,2}\.[ \n]{1,2}([a-z]{2,12})(?![^\W_])")
_NO_NAME = word_set("""
    un une le la les l ce cet cette ces mon ma mes ton votre notre nos leur son sa au aux du de des d en et ou par pour
    sur chaque petit prochain premier dernier grand faire fait a the an any every each this that early first last next
    one of in or and for bulle krach crise ere era annees boom startup startups valeurs societes pre post during on at
    bubble is was to with avec no our your my old new mini quel reunion hebdo extension extensions domaine domaines
""")
_NOT_AFTER_COM = re.compile(
    r"\s(?:bubble|crash|boom|era|compan|bust|firm|startup|years|wave|hype|mania|burst|world|generation|interne|externe)"
)
_SPOKEN_SITE = re.compile(
    r"(?<![^\W_])(?:site|web|www|adresse|url|rendez-vous sur|visitez?|voir|see|website|at|sur)[\s:]"
)


def urls(folded: Folded) -> Iterator[Span]:
    """The web addresses in the folded text, of kind `url` or `handle`."""
    yield from _with_scheme(folded.text)
    yield from _bare(folded)
    yield from _with_bracketed_dot(folded.text)
    yield from _spoken(folded.text)


def _with_scheme(text: str) -> Iterator[Span]:
    for match in _SCHEME.finditer(text):
        address = match.group(1).rstrip(_TRAILING)
        if any(c.isalnum() for c in address):
            host, _, path = address.partition("/")
            if path or not is_tool(host):
                yield match.start(), match.start(1) + len(address), _kind(host, path)


def _bare(folded: Folded) -> Iterator[Span]:
    text, read = folded.text, 0
    for run in _DOTTED.finditer(text):
        if run.start() < read:
            continue  # inside the path of the previous address: "ab.fr/cd.fr/…" is one address
        start = run.end() - len(run.group().lstrip("._-\u3002"))
        end = host_end(folded, start, run.start() + len(run.group().rstrip("._-\u3002")))
        if end is None:
            continue
        host = text[start:end]
        match = _PATH.match(text, end)
        path = match.group().rstrip(_TRAILING) if match else ""
        read = match.end() if match else end
        if path.strip("/") or not (is_tool(host) or is_shared(host)):
            yield start, end + len(path), _kind(host, path.partition("/")[2])


def _with_bracketed_dot(text: str) -> Iterator[Span]:
    for dot in BRACKET_DOT.finditer(text):
        start = run_before(text, dot.start(), 63, "-.")
        end = _LETTERS.match(text, dot.end())
        if start < dot.start() and end and is_ending(end.group()):
            yield start, end.end(), "url"


def _spoken(text: str) -> Iterator[Span]:
    """Addresses like "acme point fr", "www dot acme dot com", "acme . be"; not "faire un point com"."""
    for pattern in (_SPOKEN_DOT, _SPACED_DOT):
        for dot in pattern.finditer(text):
            start, ending = run_before(text, dot.start(), 63, "-."), dot.group(1)
            name = text[start : dot.start()]
            if ending not in COUNTRIES_AND_COM or len(name) < 2 or name in _NO_NAME or name.isdigit():
                continue
            said = "-" in name or any(c.isdigit() for c in name) or _SPOKEN_SITE.search(text, max(0, start - 32), start)
            if ending in ("com", "net", "de", "es", "it", "at", "be", "lu", "eu", "io", "pt") and not said:
                if ending != "com" or " dot " not in dot.group() or _NOT_AFTER_COM.match(text, dot.end(1)):
                    continue
            elif ending == "com" and _NOT_AFTER_COM.match(text, dot.end(1)):
                continue
            host = f"{name}.{ending}"
            if not is_tool(host) or dot.group().endswith(("/", "slash")):
                yield start, dot.end(1), "url"


def _kind(host: str, path: str) -> str:
    site = ".".join(host.removeprefix("www.").split(".")[-2:])
    return "handle" if site in SOCIAL and path.strip("/@") else "url"
