"""The list of erased accounts: a restore of an older backup brings them back, so they are erased again."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pymongo import ASCENDING

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.mongo import connect
from chassis.unit import UnitOfWork
from contracts.events import CONTRACT
from deploy.backup.manifest import Refused
from deploy.migrate import main as migrate
from services.accounts.commands.accounts import erase_account

Say = Callable[[str], None]


def list_erased(mongo_uri: str, prefix: str, to: Path) -> int:
    """Writes the ids of all accounts ever erased, one per line, oldest first; returns their number.

    An existing file is replaced atomically.
    """
    database = connect(mongo_uri, prefix + "accounts", app="backup")
    try:
        ids = [row["_id"] for row in database["erasures"].find({}, {"_id": 1}).sort("requested_at", ASCENDING)]
    finally:
        database.client.close()
    draft = to.with_name(to.name + ".part")
    draft.unlink(missing_ok=True)
    with open(draft, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.writelines(f"{account}\n" for account in ids)
    draft.replace(to)
    return len(ids)


def read_list(path: Path) -> list[str]:
    """The ids in a file written by `list_erased`; raises `Refused` if it cannot be read."""
    try:
        return [line.strip() for line in path.read_text().splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise Refused(f"the list of erased accounts cannot be read: {path}") from error


def erase_again(accounts: Sequence[str], settings: Mapping[str, str], say: Say) -> None:
    """Requests erasure for each listed account that the restore brought back; the services erase once they run.

    No other account is affected. Accounts with a project under way in the backup cannot be erased yet, and are
    printed. ``settings`` are those of the accounts service, whose data is migrated first; raises `Refused` on failure.
    """
    if migrate({**os.environ, **settings}, ["accounts"]):
        raise Refused("no account could be erased again, and nothing was restored")
    database = connect(settings["RELEVE_MONGO_URI"], settings.get("RELEVE_DB_PREFIX", "releve_") + "accounts",
                       app="restore")  # fmt: skip
    work = UnitOfWork(database, "accounts", CONTRACT)
    wanted = list(dict.fromkeys(accounts))
    again, waiting = 0, []
    try:
        for account in wanted:
            actor = Actor(account, "", "")
            try:
                work.run(lambda unit, actor=actor: erase_account(unit, actor))  # type: ignore[misc]
                again += 1
            except Refusal as refusal:
                if refusal.name == "open-commitments":
                    waiting.append(account)
                elif refusal.name != "not-found":
                    raise
    finally:
        database.client.close()
    say(f"  ✓ erased again: {again} of the {len(wanted)} on the list")
    for account in waiting:
        say(f"  ! {account} has a project under way in this backup: erase it once that is completed")
