"""Scans texts for the client's identity before the transaction opens. Pure.

A scan takes milliseconds, and a transaction that waits for it would block others. Only if the identity has changed
by the time the transaction runs are the texts scanned again inside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from chassis.facts import Refusal, wrong
from services.projects.model.leaks import MASK, FieldLeak, Identity, find_leaks, redact

MOST = {"title": 200, "brief": 20_000}
"""Maximum lengths, in characters."""
MOST_CONFIRMED = 1_000
"""Maximum number of places that one request confirms."""

CERTAIN = (
    'Ces endroits diraient aux mentors qui vous êtes. Reformulez-les, ou publiez un projet avec "redact": true. / '
    'These places would reveal to mentors who you are. Rephrase them, or post a project with "redact": true.'
)
DOUBTFUL = (
    "Ces mots sont aussi l’un de vos noms : parlent-ils de vous ? Si oui, reformulez-les ; sinon, renvoyez la même "
    'demande avec ces endroits dans "confirmed". / These words are also one of your names: do they mean you? If so, '
    'rephrase them; if not, send the same request with these places in "confirmed".'
)


class Place(NamedTuple):
    """The code points [start, end) of a field's text, where a word is also a name of the client."""

    field: str
    start: int
    end: int


@dataclass(frozen=True)
class Clean:
    """Texts by field that do not name the client, and the places in them that the client said are not itself."""

    texts: Mapping[str, str]
    confirmed: Sequence[Place] = ()


class Scanned:
    """Texts by field, with the cached result of their scan for each identity."""

    def __init__(self, texts: Mapping[str, str], confirmed: Iterable[Place] = (), *, redacting: bool = False) -> None:
        self._texts = texts
        self._confirmed = frozenset(confirmed)
        self._redacting = redacting
        self._known: dict[Identity, Clean | Refusal] = {}

    def prepare(self, identity: Identity | None) -> None:
        """Scans now, so that `clean_for` finds the result; does nothing if the identity is None (unknown)."""
        if identity is not None and identity not in self._known:
            try:
                self._known[identity] = scan(self._texts, identity, self._confirmed, redacting=self._redacting)
            except Refusal as refusal:
                self._known[identity] = refusal

    def clean_for(self, identity: Identity) -> Clean:
        """The texts, redacted if requested; raises ``identity-leak`` if they name the client or may name it."""
        self.prepare(identity)
        found = self._known[identity]
        if isinstance(found, Refusal):
            raise found
        return found


def places(rows: Iterable[Mapping[str, object]]) -> list[Place]:
    """Places from a request or from a stored document."""
    return [Place(str(row["field"]), int(str(row["start"])), int(str(row["end"]))) for row in rows]


def scan(
    texts: Mapping[str, str], identity: Identity, confirmed: Iterable[Place] = (), *, redacting: bool = False
) -> Clean:
    """The texts, if they do not name the client; otherwise raises ``identity-leak`` with each place.

    ``redacting`` replaces the certain places by ``[…]`` instead of raising. A doubtful place raises unless it is among
    the ``confirmed`` ones, exactly; a certain one cannot be confirmed.
    """
    leaks = find_leaks(texts, identity)
    certain = [leak for leak in leaks if leak.certain]
    known = frozenset(confirmed)
    accepted = [leak for leak in leaks if not leak.certain and _place(leak) in known]
    asked = [leak for leak in leaks if not leak.certain and _place(leak) not in known]
    if certain and not redacting:
        raise identity_leak(sorted([*certain, *asked]))
    if asked:
        raise identity_leak(asked)
    clean = {name: redact(text, [leak for leak in certain if leak.field == name]) for name, text in texts.items()}
    return Clean(clean, [_after_redaction(leak, certain) for leak in accepted])


def check_certain(texts: Mapping[str, str], identity: Identity) -> None:
    """Raises ``identity-leak`` if the texts name the client for certain."""
    certain = [leak for leak in find_leaks(texts, identity) if leak.certain]
    if certain:
        raise identity_leak(certain)


def read_tables() -> None:
    """Reads the lists of words, endings and numbers that a scan compares with, so that the first request need not."""
    find_leaks({"text": "Appelez le 01 23 45 67 89."}, Identity(name="Relève", domains=("releve.example",)))


def check_lengths(texts: Mapping[str, str]) -> None:
    """Raises ``invalid`` for a text that redaction has made too long: ``[…]`` is longer than a short name."""
    grown = {name: MOST[name] for name, text in texts.items() if len(text) > MOST[name]}
    if grown:
        message = "Over {} characters once redacted."
        errors = [wrong(name, "too-long", message.format(most), max=most) for name, most in grown.items()]
        raise Refusal("invalid", errors=errors)


def identity_leak(leaks: Sequence[FieldLeak]) -> Refusal:
    """The refusal that shows the client each place that would reveal it, or asks about those that might."""
    shown = [asdict(leak) for leak in leaks]
    errors = [_error(leak) for leak in leaks]
    detail = CERTAIN if any(leak.certain for leak in leaks) else DOUBTFUL
    return Refusal("identity-leak", detail, errors=errors, extra={"leaks": shown})


def _error(leak: FieldLeak) -> dict[str, Any]:
    place = {"kind": leak.kind, "start": leak.start, "end": leak.end, "certain": leak.certain}
    return wrong(leak.field, "identity-leak", f"{leak.kind} at {leak.start}", **place)


def _place(leak: FieldLeak) -> Place:
    return Place(leak.field, leak.start, leak.end)


def _after_redaction(leak: FieldLeak, redacted: Sequence[FieldLeak]) -> Place:
    """The place of a leak once others of its text are replaced by masks."""
    before = [one for one in redacted if one.field == leak.field and one.end <= leak.start]
    shift = sum(len(MASK) - (one.end - one.start) for one in before)
    return Place(leak.field, leak.start + shift, leak.end + shift)
