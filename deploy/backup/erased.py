"""The list of erased accounts: a restore of an older backup brings them back, so they are erased again."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pymongo import ASCENDING

from chassis import datakeys
from chassis.facts import Refusal
from chassis.ids import new_id
from chassis.mongo import connect
from chassis.places import rows_of
from chassis.unit import UnitOfWork
from contracts.events import CONTRACT
from deploy.backup.manifest import Refused
from deploy.migrate import main as migrate
from services.accounts.commands.departures import insist

Say = Callable[[str], None]
KEY = "key "
"""Begins a line that names a destroyed key."""
MANY = 1_000


def list_erased(mongo_uri: str, prefix: str, to: Path) -> int:
    """Writes the ids of all accounts ever erased, one per line, oldest first; returns their number.

    Behind them are the projects whose data keys were destroyed, as ``key <id>``. An existing file is replaced
    atomically.
    """
    database = connect(mongo_uri, prefix + "accounts", app="backup")
    try:
        ids = [row["_id"] for row in database["erasures"].find({}, {"_id": 1}).sort("requested_at", ASCENDING)]
        projects = database.client.get_database(prefix + "projects")
        keys = [row["_id"] for row in rows_of(projects, datakeys.DESTROYED).find({}, {"_id": 1}).sort("at", ASCENDING)]
    finally:
        database.client.close()
    draft = to.with_name(to.name + ".part")
    draft.unlink(missing_ok=True)
    with open(draft, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.writelines(f"{account}\n" for account in ids)
        file.writelines(f"{KEY}{project}\n" for project in keys)
    draft.replace(to)
    return len(ids)


def read_list(path: Path) -> list[str]:
    """The ids in a file written by `list_erased`; raises `Refused` if it cannot be read."""
    try:
        return [line.strip() for line in path.read_text().splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise Refused(f"the list of erased accounts cannot be read: {path}") from error


def destroy_again(listed: Sequence[str], mongo_uri: str, prefix: str, say: Say) -> None:
    """Deletes the data keys on the list that a restore brought back, with what they seal: before any service starts."""
    ids = [line.removeprefix(KEY) for line in listed if line.startswith(KEY)]
    database = connect(mongo_uri, prefix + "projects", app="restore")
    gone = 0
    try:
        for some in (ids[at : at + MANY] for at in range(0, len(ids), MANY)):
            these = {"_id": {"$in": some}}
            gone += rows_of(database, datakeys.COLLECTION).delete_many(these).deleted_count
            rows_of(database, "vault/clients").delete_many(these)
    finally:
        database.client.close()
    if ids:
        say(f"  ✓ destroyed again: the keys of {gone} of the {len(ids)} projects on the list")


def erase_again(accounts: Sequence[str], settings: Mapping[str, str], say: Say) -> None:
    """Requests erasure for each listed account that the restore brought back; the services erase once they run.

    No other account is affected. One that an award binds in the backup is erased by itself within a day of its
    completion. ``settings`` are those of the accounts service, whose data is migrated first; raises `Refused` on
    failure.
    """
    if migrate({**os.environ, **settings}, ["accounts"]):
        raise Refused("no account could be erased again, and nothing was restored")
    database = connect(settings["RELEVE_MONGO_URI"], settings.get("RELEVE_DB_PREFIX", "releve_") + "accounts",
                       app="restore")  # fmt: skip
    work = UnitOfWork(database, "accounts", CONTRACT)
    wanted = [account for account in dict.fromkeys(accounts) if not account.startswith(KEY)]
    again = 0
    try:
        for account in wanted:
            question = new_id()
            try:
                work.run(lambda unit, account=account, question=question: insist(unit, account, question))  # type: ignore[misc]
                again += 1
            except Refusal as refusal:
                if refusal.name != "not-found":
                    raise
    finally:
        database.client.close()
    say(f"  ✓ to be erased again: {again} of the {len(wanted)} on the list")
