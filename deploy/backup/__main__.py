"""The commands: `python -m deploy.backup take --to FOLDER | take --erased FILE | restore --from FOLDER`."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pymongo.errors import PyMongoError

from chassis.settings import BadSetting, broker, duration, environment
from contracts.parts import DATABASES, part_of, variable_of
from deploy.backup.erased import erase_again, list_erased, read_list
from deploy.backup.manifest import Manifest, Refused
from deploy.backup.places import folder_of, prefix_of, source, target
from deploy.backup.restore import restore
from deploy.backup.take import back_up
from deploy.local.process import StartError

Say = Callable[[str], None]
OF_ACCOUNTS = tuple(variable_of(secret) for secret in part_of("accounts").secrets)
WARNING = "! It contains all personal data, the clients' names and the keys: restrict who can read it."


def main(arguments: Sequence[str], environ: Mapping[str, str], say: Say = print) -> int:
    """Runs the command; returns its exit status: 0, or 1 after printing one line that says what to do."""
    asked = _parser().parse_args(arguments)
    try:
        environ = environment(environ)
        if asked.command == "take":
            _take(asked, environ, say)
        else:
            _restore(asked, environ, say)
        return 0
    except (Refused, StartError, BadSetting) as error:
        print(f"relève: {error}", file=sys.stderr)
    except PyMongoError as error:
        print(f"relève: MongoDB is unavailable, or refuses: {type(error).__name__}", file=sys.stderr)
    except OSError as error:
        print(f"relève: {error.strerror}: {error.filename}", file=sys.stderr)
    except KeyboardInterrupt:
        print("relève: stopped before it was done; nothing was kept", file=sys.stderr)
    return 1


def _take(asked: argparse.Namespace, environ: Mapping[str, str], say: Say) -> None:
    if not asked.to and not asked.erased:
        raise Refused("where to? Name a new folder: make backup TO=folder")
    found = source(environ)
    if asked.erased:
        say(f"{list_erased(found.mongo_uri, found.prefix, asked.erased)} erased accounts are listed in {asked.erased}")
    if not asked.to:
        return
    began = time.monotonic()
    say(f"Backup into {asked.to}")
    back_up(found.mongo_uri, found.prefix, asked.services or DATABASES, asked.to,
            blind_secret=found.blind_secret, secrets=found.secrets, say=say)  # fmt: skip
    say(f"{asked.to} is complete, {time.monotonic() - began:.1f} s\n{WARNING}")
    if not found.secrets:
        say("! RELEVE_BLIND_SECRET is not in it: keep it with the other secrets, apart from the backup.")


def _restore(asked: argparse.Namespace, environ: Mapping[str, str], say: Say) -> None:
    if not asked.folder:
        raise Refused("from where? Name a backup: make restore FROM=folder")
    began, folder = time.monotonic(), asked.folder
    erased = read_list(asked.erased) if asked.erased else []
    horizon = duration(environ, "RELEVE_HORIZON", "P90D")
    manifest = Manifest.open(folder)
    if erased and "accounts" not in manifest.services:
        raise Refused(f"{folder} holds no accounts, so none can be erased again: leave ERASED out")
    say(f"Restore from {folder}, the data as of {manifest.taken_at}")
    with target(environ, manifest, manifest.read_secrets(folder)) as settings:
        if erased and (missing := [name for name in OF_ACCOUNTS if not settings.get(name)]):
            raise Refused(f"{missing[0]} is not set: erasing again needs the settings of the accounts service")

        def erase() -> None:
            if erased:
                erase_again(erased, {"RELEVE_KAFKA": "none", **settings}, say)

        kafka = broker(settings) if settings.get("RELEVE_KAFKA") else None
        restore(folder, manifest, settings["RELEVE_MONGO_URI"], prefix_of(settings), horizon, kafka=kafka,
                before_the_end=erase, say=say)  # fmt: skip
    say(f"Restored, {time.monotonic() - began:.1f} s. What happened after {manifest.taken_at} is not in it.")
    if not erased:
        say("! Accounts erased since then are back: erase them again (docs/backup.md).")
    say("Start the services now." if kafka else f"Start it with: make run RELEVE_DATA={folder_of(environ)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("deploy.backup", description="Backup and restore of every service's data.")
    commands = parser.add_subparsers(dest="command", required=True)
    take = commands.add_parser("take", help="copy every service's data, as of one moment, into a new folder")
    take.add_argument("--to", type=Path)
    take.add_argument("--erased", type=Path, help="write the ids of all erased accounts to this file")
    take.add_argument("--service", dest="services", action="append", choices=DATABASES, help="only this service")
    back = commands.add_parser("restore", help="restore a backup into empty databases")
    back.add_argument("--from", dest="folder", type=Path)
    back.add_argument("--erased", type=Path, help="erase again the accounts listed in this file")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
