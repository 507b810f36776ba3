"""A pair with its two people, as one caller meets it."""

from dataclasses import dataclass

from chassis.facts import Refusal, wrong
from services.programmes.model.pairs import Pair
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme


@dataclass(frozen=True)
class Couple:
    """A pair, its people (None once erased), and ``caller``: the id of the one of them who calls, or None."""

    programme: Programme
    pair: Pair
    mentor: Participant | None
    mentee: Participant | None
    caller: str | None

    @property
    def people(self) -> list[Participant]:
        """Those of the two who are still known."""
        return [one for one in (self.mentor, self.mentee) if one is not None]

    @property
    def others(self) -> list[Participant]:
        """Who must be told of what the caller does: the other half, or both if the caller is neither."""
        return [one for one in self.people if one.id != self.caller]

    @property
    def me(self) -> Participant | None:
        """The caller, if they are one of the two."""
        return next((one for one in self.people if one.id == self.caller), None)

    def check_note(self, note: str | None) -> None:
        """Raises ``invalid`` if somebody other than the two writes a note."""
        if note and self.caller is None:
            raise Refusal("invalid", errors=[wrong("note", "pair-only", "Only the two write a note.")])
