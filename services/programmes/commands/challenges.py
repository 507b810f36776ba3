"""Creating, changing and deleting challenges."""

from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.model import challenges as model
from services.programmes.model.programme import BEFORE_PUBLICATION, DRAFT, Programme
from services.programmes.views.challenges import challenge_view


def create_challenge(unit: Unit, actor: Actor, programme_id: str, body: Document) -> Document:
    """Creates a challenge from a goal or of the owner's own; returns it with its ``version``."""
    programme = store.my_programme(unit, programme_id, actor)
    existing = len(store.challenges_of(unit, programme_id))
    challenge = model.new_challenge(new_id(), programme, body, _ids(), existing, unit.now)
    store.save_programme(unit, programme)
    return _save(unit, challenge)


def change_challenge(
    unit: Unit,
    actor: Actor,
    programme_id: str,
    challenge_id: str,
    body: Document,
    if_match: IfMatch = ANY_VERSION,
) -> Document:
    """Changes a challenge. What teams depend on may change until they are published, and makes a proposal outdated."""
    programme = store.my_programme(unit, programme_id, actor)
    challenge = store.find_challenge(unit, programme_id, challenge_id)
    if_match.check(challenge.version)
    state = programme.state
    challenge.change(programme, body, _ids(), store.milestones_in_use(unit, challenge_id))
    if programme.state != state:
        store.save_programme(unit, programme)
    return _save(unit, challenge)


def delete_challenge(unit: Unit, actor: Actor, programme_id: str, challenge_id: str) -> Document:
    """Deletes a challenge and the wishes for it, before the publication."""
    programme = store.my_programme(unit, programme_id, actor)
    challenge = store.find_challenge(unit, programme_id, challenge_id)
    programme.check_state(*BEFORE_PUBLICATION)
    programme.people_changed(anybody=programme.state != DRAFT)
    store.delete_challenge(unit, challenge)
    store.save_programme(unit, programme)
    return {}


def copy_challenges(unit: Unit, source: Programme, copy: Programme) -> None:
    """Copies a programme's challenges, without dates, into a copy of it."""
    for challenge in store.challenges_of(unit, source.id):
        store.save_challenge(unit, model.copied(challenge, new_id(), copy.id, _ids(), unit.now))


def _ids() -> list[str]:
    """Ids for milestones."""
    return [new_id() for _ in range(model.MOST_MILESTONES)]


def _save(unit: Unit, challenge: model.Challenge) -> Document:
    store.save_challenge(unit, challenge)
    return {**challenge_view(challenge), "version": challenge.version + 1}
