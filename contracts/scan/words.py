"""Words: in a folded text, in a name, and the legal forms at the end of a firm's name."""

import re

from contracts.scan.folding import fold

WORD = re.compile(r"[^\W_]+")
_INITIALS = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W_]))?")


def name_words(name: str) -> list[str]:
    """The folded words of a name, without punctuation. Dotted initials are one word ("S.A.S." is "sas")."""
    folded = _INITIALS.sub(lambda match: match.group().replace(".", "") + " ", fold(name).text)
    return WORD.findall(folded)


def word_set(text: str) -> frozenset[str]:
    """The words of a long literal, as a set."""
    return frozenset(text.split())


LEGAL_FORMS = word_set("""
    sa sas sasu sarl eurl sci snc scop scic gie sca scs selarl se gmbh ag kg kgaa ohg ug mbh ltd limited llc llp lp
    plc inc incorporated corp corporation co company cie compagnie bv nv spa srl sl slu ab oy oyj asa aps kk pty pte
    sagl sprl asbl
""")
"""Words at the end of a firm's name that give its legal form and do not identify it."""
