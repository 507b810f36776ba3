"""Rows of the audit trails for commands at a terminal: written before a command shows or changes anything."""

import os
import pwd
from collections.abc import Callable, Mapping
from pathlib import Path

from chassis import audit
from chassis.inside import with_tls
from chassis.mongo import connect

Write = Callable[[str, str, str, str], None]
"""Adds a row to a service's trail: service, what, whom (an id, or empty), reason. Raises `Unwritten`, PyMongoError."""


class Unwritten(RuntimeError):
    """There is no trail to write to. The text is one line that says what to do."""


def writer(settings: Mapping[str, str]) -> Write:
    """Writes with RELEVE_MONGO_URI, or with each service's own user, whose URI is in RELEVE_MONGO_PASSWORDS."""
    prefix = settings.get("RELEVE_DB_PREFIX", "releve_")

    def write(service: str, what: str, whom: str, reason: str) -> None:
        record(_uri(settings, service), prefix, service, what, whom, reason)

    return write


def record(mongo_uri: str, prefix: str, service: str, what: str, whom: str, reason: str) -> None:
    """Adds a row to a service's trail, with the name of this machine's user. Raises `Unwritten` and PyMongoError."""
    database = connect(mongo_uri, prefix + service, app="trail")
    try:
        if not database.list_collection_names():
            raise Unwritten(f"there is no database {database.name}: is RELEVE_DB_PREFIX right?")
        audit.record_alone(database, what, whom, f"{reason} (by {user()})")
    finally:
        database.client.close()


def user() -> str:
    """The user of this machine who runs the command; in a container a number."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _uri(settings: Mapping[str, str], service: str) -> str:
    if uri := settings.get("RELEVE_MONGO_URI"):
        return uri
    try:
        uri = (Path(settings["RELEVE_MONGO_PASSWORDS"]) / f"{service}_mongo").read_text().strip()
        return with_tls(uri, settings.get("RELEVE_INSIDE_CA", ""))
    except (KeyError, OSError) as error:
        raise Unwritten("the audit trail cannot be written: set RELEVE_MONGO_URI (docs/operations.md)") from error
