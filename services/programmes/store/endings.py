"""Why pairs ended, for whoever said so, and "never again" as blind digests. Neither is shown to anybody else."""

from collections.abc import Iterable, Sequence

from pymongo import ASCENDING, IndexModel

from chassis.unit import Unit
from services.programmes.model.ending import Ending, ban_key, blind
from services.programmes.model.participants import Participant
from services.programmes.store.rows import Rows, find_all

ENDING_INDEXES = [IndexModel([("programme", ASCENDING)]), IndexModel([("by", ASCENDING), ("at", ASCENDING)])]
BAN_INDEXES = [IndexModel([("digests", ASCENDING)])]


def add_ending(unit: Unit, ending: Ending) -> None:
    """Stores why a pair ended."""
    row = {"_id": ending.pair, "programme": ending.programme, "by": ending.by, "reason": ending.reason, "at": ending.at}
    unit.collection("endings").insert_one(row)


def ban(unit: Unit, secret: bytes, scope: str, one: str, other: str) -> None:
    """The people with these addresses are never paired again in this scope."""
    digests = sorted(blind(secret, scope, email) for email in (one, other))
    row = {"_id": ban_key(*digests), "digests": digests}
    unit.collection("bans").replace_one({"_id": row["_id"]}, row, upsert=True)


def banned_pairs(
    rows: Rows, secret: bytes, scopes: Sequence[str], participants: Iterable[Participant]
) -> set[tuple[str, str]]:
    """Which of these people must not be paired, as (mentor, mentee) and (mentee, mentor), by participant id."""
    people: dict[str, list[str]] = {}
    for one in participants:
        for scope in scopes:
            people.setdefault(blind(secret, scope, one.email), []).append(one.id)
    found = find_all(rows, "bans", {"digests": {"$in": list(people)}}) if people else []
    return {
        two
        for row in found
        for first in people.get(row["digests"][0], ())
        for second in people.get(row["digests"][1], ())
        for two in ((first, second), (second, first))
    }


def forget_endings(unit: Unit, participant_ids: Sequence[str]) -> None:
    """Deletes the reasons that these people gave."""
    unit.collection("endings").delete_many({"by": {"$in": list(participant_ids)}})


def forget_bans(unit: Unit, secret: bytes, scopes: Sequence[str], email: str) -> None:
    """Deletes "never again" of the person with this address."""
    digests = [blind(secret, scope, email) for scope in scopes]
    unit.collection("bans").delete_many({"digests": {"$in": digests}})
