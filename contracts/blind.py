"""Blind digests: whether two parties named the same firm or school, without either name being readable.

A mentor's firms not to work for and a client's schools not to invite are compared as
HMAC-SHA-256(secret, project id, normalised name). The project's id is under the digest, so that two projects of one
client do not look alike, and a list of digests seen for one project says nothing about another.
Whoever holds the secret and a list of companies can try them one by one: see docs/decisions/0012-blind-digests.md.
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
_PLACES = frozenset(
    [
        "france",
        "europe",
        "international",
        "worldwide",
        "global",
        "uk",
        "usa",
        "deutschland",
        "belgium",
        "belgique",
        "suisse",
    ]
)


def normalise(name: str) -> str:
    """The form of a firm's, a school's or a domain's name under which two spellings of it are equal.

    Case, accents, ligatures, look-alikes, punctuation and spaces are gone, "&" and "and" alike, and so is the legal
    form at the end ("Nestlé Waters S.A.S." and "NESTLE-WATERS" are `nestlewaters`). Of a web address the host stays,
    without scheme, `www.` and path. Empty where nothing can be read.
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
    while len(words) > 1 and (words[-1] in LEGAL_FORMS or words[-1] in _EVERYWHERE):
        words.pop()
    while len(words) > 1 and words[0] in _EVERYWHERE:
        words.pop(0)
    return words


def digest(secret: bytes, project_id: str, name: str) -> str:
    """Lower-case hexadecimal HMAC-SHA-256 of the project's id and the normalised name, each after its length.

    Raises ValueError for an empty secret, an empty project id, or a name of which normalising leaves nothing (all
    such names would be equal).
    """
    return _digest(secret, project_id, normalise(name))


def digests(secret: bytes, project_id: str, names: Iterable[str]) -> list[str]:
    """The digests of `names`, sorted and without repetition, so that their order says nothing.

    A name that ends in a place is also digested without it ("Orange France" and "Orange" meet), so there may be
    more digests than names. Names of which nothing can be read are left out.
    """
    forms: set[str] = set()
    for name in names:
        words = _words(name)
        forms.add("".join(words))
        while len(words) > 1 and words[-1] in _PLACES:
            words.pop()
            forms.add("".join(words))
    return sorted(_digest(secret, project_id, form) for form in forms if form)


def domain_digest(secret: bytes, account_id: str, domain: str) -> str:
    """The digest of a mail domain, for this account alone. Nothing but case is normalised: `digest` drops the dots of
    a host, so that who owns ``nest.le.com`` could pass for ``nestle.com``.
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
