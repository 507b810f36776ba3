"""Creating, changing and copying programmes."""

from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.challenges import copy_challenges
from services.programmes.model import programme as model
from services.programmes.views.programmes import programme_view


def create_programme(unit: Unit, actor: Actor, programme_id: str, body: Document) -> Document:
    """Creates a draft that belongs to the caller's organisation; returns it with its ``version``."""
    organisation = store.organisation_of(unit, actor.id)
    programme = model.new_programme(programme_id, actor.id, organisation, body, unit.now)
    return _save(unit, programme)


def copy_programme(unit: Unit, actor: Actor, programme_id: str, copy_id: str, name: str | None) -> Document:
    """Creates a draft with the rules, texts and challenges of another programme, without its people."""
    programme = store.my_programme(unit, programme_id, actor)
    copy = model.copy_of(programme, copy_id, actor.id, name or programme.name, unit.now)
    copy_challenges(unit, programme, copy)
    return _save(unit, copy)


def change_programme(
    unit: Unit, actor: Actor, programme_id: str, body: Document, if_match: IfMatch = ANY_VERSION
) -> Document:
    """Changes name, rules or texts before the publication."""
    programme = store.my_programme(unit, programme_id, actor)
    if_match.check(programme.version)
    programme.change(body)
    return _save(unit, programme)


def _save(unit: Unit, programme: model.Programme) -> Document:
    store.save_programme(unit, programme)
    return {**programme_view(programme), "version": programme.version + 1}
