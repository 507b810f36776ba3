"""Exchanging the link of a mail for a pass, and tying an account to a participant."""

from chassis.facts import Refusal, not_found
from chassis.http.auth import Actor
from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.joining import confirm
from services.programmes.model.participants import Participant


def open_link(unit: Unit, token: str, account: Actor | None) -> Participant:
    """The participant whose mail held this token. A signed-in account is tied to the participant.

    Opening the link confirms the address. Raises ``not-found`` for a token that is unknown, expired or of somebody
    removed, and ``already-taking-part`` if the account, or the participant, is tied to another one.
    """
    message = store.link_owner(unit, token, unit.now)
    participant = store.find_participant(unit, message.participant or "")
    if participant is None:
        raise not_found()
    changed = not participant.confirmed
    if changed:
        confirm(unit, participant)
    if account is not None and participant.account != account.id:
        _tie(unit, participant, account)
        changed = True
    if changed:
        store.save_participant(unit, participant)
    return participant


def _tie(unit: Unit, participant: Participant, account: Actor) -> None:
    others = store.participants_of(unit, participant.programme, account=account.id)
    if participant.account is not None or others:
        raise Refusal("already-taking-part", "This account, or this person, already takes part under another name.")
    participant.account = account.id
