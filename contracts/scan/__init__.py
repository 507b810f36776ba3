"""Text folding, and the detection of contact data in free text. Pure functions, standard library only.

Two services use it: projects (briefs, answers, reasons, questions) and quotes (proposals). Every returned offset counts
code points of the ORIGINAL text, not of the folded one. All patterns are bounded or run over one character class, so
the time is linear in the length of the text.
"""

from contracts.scan.contact import contact_data, is_no_name
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
    "is_no_name",
    "merge",
    "name_words",
    "word_set",
]
