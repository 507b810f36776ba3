"""Blind digests: show whether two parties named the same firm or school, without making either name readable.

The firms that a mentor excludes and the schools that a client excludes are compared as HMAC-SHA-256(secret, project id,
normalised name). Because the digest includes the project's id, two projects of one client have different digests, and
the digests of one project reveal nothing about another. An attacker who has the secret and a list of companies can try
each one: see docs/decisions/0012-blind-digests.md.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

from contracts.scan import LEGAL_FORMS, fold, name_words

_PURPOSE = b"releve.blind.v1"
_SCHEME = re.compile(r"^\s*[a-z][a-z0-9+.\-]*://")
_WEB = re.compile(r"^\s*(?:www\.)+(?=\S)")
_HOST = re.compile(r"^\s*([^\s/?#:@]+\.[^\W\d_]{2,})\.?(?::\d+)?(?:[/?#]\S*)?\s*$")
_JOINS = frozenset(("and", "et", "und"))
_EVERYWHERE = frozenset(["group", "groupe", "gruppe", "grupo", "holding", "holdings"])
_PLACES = frozenset({
    "france", "europe", "international", "worldwide", "global", "uk", "usa", "deutschland", "belgium", "belgique",
    "suisse", "paris", "lyon", "marseille", "lille", "bordeaux", "toulouse", "nantes", "strasbourg", "grenoble",
    "rennes", "nice", "bruxelles", "brussels", "geneve", "lausanne", "luxembourg", "london", "berlin", "madrid",
    "milano",
})  # fmt: skip
"""Countries and cities that a name may end in: "HEC Paris" is HEC."""
_SCHOOLS = frozenset(["business", "school", "university", "universite", "management"])
"""Words that the name of a school may end in: "ESSEC Business School" is ESSEC."""
_SHORT = {"st": "saint", "ste": "sainte", "cie": "compagnie", "ets": "etablissements", "univ": "universite"}
"""Abbreviations in names of firms and schools."""


def normalise(name: str) -> str:
    """Normalises the name of a firm, a school or a domain, so that its different spellings are equal.

    It removes case, accents, ligatures, look-alikes, punctuation, spaces, "&", an "and" between words, and the legal
    form at the end ("Nestlé Waters S.A.S." and "NESTLE-WATERS" become `nestlewaters`), and writes abbreviations in full
    ("St-Gobain" becomes `saintgobain`). A web address is reduced to its host, without scheme, `www.` and path. The
    result is empty if the name has no letter or digit.
    """
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    text = _SCHEME.sub("", fold(name).text)
    text = _WEB.sub("", text)
    host = _HOST.match(text)
    if host:
        return ["".join(c for c in host.group(1) if c.isalnum())]
    words = name_words(text)
    words = [word for k, word in enumerate(words) if not (word in _JOINS and 0 < k < len(words) - 1)]
    words = [_SHORT.get(word, word) for word in words]
    while len(words) > 1 and (words[-1] in LEGAL_FORMS or words[-1] in _EVERYWHERE):
        words.pop()
    while len(words) > 1 and words[0] in _EVERYWHERE:
        words.pop(0)
    return words


def digest(secret: bytes, project_id: str, name: str) -> str:
    """Lower-case hexadecimal HMAC-SHA-256 of the project's id and the normalised name, each preceded by its length.

    Raises ValueError for an empty secret, an empty project id, or a name that is empty once normalised, because all
    such names would be equal.
    """
    return _digest(secret, project_id, normalise(name))


def digests(secret: bytes, project_id: str, names: Iterable[str]) -> list[str]:
    """The distinct digests of `names`, sorted, so that their order reveals nothing.

    A name that ends in a place or in the kind of a school is also digested without it, so that "Orange France" matches
    "Orange", and "ESSEC Business School" matches "ESSEC"; there may therefore be more digests than names. Names that
    are empty once normalised are left out.
    """
    forms: set[str] = set()
    for name in names:
        words = _words(name)
        forms.add("".join(words))
        while len(words) > 1 and words[-1] in _PLACES | _SCHOOLS:
            words.pop()
            forms.add("".join(words))
    return sorted(_digest(secret, project_id, form) for form in forms if form)


def domain_digest(secret: bytes, account_id: str, domain: str) -> str:
    """The digest of a mail domain, different for each account. Only case is normalised.

    `digest` would drop the dots, so that the owner of ``nest.le.com`` could pass for ``nestle.com``.
    """
    return _digest(secret, account_id, f"@{domain.lower()}")


def _digest(secret: bytes, project_id: str, normalised: str) -> str:
    if not secret or not project_id or not normalised:
        raise ValueError("a blind digest needs a secret, a project and a readable name")
    message = _PURPOSE
    for part in (project_id, normalised):
        data = part.encode()
        message += len(data).to_bytes(4, "big") + data
    return hmac.new(secret, message, hashlib.sha256).hexdigest()
