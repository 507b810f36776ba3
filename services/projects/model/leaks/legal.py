"""Legal forms that a firm's name begins or ends with, in any script."""

from contracts.scan import LEGAL_FORMS, name_words, word_set

_ABROAD = """
    sp z o.o., spółka z o.o., s.r.o., a.s., d.o.o., d.d., s.a. de c.v., s. de r.l., s.r.l., s.p.a., s.n.c., s.a.r.l.,
    ltda, eireli, lda, kft, zrt, nyrt, bt, sro, spol, doo, ood, eood, ead, oü, uab, sia, aps, a/s, i/s, hf, ehf, oyj,
    pvt, pvt ltd, pte ltd, pty ltd, sdn bhd, bhd, tbk, pt, fze, fzco, fzc, wll, psc, pjsc, ojsc, jsc, kgaa, e.k., e.v.,
    gbr, partg, gmbh & co kg, stiftung, b.v.b.a., bvba, s.c.r.l., cvba, vzw, sprl, srl, eesv, gie, saoc, saog,
    ооо, зао, оао, пао, ао, ип, тоо, тов, прат, ад, еад, еоод, дд, доо, ε.π.ε., α.ε., ο.ε., ε.ε., ι.κ.ε., ике,
    בעמ, בע"מ, ש.מ., شركة, ش.م.ل, ش.م.م, ذ.م.م, şti, aş, a.ş., ltd şti
"""
_UNSPACED = (
    "股份有限公司", "有限责任公司", "有限責任公司", "有限公司", "株式会社", "合同会社", "有限会社", "合資会社", "会社",
    "集团", "集團", "公司", "주식회사", "유한회사",
)  # fmt: skip
"""In scripts without spaces the legal form is part of the word; longer ones first."""
_SEQUENCES = sorted(
    {tuple(words) for part in _ABROAD.split(",") if (words := name_words(part.strip()))}, key=len, reverse=True
)
_AMBIGUOUS = word_set("pt bt ad dd hf as ek ev")
"""At the beginning of a name these are no legal form."""


def without_legal_forms(words: list[str]) -> list[str]:
    """The words of a name without the legal forms at either end; at least one word is left."""
    before: list[str] = []
    while before != words:
        before = words
        words = _without_last(_without_first(words))
    return [without_unspaced(word) for word in words] if len(words) == 1 else words


def without_unspaced(name: str) -> str:
    """A name without the legal form that is part of its first or last word, in scripts without spaces."""
    for legal in _UNSPACED:
        if name.strip() != legal:
            name = name.strip().removeprefix(legal).removesuffix(legal)
    return name


def _without_last(words: list[str]) -> list[str]:
    if len(words) > 1 and words[-1] in LEGAL_FORMS:
        return words[:-1]
    for sequence in _SEQUENCES:
        if len(words) > len(sequence) and tuple(words[-len(sequence) :]) == sequence:
            return words[: -len(sequence)]
    return words[:-1] if len(words) > 1 and words[-1] in _UNSPACED else words


def _without_first(words: list[str]) -> list[str]:
    if len(words) > 1 and words[0] in LEGAL_FORMS and len(words[0]) > 2:  # "SAS Dupont"
        return words[1:]
    for sequence in _SEQUENCES:
        shared = len(words) > len(sequence) and tuple(words[: len(sequence)]) == sequence
        if shared and not (len(sequence) == 1 and (sequence[0] in _AMBIGUOUS or len(sequence[0]) < 2)):
            return words[len(sequence) :]
    return words[1:] if len(words) > 1 and words[0] in _UNSPACED else words
