"""What begins when both have accepted a pair: the count of silent weeks, and the self-assessment."""

from datetime import timedelta

from chassis.unit import Unit
from services.programmes import store
from services.programmes.model import assessment, nudges
from services.programmes.model.notices import Notice
from services.programmes.model.pairs import Pair


def begin(unit: Unit, pair: Pair, silence: timedelta) -> list[Notice]:
    """Starts the life of a pair that has become active; the caller stores the pair and sends the notices.

    Somebody whose first pair this is, and who has not answered yet, is asked for the self-assessment; the members of a
    team were asked when it was published.
    """
    nudges.start(pair, silence, unit.now)
    notices = []
    for one in (pair.mentor, pair.mentee):
        person = store.find_participant(unit, one)
        earlier = store.pairs_of(unit, pair.programme, active_at={"$ne": None}, _id={"$ne": pair.id}, **_of(pair, one))
        asked = person is None or person.team_id is not None or assessment.START in person.assessments
        if not earlier and not asked:
            notices.append(Notice("assessment", one, {"moment": assessment.START}))
    return notices


def _of(pair: Pair, participant: str) -> dict[str, str]:
    return {"mentor": participant} if participant == pair.mentor else {"mentee": participant}
