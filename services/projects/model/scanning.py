"""Scans texts for the client's identity before the transaction opens. Pure.

A scan takes milliseconds, and a transaction that waits for it would block others. Only if the identity has changed
by the time the transaction runs are the texts scanned again inside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from chassis.facts import Refusal
from services.projects.model.leaks import FieldLeak, Identity, find_leaks, redact

MOST = {"title": 200, "brief": 20_000}
"""Maximum lengths, in characters."""


class Scanned:
    """Texts by field, with the cached result of their scan for each identity."""

    def __init__(self, texts: Mapping[str, str], *, redacting: bool = False) -> None:
        self._texts = texts
        self._redacting = redacting
        self._known: dict[Identity, dict[str, str] | Refusal] = {}

    def prepare(self, identity: Identity | None) -> None:
        """Scans now, so that `clean_for` finds the result; does nothing if the identity is None (unknown)."""
        if identity is not None and identity not in self._known:
            try:
                self._known[identity] = scan(self._texts, identity, redacting=self._redacting)
            except Refusal as refusal:
                self._known[identity] = refusal

    def clean_for(self, identity: Identity) -> dict[str, str]:
        """The texts, redacted if requested; raises ``identity-leak`` if they name the client."""
        self.prepare(identity)
        found = self._known[identity]
        if isinstance(found, Refusal):
            raise found
        return found


def scan(texts: Mapping[str, str], identity: Identity, *, redacting: bool) -> dict[str, str]:
    """The texts, if they do not name the client; otherwise raises ``identity-leak`` with each place.

    ``redacting`` replaces those places by ``[…]`` instead of raising.
    """
    leaks = find_leaks(texts, identity)
    if leaks and not redacting:
        raise identity_leak(leaks)
    return {name: redact(text, [leak for leak in leaks if leak.field == name]) for name, text in texts.items()}


def check_lengths(texts: Mapping[str, str]) -> None:
    """Raises ``invalid`` for a text that redaction has made too long: ``[…]`` is longer than a short name."""
    grown = {name: MOST[name] for name, text in texts.items() if len(text) > MOST[name]}
    if grown:
        wrong = [{"field": name, "message": f"Over {most} characters once redacted."} for name, most in grown.items()]
        raise Refusal("invalid", errors=wrong)


def identity_leak(leaks: Sequence[FieldLeak]) -> Refusal:
    """The refusal that shows the client each place that would reveal it."""
    places = [asdict(leak) for leak in leaks]
    errors = [{"field": leak.field, "message": f"{leak.kind} at {leak.start}"} for leak in leaks]
    detail = 'These places would reveal to mentors who you are. Rephrase them, or post with "redact": true.'
    return Refusal("identity-leak", detail, errors=errors, extra={"leaks": places})
