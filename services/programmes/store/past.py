"""Who had whom before, in earlier programmes of the same organisation."""

from collections import defaultdict
from collections.abc import Sequence

from chassis.unit import Unit
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme


def earlier_couples(unit: Unit, programme: Programme, participants: Sequence[Participant]) -> set[tuple[str, str]]:
    """The couples of these participants who have been an active pair in another programme of the organisation.

    People are recognised by their address. Both orders are returned, because sides may have changed.
    """
    whose = {"organisation": programme.organisation} if programme.organisation else {"owner": programme.owner}
    others = unit.collection("programmes").distinct("_id", {**whose, "_id": {"$ne": programme.id}})
    if not others:
        return set()
    emails = {one.email: one.id for one in participants}
    known = {"programme": {"$in": others}, "email": {"$in": list(emails)}}
    rows = unit.collection("participants").find(known, {"email": 1})
    now = {row["_id"]: emails[row["email"]] for row in rows}
    pairs = {"programme": {"$in": others}, "active_at": {"$ne": None}, "mentor": {"$in": list(now)}}
    met = defaultdict[str, set[str]](set)
    for row in unit.collection("pairs").find(pairs, {"mentor": 1, "mentee": 1}):
        if row["mentee"] in now:
            met[now[row["mentor"]]].add(now[row["mentee"]])
    return {couple for one, ones in met.items() for other in ones for couple in ((one, other), (other, one))}
