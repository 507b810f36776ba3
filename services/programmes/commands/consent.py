"""What participants say themselves: that they agree, or that they object."""

from collections.abc import Sequence

from chassis.facts import Fact, not_found
from chassis.http.auth import Actor
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.endings import end_pairs_of
from services.programmes.commands.enrolling import NOT_CLOSED
from services.programmes.commands.erasing import delete_data
from services.programmes.config import Config
from services.programmes.model.enrolling.objections import UNSAID, Objection
from services.programmes.model.enrolling.people import open_to
from services.programmes.model.messages import KEPT_FAREWELL, Message, request
from services.programmes.model.participants import AGREED, Participant
from services.programmes.model.programme import BEFORE_PUBLICATION, CLOSED, UNDER_WAY
from services.programmes.views.participants import own_view


def agree(unit: Unit, actor: Actor, programme_id: str) -> Document:
    """The person agrees to take part; from the publication on their partner reads their name. Again: no change."""
    standing = store.standing(unit, programme_id, actor)
    participant = standing.taking_part()
    if not participant.takes_part:
        raise not_found()
    standing.programme.check_state(*NOT_CLOSED)
    if participant.state == AGREED:
        return {**own_view(participant), "version": participant.version}
    participant.state, participant.agreed_at = AGREED, unit.now
    store.save_participant(unit, participant)
    return {**own_view(participant), "version": participant.version + 1}


def object_to(unit: Unit, actor: Actor, programme_id: str, reason: str | None, config: Config) -> Document:
    """Deletes the person's data; a digest of their address stays, so that nobody enrols them again.

    They get one last mail; its address is deleted once it is sent, or after three days.
    """
    standing = store.standing(unit, programme_id, actor)
    participant, programme = standing.taking_part(), standing.programme
    if not participant.confirmed:  # the address may be somebody else's, who has objected to nothing
        delete_data(unit, programme, participant, config)
        return {}
    counted = None if programme.state == CLOSED else reason or UNSAID
    store.add_objection(unit, Objection(participant.email_digest, programme_id, unit.now), counted)
    if programme.state in UNDER_WAY:
        end_pairs_of(unit, programme, participant)
    delete_data(unit, programme, participant, config)
    if programme.state in BEFORE_PUBLICATION:
        open_to(programme, store.participants_of(unit, programme_id))
    store.save_programme(unit, programme, _farewell(unit, participant))
    return {}


def _farewell(unit: Unit, participant: Participant) -> Sequence[Fact]:
    last = Message(
        new_id(), participant.programme, "objected", unit.now, email=participant.email, kept=KEPT_FAREWELL,
        data={"locale": participant.locale},
    )  # fmt: skip
    store.add_messages(unit, [last])
    return request([last])
