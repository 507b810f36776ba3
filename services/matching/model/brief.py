"""What matching stores of a project: what mentors read, and whom its client avoids. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.fit.portraits import Asked
from services.matching.model.ranking import Need


@dataclass(frozen=True)
class Brief:
    """A project without its client. ``descriptor`` has ``size`` and ``sector`` (an id of `contracts.sectors`; words in
    projects posted before that list); ``budget`` is money, or None."""

    title: str
    brief: str
    topics: list[str]
    languages: list[str]
    descriptor: Mapping[str, str]
    budget: Mapping[str, Any] | None

    def need(self, asked: Asked) -> Need:
        """The input of the ranking; ``asked`` is what title, brief and topics ask for."""
        return Need(
            asked=asked,
            languages=tuple(self.languages),
            budget_minor=self.budget["amount"] if self.budget else None,
            currency=self.budget["currency"] if self.budget else None,
        )

    def without_words(self) -> "Brief":
        """The brief without the texts that the client wrote, after an erasure."""
        return replace(self, title="", brief="")


@dataclass(frozen=True)
class Blind:
    """Digests of names (`contracts.blind`): the client's own, and the mentors and schools that it avoids."""

    client: list[str] = field(default_factory=list)
    mentors: list[str] = field(default_factory=list)
    schools: list[str] = field(default_factory=list)
