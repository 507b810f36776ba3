"""Web addresses: with a scheme, bare ("example.com/a") or with a dot in brackets. Those of profiles are handles."""

import re
from collections.abc import Iterator

from contracts.scan.folding import Folded
from contracts.scan.hosts import BRACKET_DOT, SOCIAL, TLDS, host_end, run_before
from contracts.scan.spans import Span
from contracts.scan.words import word_set

# Tools and techniques whose name looks like a domain; they are not addresses unless a path follows.
_TOOLS = word_set("""
    asp.net vb.net ado.net ml.net socket.io draw.io diagrams.net monday.com
""")
_STOP = r"""\s<>"«»{}|\\^`\[\]\ue000"""
_TRAILING = ".,;:!?)'-"
_SCHEME = re.compile(rf"(?<![^\W_])(?:https?|ftps?)://([^{_STOP}]+)")
_DOTTED = re.compile(r"(?:(?!\.\.)[\w.\-])+")  # an ellipsis ends an address
_PATH = re.compile(rf"(?::\d{{2,5}}(?!\d))?(?:[/?#][^{_STOP}]*)?")
_LETTERS = re.compile(r"[^\W\d_]+")


def urls(folded: Folded) -> Iterator[Span]:
    """The web addresses in the folded text, of kind `url` or `handle`."""
    yield from _with_scheme(folded.text)
    yield from _bare(folded)
    yield from _with_bracketed_dot(folded.text)


def _with_scheme(text: str) -> Iterator[Span]:
    for match in _SCHEME.finditer(text):
        address = match.group(1).rstrip(_TRAILING)
        if any(c.isalnum() for c in address):
            host, _, path = address.partition("/")
            yield match.start(), match.start(1) + len(address), _kind(host, path)


def _bare(folded: Folded) -> Iterator[Span]:
    text, read = folded.text, 0
    for run in _DOTTED.finditer(text):
        if run.start() < read:
            continue  # inside the path of the previous address: "ab.fr/cd.fr/…" is one address
        start = run.end() - len(run.group().lstrip("._-"))
        end = host_end(folded, start, run.start() + len(run.group().rstrip("._-")))
        if end is None:
            continue
        host = text[start:end]
        match = _PATH.match(text, end)
        path = match.group().rstrip(_TRAILING) if match else ""
        read = match.end() if match else end
        if path or host not in _TOOLS:
            yield start, end + len(path), _kind(host, path.partition("/")[2])


def _with_bracketed_dot(text: str) -> Iterator[Span]:
    for dot in BRACKET_DOT.finditer(text):
        start = run_before(text, dot.start(), 63, "-.")
        end = _LETTERS.match(text, dot.end())
        if start < dot.start() and end and end.group() in TLDS:
            yield start, end.end(), "url"


def _kind(host: str, path: str) -> str:
    site = ".".join(host.removeprefix("www.").split(".")[-2:])
    return "handle" if site in SOCIAL and path.strip("/@") else "url"
