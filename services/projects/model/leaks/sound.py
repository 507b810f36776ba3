"""The consonants of a word as it is said, so that spellings of one name in several scripts become equal.

`skeleton` is strict: what usual transliterations of one word share. `sounds` is loose: scripts that do not tell b from
p or l from r, that write no vowels or too many, and letters that are mute in French, make its keys.
"""

import re
from collections.abc import Iterator
from itertools import product

from anyascii import anyascii

_ALIKE = (
    ("shch", "s"), ("sch", "s"), ("tch", "c"), ("sh", "s"), ("ch", "c"), ("zh", "j"), ("kh", "k"), ("ph", "f"),
    ("ck", "k"), ("dj", "j"), ("x", "ks"), ("q", "k"), ("z", "s"), ("gu", "g"),
)  # fmt: skip
_SILENT = re.compile(r"[aeiouyvwh'\W\d_]+")
_DOUBLED = re.compile(r"(.)\1+")

_OF_SCRIPTS = (
    ("μπ", "b"), ("ντ", "d"), ("γκ", "g"), ("Μπ", "B"), ("Ντ", "D"), ("Γκ", "G"), ("ευ", "ef"), ("αυ", "af"),
    ("ו", "w"), ("ッ", ""), ("ة", "a"),
)  # fmt: skip
_SAID = (
    (r"s?[hc]?tsch|shch|sch|tch|[scz]h|[cs]z|dj|dz|t[sz]|tion", "S"), (r"ck|kh|qu?", "K"), (r"ph", "P"),
    (r"th", "T"), (r"x", "KS"), (r"gn", "N"), (r"c(?=[eiy])|g(?=[eiy])|[szj]", "S"), (r"[ckg]", "K"),
    (r"[bpfv]", "P"), (r"[lr]", "R"), (r"[td]", "T"), (r"m", "M"), (r"n", "N"),
)  # fmt: skip
_STEPS = tuple((re.compile(spelled), said) for spelled, said in _SAID)
_HARD_G = re.compile(r"g(?=[eiy])")
_SOFT_J = re.compile(r"j")
_CH = re.compile(r"ch|kh|x(?=[aeiou])")
_VOWELS = re.compile(r"[^A-Z]+")
_ENDING = re.compile(r"(?:[oe]go|[ao]ya|oye|ii|iy|yi|yy|om|em|ov|ou|os|is|as)$")
_MUTE = re.compile(r"(?<=[aeiouy])[tdsxzp]s?$")
_RHOTIC = re.compile(r"r(?=$|[^aeiouyr])")
_PLAIN = (("ou", "u"), ("y", "i"), ("w", "v"), ("ph", "f"), ("c", "k"), ("q", "k"), ("h", ""))
_ARTICLE = re.compile(r"^[ae][lrsdtnz]-?(?=[a-z]{4})")


def skeleton(letters: str) -> str:
    """The consonants that a transliteration keeps, similar ones made equal, doubled ones once."""
    for written, alike in _ALIKE:
        letters = letters.replace(written, alike)
    return _DOUBLED.sub(r"\1", _SILENT.sub("", letters))


def latin(word: str) -> str:
    """A word of any script in small Latin letters, as it is said."""
    for written, said in _OF_SCRIPTS:
        word = word.replace(written, said)
    return "".join(c for c in anyascii(word).lower() if c.isascii() and c.isalpha())


def plain(letters: str) -> str:
    """The letters of a word, those made equal that transliterations choose between, doubled ones once."""
    for written, said in _PLAIN:
        letters = letters.replace(written, said)
    return _DOUBLED.sub(r"\1", letters)


def sounds(letters: str) -> frozenset[str]:
    """The keys of a word in Latin letters, one for each way to say it."""
    spoken = {letters}
    for pattern, instead in (
        (_HARD_G, "k"), (_SOFT_J, ""), (_CH, ""), (_CH, "k"), (_ENDING, ""), (_MUTE, ""), (_RHOTIC, ""), (_ARTICLE, ""),
    ):  # fmt: skip
        spoken |= {pattern.sub(instead, each) for each in spoken}
    keys = {key for each, w in product(spoken, ("", "v")) for key in _keys(each.replace("w", w))}
    return frozenset(key for key in keys if len(key) > 1)


def _keys(letters: str) -> Iterator[str]:
    """The sounds of a spelling; equal ones with a vowel between them twice, and once."""
    for pattern, said in _STEPS:
        letters = pattern.sub(said, letters)
    apart = _VOWELS.sub("", _DOUBLED.sub(r"\1", letters))
    yield apart
    yield _DOUBLED.sub(r"\1", apart)
