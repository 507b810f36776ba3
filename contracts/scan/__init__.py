"""Text folding, and the detection of contact data in free text. Pure functions.

Used for briefs, answers, reasons and questions (projects), proposals (quotes), cards (matching) and names. Every
returned offset counts code points of the ORIGINAL text, not of the folded one. All patterns are bounded or run over one
character class, so the time is linear in the length of the text.
"""

from contracts.scan.contact import contact_data, is_no_name
from contracts.scan.endings import TLDS
from contracts.scan.errors import contact_at
from contracts.scan.folding import Folded, Piece, fold, fold_pieces
from contracts.scan.lookalikes import shape
from contracts.scan.markup import readings
from contracts.scan.spans import Leak, Span, merge
from contracts.scan.words import LEGAL_FORMS, WORD, name_words, word_set

__all__ = [
    "LEGAL_FORMS",
    "TLDS",
    "WORD",
    "Folded",
    "Leak",
    "Piece",
    "Span",
    "contact_at",
    "contact_data",
    "fold",
    "fold_pieces",
    "is_no_name",
    "merge",
    "name_words",
    "readings",
    "shape",
    "word_set",
]
