"""The commands: `python -m deploy.backup take --to FOLDER | take --erased FILE | restore --from FOLDER | key`."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pymongo.errors import PyMongoError

from chassis.settings import BadSetting, broker, duration, environment
from contracts.parts import DATABASES, part_of, variable_of
from deploy.backup.erased import destroy_again, erase_again, list_erased, read_list
from deploy.backup.manifest import Manifest, Refused
from deploy.backup.places import folder_of, prefix_of, source, target
from deploy.backup.restore import restore
from deploy.backup.sealed import SETTING, BackupKey, keep_new_key, read_secrets, require_private
from deploy.backup.take import back_up
from deploy.local.process import StartError
from deploy.trail import Unwritten, record

Say = Callable[[str], None]
OF_ACCOUNTS = tuple(variable_of(secret) for secret in part_of("accounts").secrets)
WARNING = "! With its key it gives away all personal data: keep the key elsewhere, and restrict who can read either."


def main(arguments: Sequence[str], environ: Mapping[str, str], say: Say = print) -> int:
    """Runs the command; returns its exit status: 0, or 1 after printing one line that says what to do."""
    asked = _parser().parse_args(arguments)
    try:
        environ = environment(environ)
        if asked.command == "take":
            _take(asked, environ, say)
        elif asked.command == "key":
            say(f"{asked.to} holds a new key. Public key: {keep_new_key(asked.to).public[0]}")
        else:
            _restore(asked, environ, say)
        return 0
    except (Refused, StartError, Unwritten, BadSetting) as error:
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
        record(found.mongo_uri, found.prefix, "accounts", "erased.listed", "", str(asked.erased))
        say(f"{list_erased(found.mongo_uri, found.prefix, asked.erased)} erased accounts are listed in {asked.erased}")
    if not asked.to:
        return
    key = _key(environ, bool(found.secrets), say)
    began = time.monotonic()
    say(f"Backup into {asked.to}")
    for service in asked.services or DATABASES:  # before the copy: it holds all personal data
        record(found.mongo_uri, found.prefix, service, "backup.taken", "", f"{asked.to}, for {key.public[0]}")
    back_up(found.mongo_uri, found.prefix, asked.services or DATABASES, asked.to, key=key,
            blind_secret=found.blind_secret, secrets=found.secrets, say=say)  # fmt: skip
    say(f"{asked.to} is complete, {time.monotonic() - began:.1f} s\n{WARNING}")
    if not found.secrets:
        say("! RELEVE_BLIND_SECRET is not in it: keep it with the other secrets, apart from the backup.")


def _key(environ: Mapping[str, str], embedded: bool, say: Say) -> BackupKey:
    """The key to encrypt to. The embedded default draws one into its data folder. Raises `Refused` if there is none."""
    if key := BackupKey.of(environ):
        return key
    if not embedded:
        raise Refused(f"{SETTING}_FILE is not set, and backups are encrypted: `python -m deploy.backup key --to FILE`")
    path = folder_of(environ) / "backup_key"
    key = BackupKey.parse(path.read_text()) if path.exists() else keep_new_key(path)
    say(f"! Only {path} opens this backup: keep a copy of that file elsewhere, apart from the backups.")
    return key


def _restore(asked: argparse.Namespace, environ: Mapping[str, str], say: Say) -> None:
    if not asked.folder:
        raise Refused("from where? Name a backup: make restore FROM=folder")
    began, folder = time.monotonic(), asked.folder
    erased = read_list(asked.erased) if asked.erased else []
    horizon = duration(environ, "RELEVE_HORIZON", "P90D")
    manifest = Manifest.open(folder)
    key = require_private(BackupKey.of(environ), manifest.encrypted_to) if manifest.encrypted_to else None
    if erased and "accounts" not in manifest.services:
        raise Refused(f"{folder} holds no accounts, so none can be erased again: leave ERASED out")
    say(f"Restore from {folder}, the data as of {manifest.taken_at}")
    with target(environ, manifest, read_secrets(manifest, folder, key)) as settings:
        if erased and (missing := [name for name in OF_ACCOUNTS if not settings.get(name)]):
            raise Refused(f"{missing[0]} is not set: erasing again needs the settings of the accounts service")

        def finish() -> None:
            for service in filter(manifest.services.__contains__, DATABASES):
                reason = f"{folder}, as of {manifest.taken_at}"
                record(settings["RELEVE_MONGO_URI"], prefix_of(settings), service, "backup.restored", "", reason)
            if erased:
                destroy_again(erased, settings["RELEVE_MONGO_URI"], prefix_of(settings), say)
                erase_again(erased, {"RELEVE_KAFKA": "none", **settings}, say)

        kafka = broker(settings) if settings.get("RELEVE_KAFKA") else None
        restore(folder, manifest, settings["RELEVE_MONGO_URI"], prefix_of(settings), horizon, kafka=kafka, key=key,
                before_the_end=finish, say=say)  # fmt: skip
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
    new = commands.add_parser("key", help="make a key: its public half takes backups, the private one restores")
    new.add_argument("--to", type=Path, required=True)
    back = commands.add_parser("restore", help="restore a backup into empty databases")
    back.add_argument("--from", dest="folder", type=Path)
    back.add_argument("--erased", type=Path, help="erase again the accounts listed in this file")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
