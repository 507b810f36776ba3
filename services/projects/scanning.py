"""A scan of what a person wrote, made before the transaction opens. Pure.

A scan takes milliseconds, and a transaction that waits for it holds others up. The identity that texts are compared
with may change in between; then, and only then, they are scanned again inside.
"""

from collections.abc import Mapping

from chassis.facts import Refusal
from services.projects.leaks import Identity
from services.projects.model import scan


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
