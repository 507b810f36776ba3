"""People in MongoDB: language, zone and preferences."""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from pymongo import UpdateOne

from chassis.erasure import is_erased
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.notify.model.people import DIGEST_AT, DIGESTS, Person, QuietHours
from services.notify.model.texts import DEFAULT_LANGUAGE


def read_person(database: Documents, account: str) -> Person:
    """The person's language, zone and preferences; defaults if the account is unknown."""
    return person_from(account, database["people"].find_one({"_id": account}))


def read_people(database: Documents, accounts: Iterable[str]) -> dict[str, Person]:
    """Several people by account, as `read_person` reads each."""
    wanted = set(accounts)
    rows = {row["_id"]: row for row in database["people"].find({"_id": {"$in": sorted(wanted)}})}
    return {account: person_from(account, rows.get(account)) for account in wanted}


def learn_person(unit: Unit, account: str, data: Mapping[str, str], sequence: int) -> None:
    """Stores the role, if given, and the language from an event of accounts; the highest sequence wins for language."""
    known = unit.find("people", {"_id": account}) or {}
    change: Document = {name: data[name] for name in ("role",) if name in data}
    if known.get("sequence", 0) < sequence:
        change |= {"locale": data["locale"], "sequence": sequence}
    if change and not is_erased(unit, account):
        unit.collection("people").update_one({"_id": account}, {"$set": change}, upsert=True)


def learn_zone(unit: Unit, account: str, zone: str, sequence: int) -> None:
    """Stores the time zone of a mentor's profile; the highest sequence wins."""
    known = unit.find("people", {"_id": account}) or {}
    if known.get("profile_sequence", 0) < sequence and not is_erased(unit, account):
        change = {"$set": {"profile_zone": zone, "profile_sequence": sequence}}
        unit.collection("people").update_one({"_id": account}, change, upsert=True)


def save_preferences(unit: Unit, person: Person) -> None:
    """Replaces the person's preferences."""
    change = {"$set": preference_row(person)}
    unit.collection("people").update_one({"_id": person.id}, change, upsert=True)


def raise_counters(unit: Unit, counts: Mapping[str, int]) -> tuple[dict[str, Person], dict[str, int]]:
    """Adds to each account's counter of notifications; returns the people and their new counters, by account.

    This happens in the unit's transaction, so counters follow the order of commits.
    """
    people = unit.collection("people")
    people.bulk_write(
        [UpdateOne({"_id": account}, {"$inc": {"counter": n}}, upsert=True) for account, n in counts.items()]
    )
    rows = {row["_id"]: row for row in people.find({"_id": {"$in": list(counts)}})}
    return {id: person_from(id, row) for id, row in rows.items()}, {id: row["counter"] for id, row in rows.items()}


def record_reading(unit: Unit, account: str) -> None:
    """Notes that the person has read notifications: their open streams hear of it by the change of this row."""
    unit.collection("people").update_one({"_id": account}, {"$inc": {"readings": 1}}, upsert=True)


def read_counter(database: Documents, account: str) -> int:
    """The counter of the person's latest notification, 0 before the first."""
    person = database["people"].find_one({"_id": account}, {"counter": 1}) or {}
    return int(person.get("counter", 0))


def erase_person(unit: Unit, account: str) -> None:
    """Deletes a person's data; projects keep the opaque account id."""
    unit.collection("people").delete_one({"_id": account})
    for name in ("notifications", "deliveries", "unsubscriptions"):
        unit.collection(name).delete_many({"account": account})


def person_from(account: str, row: Mapping[str, Any] | None) -> Person:
    """Reads the stored row; an unknown person has the defaults."""
    row = row or {}
    quiet = row.get("quiet")
    return Person(
        id=account,
        language=row.get("locale", DEFAULT_LANGUAGE),
        role=row.get("role"),
        chosen_zone=row.get("chosen_zone"),
        profile_zone=row.get("profile_zone"),
        in_app_off=frozenset(row.get("in_app_off", ())),
        email_off=frozenset(row.get("email_off", ())),
        quiet=QuietHours(quiet["on"], time.fromisoformat(quiet["start"]), time.fromisoformat(quiet["end"]))
        if quiet
        else None,
        digest=row.get("digest", DIGESTS[0]),
        digest_at=time.fromisoformat(row["digest_at"]) if "digest_at" in row else DIGEST_AT,
    )


def preference_row(person: Person) -> dict[str, Any]:
    """The preferences as `person_from` reads them."""
    quiet = person.quiet
    return {
        "chosen_zone": person.chosen_zone,
        "in_app_off": sorted(person.in_app_off),
        "email_off": sorted(person.email_off),
        "quiet": quiet and {"on": quiet.on, "start": quiet.start.isoformat(), "end": quiet.end.isoformat()},
        "digest": person.digest,
        "digest_at": person.digest_at.isoformat(),
    }
