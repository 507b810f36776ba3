"""Who has been erased: a backup of before brings them back, so a restore asks for their erasure again."""

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
    """Writes the ids of all accounts that were ever erased, one a line, oldest first; how many.

    The file takes its name once it is whole, over the one of last time.
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
    """The ids of such a file; `Refused` where there is none."""
    try:
        return [line.strip() for line in path.read_text().splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise Refused(f"the list of who was erased cannot be read: {path}") from error


def erase_again(accounts: Sequence[str], settings: Mapping[str, str], say: Say) -> None:
    """Erases each of them who came back, as if they had asked for it at this moment; the services do it once they run.

    Nobody else is touched. Who has a project under way in the backup cannot go yet, and is named. ``settings`` are
    those of the accounts service, whose data are brought to this version first; `Refused` where that fails.
    """
    if migrate({**os.environ, **settings}, ["accounts"]):
        raise Refused("nobody could be erased again, and nothing was restored")
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
