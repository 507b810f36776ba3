"""Reads a text as it looks once markup is rendered: entities, tags, escapes and emphasis pasted from elsewhere.

So are letters that a program has shown in the wrong encoding.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator

from contracts.scan.folding import Folded, Piece, fold, fold_pieces
from contracts.scan.words import word_set

_ROUNDS = 2
"""How often markup inside markup is read: "&amp;eacute;" takes two rounds."""
_AROUND = 160
"""Characters before and after markup that may belong to the same name or number."""
_BLOCKS = word_set("p br div li ul ol td th tr table h1 h2 h3 h4 h5 h6 hr section article")
_HINT = re.compile(r"[&<%\\*_~`\[=ÂÃÄÅâ]|xn--", re.IGNORECASE)
_FOLLOWING = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
"""The characters of Windows-1252 and ISO 8859-1 for the bytes of UTF-8 after the first one of a character."""
_MARKUP = re.compile(
    r"""
    (?= [&<\\\[\]!=*~`_%xÂÃÄÅâ] ) (?:  # for speed: all markup begins with one of these
      (?P<entity> & (?: \#\d{1,7} | \#x[0-9a-f]{1,6} | [a-z][a-z0-9]{1,31} ) ;? )
    | (?P<tag> </?(?P<named>[a-z][a-z0-9:\-]{0,20})(?:\s[^<>]{0,500})?/?> | <!--[^<>]{0,500}--> )
    | (?P<accent> \\ (?: ['`^"~=.] | [cvuHk](?=\{) ) \s?\{?\\?(?P<letter>[a-z])\}? )
    | (?P<nothing>
          \]\([^()\s]{0,500}\) | !?\[(?=[^\[\]\n]{1,200}\]\()         # a link in Markdown
        | \[/?[a-z]{1,8}(?:=[^\[\]\n]{0,200})?\]                      # a tag of a forum
        | =\r?\n                                                      # a soft line break in a mail
        | \\(?=[^\w\s]|\ )                                            # an escaped sign
        | (?<=\w)[*~`]{1,3} | [*~`]{1,3}(?=\w)                        # emphasis
        | (?<![^\W_])_{1,3}(?=[^\W_]) | (?<=[^\W_])_{1,3}(?![^\W_]) )
    | (?P<bytes> (?:%[0-9a-f]{2})+ | (?-i:(?:=[0-9A-F]{2})+) )
    | (?P<misread> (?-i:[ÂÃÄÅ][FOLLOWING]|â[FOLLOWING]{2}) )          # "cafÃ©": UTF-8 opened as Windows-1252
    | (?P<code> \\ (?: u\{?(?P<wide>[0-9a-f]{4,6})\}? | x(?P<narrow>[0-9a-f]{2}) ) )
    | (?P<space> \\[nrt](?-i:(?![a-zà-ÿ])) )
    | (?P<backslash> \\(?=[^\W\d_]) )
    | (?P<domain> (?<![^\W_])xn--(?P<label>[a-z0-9\-]{1,59})(?![^\W_]) ) )
    """.replace("FOLLOWING", _FOLLOWING),
    re.IGNORECASE | re.VERBOSE,
)


def renderings(text: str) -> list[Folded]:
    """The parts of `text` near its markup, folded as they look once that is rendered, with offsets of `text`."""
    if not _HINT.search(text):
        return []
    found: list[list[Piece]] = []
    for start, end in _parts(text):
        pieces = _read(text, start, end)
        if pieces is not None:
            found.append(pieces)
    return [fold_pieces(text, pieces) for pieces in found]


def readings(text: str) -> list[Folded]:
    """`text` folded as it stands and, where it has markup, as it looks once rendered."""
    return [fold(text), *renderings(text)]


def _parts(text: str) -> list[tuple[int, int]]:
    """The markup with what is around it, overlaps merged; they begin and end between words, if there is a space."""
    found: list[tuple[int, int]] = []
    for match in _MARKUP.finditer(text):
        start, end = max(0, match.start() - _AROUND), min(len(text), match.end() + _AROUND)
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return [(_between_words(text, start, -1), _between_words(text, end, 1)) for start, end in found]


def _between_words(text: str, position: int, step: int) -> int:
    for _ in range(_AROUND):
        if position in (0, len(text)) or text[position].isspace():
            break
        position += step
    return position


def _read(text: str, start: int, end: int) -> list[Piece] | None:
    """A part of the text as rendered; None if that changes nothing."""
    pieces: list[Piece] = []
    read = before = text[start:end]
    for k in range(_ROUNDS):
        found = list(_pieces(read))
        if k:
            pieces = [(c, pieces[first][1], pieces[last - 1][2]) for c, first, last in found]
        else:
            pieces = [(c, start + first, start + last) for c, first, last in found]
        before, read = read, "".join(c for c, _, _ in found)
        if read == before:
            break
    return None if read == text[start:end] else pieces


def _pieces(text: str) -> Iterator[Piece]:
    """The characters of a text, those of its markup replaced by what they stand for."""
    position = 0
    for match in _MARKUP.finditer(text):
        replaced = _REPLACED[match.lastgroup or ""](match)
        if replaced is not None:
            yield from ((text[k], k, k + 1) for k in range(position, match.start()))
            yield from replaced
            position = match.end()
    yield from ((text[k], k, k + 1) for k in range(position, len(text)))


def _as(said: str, match: re.Match[str]) -> list[Piece]:
    return [(character, *match.span()) for character in said]


def _entity(match: re.Match[str]) -> list[Piece] | None:
    said = html.unescape(match.group())
    return None if said == match.group() else _as(said, match)


def _tag(match: re.Match[str]) -> list[Piece]:
    return _as(" " if (match["named"] or "").lower() in _BLOCKS else "", match)


def _code(match: re.Match[str]) -> list[Piece] | None:
    number = int(match["wide"] or match["narrow"], 16)
    return _as(chr(number), match) if number < 0x110000 and not 0xD800 <= number < 0xE000 else None


def _domain(match: re.Match[str]) -> list[Piece] | None:
    try:
        return _as(match["label"].encode("ascii").decode("punycode"), match)
    except UnicodeError:
        return None


def _bytes(match: re.Match[str]) -> list[Piece]:
    """Percent-encoded or quoted-printable bytes, three characters each."""
    raw = bytes.fromhex(match.group().replace(match.group()[0], ""))
    encoding = "utf-8"
    try:
        said = raw.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"
        said = raw.decode(encoding)
    found: list[Piece] = []
    start = match.start()
    for character in said:
        end = start + 3 * len(character.encode(encoding))
        found.append((character, start, end))
        start = end
    return found


def _misread(match: re.Match[str]) -> list[Piece] | None:
    """A character whose bytes were each shown as one; bytes that Windows-1252 lacks are shown as ISO 8859-1."""
    raw = b"".join(c.encode("latin-1" if c <= "\xff" else "cp1252") for c in match.group())
    try:
        return _as(raw.decode(), match)
    except UnicodeDecodeError:
        return None


_REPLACED: dict[str, Callable[[re.Match[str]], Iterable[Piece] | None]] = {
    "entity": _entity,
    "tag": _tag,
    "nothing": lambda match: _as("", match),
    "bytes": _bytes,
    "misread": _misread,
    "code": _code,
    "accent": lambda match: _as(match["letter"], match),
    "space": lambda match: _as(" ", match),
    "backslash": lambda match: _as("", match),
    "domain": _domain,
}
