"""A scan of what a person wrote, made before the transaction opens. Pure.

A scan takes milliseconds, and a transaction that waits for it holds others up. The identity that texts are compared
with may change in between; then, and only then, they are scanned again inside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from chassis.facts import Refusal
from services.projects.model.leaks import FieldLeak, Identity, find_leaks, redact

MOST = {"title": 200, "brief": 20_000}
"""Characters."""


class Scanned:
    """Texts by field, and what the scan of them says for each identity that it was asked about."""

    def __init__(self, texts: Mapping[str, str], *, redacting: bool = False) -> None:
        self._texts = texts
        self._redacting = redacting
        self._known: dict[Identity, dict[str, str] | Refusal] = {}

    def prepare(self, identity: Identity | None) -> None:
        """Scans now what `clean_for` will be asked; None, where nobody is known, scans nothing."""
        if identity is not None and identity not in self._known:
            try:
                self._known[identity] = scan(self._texts, identity, redacting=self._redacting)
            except Refusal as refusal:
                self._known[identity] = refusal

    def clean_for(self, identity: Identity) -> dict[str, str]:
        """The texts, redacted where that was asked for; ``identity-leak`` where they tell who the client is."""
        self.prepare(identity)
        found = self._known[identity]
        if isinstance(found, Refusal):
            raise found
        return found


def scan(texts: Mapping[str, str], identity: Identity, *, redacting: bool) -> dict[str, str]:
    """The texts when nothing in them tells who the client is; ``identity-leak`` names each place otherwise.

    ``redacting`` gives the texts back with ``[…]`` in those places instead.
    """
    leaks = find_leaks(texts, identity)
    if leaks and not redacting:
        raise identity_leak(leaks)
    return {name: redact(text, [leak for leak in leaks if leak.field == name]) for name, text in texts.items()}


def check_lengths(texts: Mapping[str, str]) -> None:
    """``invalid`` for a text that redacting has made longer than it may be: ``[…]`` is longer than a short name."""
    grown = {name: MOST[name] for name, text in texts.items() if len(text) > MOST[name]}
    if grown:
        wrong = [{"field": name, "message": f"Redacted, over {most} characters."} for name, most in grown.items()]
        raise Refusal("invalid", errors=wrong)


def identity_leak(leaks: Sequence[FieldLeak]) -> Refusal:
    """Shows the client, and nobody else, each place that would give it away."""
    places = [asdict(leak) for leak in leaks]
    errors = [{"field": leak.field, "message": f"{leak.kind} at {leak.start}"} for leak in leaks]
    detail = 'These places would tell mentors who you are. Rephrase them, or post with "redact": true.'
    return Refusal("identity-leak", detail, errors=errors, extra={"leaks": places})
