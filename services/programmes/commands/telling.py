"""Stores messages to people of a programme, for notify to send."""

from collections.abc import Sequence
from datetime import timedelta

from chassis.facts import Fact
from chassis.ids import new_id
from chassis.unit import Unit
from services.programmes import store
from services.programmes.model.messages import KEPT, Message, request
from services.programmes.model.notices import Notice
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme


def tell(unit: Unit, programme: Programme, notices: Sequence[Notice]) -> list[Fact]:
    """Stores a message for each notice; returns the facts that request them."""
    return [*request(store_messages(unit, programme, notices))]


def store_messages(unit: Unit, programme: Programme, notices: Sequence[Notice]) -> list[Message]:
    """Stores and returns a message for each notice; its link works until the answer is due."""
    messages, accounts = [], store.accounts_of(unit, [one.participant for one in notices if one.participant])
    for one in notices:
        answer_by = one.data.get("answer_by", unit.now)
        account = accounts.get(one.participant) if one.participant else programme.owner
        kept = max(KEPT, answer_by - unit.now)
        messages.append(
            Message(new_id(), programme.id, one.kind, unit.now, one.participant, account, data=one.data, kept=kept)
        )
    store.add_messages(unit, messages)
    return messages


def tell_people(unit: Unit, people: Sequence[Participant], kind: str, kept: timedelta = KEPT) -> list[Fact]:
    """Stores a message of this kind to each of these people; returns the facts that request them."""
    messages = [
        Message(new_id(), one.programme, kind, unit.now, participant=one.id, account=one.account, kept=kept)
        for one in people
    ]
    store.add_messages(unit, messages)
    return [*request(messages)]
