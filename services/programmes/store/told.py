"""Finds what a message needs when it is sent."""

from collections.abc import Mapping
from datetime import datetime

from chassis.facts import not_found
from chassis.mongo import Documents
from services.programmes.model.messages import FAREWELLS, Message, Told
from services.programmes.store.challenges import find_challenge, find_team
from services.programmes.store.messages import find_message
from services.programmes.store.organisers import find_invited
from services.programmes.store.pairs import find_pair
from services.programmes.store.participants import find_participant
from services.programmes.store.programmes import programme_from


def told(database: Documents, message_id: str, now: datetime) -> Told:
    """The message with its recipient and the other half of their pair.

    Raises ``not-found`` once there is nobody to send it to: it has expired, or the person or the programme is gone.
    """
    message = find_message(database, message_id, now)
    row = database["programmes"].find_one({"_id": message.programme})
    if row is None:
        raise not_found()
    participant = find_participant(database, message.participant) if message.participant else None
    gone = participant is None or (not participant.takes_part and message.kind not in FAREWELLS)
    if message.participant and gone:
        raise not_found()
    pair = find_pair(database, message.data["pair"]) if "pair" in message.data else None
    partner = None
    if pair and participant:
        other = pair.mentee if participant.id == pair.mentor else pair.mentor
        partner = find_participant(database, other)
    words = _words(database, message)
    return Told(message, programme_from(row), participant, pair, partner, words)


def _words(database: Documents, message: Message) -> Mapping[str, str]:
    """The names that an invitation or a team adds; raises ``not-found`` if it is gone."""
    if message.email is not None and message.has_link:
        invited = find_invited(database, message.id)
        if invited is None:
            raise not_found()
        return {"organisation": invited.organisation}
    if "team" not in message.data:
        return {}
    team = find_team(database, message.data["team"])
    if team is None:
        raise not_found()
    return {"team": team.name, "challenge": find_challenge(database, message.programme, team.challenge).title}
