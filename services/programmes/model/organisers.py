"""Organisers: each runs a programme for one of its companies, and sees that company's people only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.facts import Refusal, wrong
from services.programmes.model.programme import CLOSED, STATES, Organiser, Programme

INVITATION_LIFE = timedelta(days=14)
MOST_INVITED = 50
OPEN = tuple(state for state in STATES if state != CLOSED)


@dataclass(frozen=True)
class Invited:
    """Somebody who was invited to organise for a company. ``id`` is that of the message with the link."""

    id: str
    programme: str
    organisation: str
    email: str
    created_at: datetime

    @property
    def expires_at(self) -> datetime:
        """When the link stops working."""
        return self.created_at + INVITATION_LIFE


def invite(programme: Programme, invited: Invited, waiting: int) -> None:
    """Checks an invitation. Raises ``wrong-state`` once closed, ``invalid`` for a company that does not take part, and
    ``too-many-invitations``."""
    programme.check_state(*OPEN)
    if invited.organisation not in programme.organisations:
        unknown = wrong("organisation", "unknown-organisation", "Give one of the programme's organisations.")
        raise Refusal("invalid", errors=[unknown])
    if waiting >= MOST_INVITED:
        raise Refusal("too-many-invitations", "Wait until some of the open invitations are accepted or expire.")


def accept(programme: Programme, invited: Invited, account: str) -> None:
    """The account organises for the company from now on; raises ``already-organiser`` if it does for another one."""
    programme.check_state(*OPEN)
    companies = [one.organisation for one in programme.organisers if one.account == account]
    if companies and invited.organisation not in companies:
        raise Refusal("already-organiser", "You organise this programme for another company already.")
    if not companies:
        programme.organisers = [*programme.organisers, Organiser(account, invited.organisation)]


def dismiss(programme: Programme, account: str) -> bool:
    """Removes an organiser; returns whether there was one."""
    kept = [one for one in programme.organisers if one.account != account]
    changed = len(kept) < len(programme.organisers)
    programme.organisers = kept
    return changed
