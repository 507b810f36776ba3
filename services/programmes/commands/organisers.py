"""Inviting, accepting and dismissing organisers."""

from chassis.facts import Refusal, not_found
from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.sparing import count, spared
from services.programmes.config import Config
from services.programmes.model import organisers as model
from services.programmes.model.messages import Message, request
from services.programmes.views.organisers import invited_view, organiser_view
from services.programmes.views.programmes import standing_view


def invite_organiser(
    unit: Unit, actor: Actor, programme_id: str, invitation_id: str, body: Document, config: Config
) -> Document:
    """Invites somebody by mail to organise the programme for one of its companies.

    Raises ``rate-limited`` for an address that has been invited to too many programmes today.
    """
    programme = store.my_programme(unit, programme_id, actor)
    invited = model.Invited(invitation_id, programme_id, body["organisation"], body["email"], unit.now)
    model.invite(programme, invited, len(store.invited_of(unit, programme_id, unit.now)))
    if spared(unit, config, [invited.email])(invited.email):
        wait = int(store.DAY.total_seconds())
        raise Refusal("rate-limited", "Too many invitations to this address; please wait a day.", retry_after=wait)
    count(unit, config, [invited.email])
    message = Message(
        invitation_id, programme_id, "organiser-invited", unit.now, email=invited.email, kept=model.INVITATION_LIFE
    )
    store.add_invited(unit, invited)
    store.add_messages(unit, [message])
    store.save_programme(unit, programme, request([message]))
    return invited_view(invited)


def accept_invitation(unit: Unit, actor: Actor, token: str) -> Document:
    """Makes the caller the organiser of the company that the token's mail named; the token is used up."""
    invited = store.invitation_of(unit, token)
    programme = store.find_programme(unit, invited.programme)
    if programme is None:
        raise not_found()
    model.accept(programme, invited, actor.id)
    store.forget_invited(unit, invited)
    store.save_programme(unit, programme)
    return standing_view(store.standing(unit, programme.id, actor))


def dismiss_organiser(unit: Unit, actor: Actor, programme_id: str, organiser_id: str) -> Document:
    """Withdraws an invitation, or dismisses an organiser; raises ``not-found`` if there is neither."""
    programme = store.my_programme(unit, programme_id, actor)
    invited = store.find_invited(unit, organiser_id)
    if invited is not None and invited.programme == programme_id:
        store.forget_invited(unit, invited)
    elif model.dismiss(programme, organiser_id):
        store.save_programme(unit, programme)
    else:
        raise not_found()
    return {}


def list_organisers(unit: Unit, actor: Actor, programme_id: str) -> list[Document]:
    """The organisers, then those who were invited and have not accepted."""
    programme = store.my_programme(unit, programme_id, actor)
    waiting = store.invited_of(unit, programme_id, unit.now)
    return [*map(organiser_view, programme.organisers), *map(invited_view, waiting)]
