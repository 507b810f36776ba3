"""Text folding, and the contact data that a free text may hold: pure functions, standard library only.

Two services read it: projects (briefs, answers, reasons, questions) and quotes (proposals). Every offset given
back counts code points of the ORIGINAL text, whatever folding did to it. All patterns are bounded or run over one
character class, so that the time grows with the length of the text and not with its square.
"""

from contracts.scan.contact import contact_data
from contracts.scan.folding import Folded, fold
from contracts.scan.hosts import TLDS
from contracts.scan.spans import Leak, Span, merge
from contracts.scan.words import LEGAL_FORMS, WORD, name_words, word_set

__all__ = [
    "LEGAL_FORMS",
    "TLDS",
    "WORD",
    "Folded",
    "Leak",
    "Span",
    "contact_data",
    "fold",
    "merge",
    "name_words",
    "word_set",
]
