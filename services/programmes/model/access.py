"""What a caller is in a programme: its owner or a colleague, an organiser, a participant, or nobody."""

from dataclasses import dataclass, field

from chassis.facts import not_found
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme


@dataclass(frozen=True)
class PassKey:
    """The key that signs passes of participants without an account."""

    id: str
    private_pem: str = field(repr=False)


@dataclass(frozen=True)
class Standing:
    """A caller's part in a programme; one person may have several.

    ``runs``: the owner or a colleague. ``organisation``: the company that the caller organises for. ``participant``:
    the caller as somebody enrolled.
    """

    programme: Programme
    runs: bool = False
    organisation: str | None = None
    participant: Participant | None = None

    def check_runs(self) -> None:
        """Raises ``not-found`` unless the caller runs the programme."""
        if not self.runs:
            raise not_found()

    def check_organises(self) -> None:
        """Raises ``not-found`` unless the caller runs the programme or organises it for a company."""
        if not self.runs and self.organisation is None:
            raise not_found()

    def check_inside(self) -> None:
        """Raises ``not-found`` for somebody who has objected or left, and has no other part."""
        takes_part = self.participant is not None and self.participant.takes_part
        if not (self.runs or self.organisation is not None or takes_part):
            raise not_found()

    def taking_part(self) -> Participant:
        """The caller as a participant; raises ``not-found`` for anybody else."""
        if self.participant is None:
            raise not_found()
        return self.participant

    def sees(self, participant: Participant) -> bool:
        """Whether the caller may read this person's data: all for those who run it, own people for an organiser.

        Somebody whose address is not confirmed does not take part yet, and is seen by nobody else.
        """
        mine = self.participant is not None and self.participant.id == participant.id
        own = self.organisation is not None and participant.organisation == self.organisation
        return mine or (participant.confirmed and (self.runs or own))
