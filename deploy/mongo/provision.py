"""Makes the replica set and its users; run as often as one likes.

`python -m deploy.mongo.provision` runs where the first of RELEVE_MONGO_MEMBERS (`host:port` by commas) is on its own
loopback: who comes from there may make the first user. In the folder RELEVE_MONGO_PASSWORDS it finds `mongo_admin`,
the administrator's password, and for each service and for who measures `<user>_mongo`, the address that they are told.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import NotPrimaryError, OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from contracts.parts import DATABASES
from contracts.topics import PUBLISHERS

ELECTION_MS = 2_000
"""How long a set hears nothing of its primary before it elects another, as in the embedded default."""
PATIENCE_S = 90.0
UNAUTHORIZED, UNKNOWN_USER = (13, 18), 11
FOLLOWING, COPYING = ("PRIMARY", "SECONDARY"), ("STARTUP2", "RECOVERING")
Client = MongoClient[dict[str, Any]]
WATCHERS_ROLE: dict[str, Any] = {
    "privileges": [
        {"resource": {"db": f"releve_{service}", "collection": collection}, "actions": ["find"]}
        for service in PUBLISHERS
        for collection in ("outbox", "leases")
    ],
    "roles": [],
}
"""Who measures reads how much waits in each outbox and who leads each relay, and nothing else."""


class MembersMissing(RuntimeError):
    """The set does not come up."""


def provision(members: Sequence[str], password: str, uris: Mapping[str, str]) -> list[str]:
    """Makes the set of `members`, the administrator and each service's user; what was made.

    Raises MembersMissing, and PyMongoError where a member refuses.
    """
    made: list[str] = []
    local: Client = MongoClient(f"mongodb://127.0.0.1:{_port(members[0])}/?directConnection=true",
                                serverSelectionTimeoutMS=5_000)  # fmt: skip
    with local:
        if new := _initiate(local, members):
            made.append("the replica set")
        if _make_administrator(local, password):
            made.append("the administrator")
    with _administrator(members[0], password) as admin:
        made += [f"the member {host}" for host in _add_members(admin, members, new)]
        for service, uri in uris.items():
            made += [f"the user {service}"] * _make_user(admin, uri)
    return made


def _initiate(local: Client, members: Sequence[str]) -> bool:
    """Whether it was this call that made the set, of one member: a set of one elects itself at once.

    A first member that lost its data is no reason to make another set: those that have it take it back.
    """
    first, *others = members
    if any(_has_set(host) for host in others):
        _until(lambda: "setName" in local.admin.command("hello"), f"{first} is taken back by the others")
        return False
    try:
        config = {"_id": "rs0", "members": [{"_id": 0, "host": first}],
                  "settings": {"electionTimeoutMillis": ELECTION_MS}}  # fmt: skip
        local.admin.command("replSetInitiate", config)
    except OperationFailure as error:
        if _name(error) == "AlreadyInitialized" or error.code in UNAUTHORIZED:
            return False
        raise
    _until(lambda: local.admin.command("hello")["isWritablePrimary"], f"{first} elects itself")
    return True


def _has_set(host: str) -> bool:
    member: Client = MongoClient(f"mongodb://{host}/?directConnection=true", serverSelectionTimeoutMS=10_000)
    with member:
        return "setName" in member.admin.command("hello")


def _make_administrator(local: Client, password: str) -> bool:
    try:
        local.admin.command("createUser", "admin", pwd=password, roles=["root"])
        return True
    except NotPrimaryError:  # it follows others, who have one
        return False
    except OperationFailure as error:
        if error.code in UNAUTHORIZED:  # there is one: the door is shut
            return False
        raise


def _administrator(first: str, password: str) -> Client:
    return MongoClient(f"mongodb://{first}/?replicaSet=rs0", username="admin", password=password, authSource="admin",
                       serverSelectionTimeoutMS=30_000)  # fmt: skip


def _add_members(admin: Client, members: Sequence[str], new: bool) -> list[str]:
    """Adds those that the set does not know, one after the other, each once the one before it follows.

    In a set that is not new a member that copies all its data anew is not waited for: the others serve.
    """
    added = []
    for host in members:
        config = admin.admin.command("replSetGetConfig")["config"]
        if host not in {member["host"] for member in config["members"]}:
            number = 1 + max(member["_id"] for member in config["members"])
            config["members"].append({"_id": number, "host": host})
            config["version"] += 1
            _until(lambda config=config: _reconfigured(admin, config), f"the set takes {host}")  # type: ignore[misc]
            added.append(host)
    fine = FOLLOWING if new or added else (*FOLLOWING, *COPYING)
    _until(lambda: sum(state in fine for state in _states(admin)) >= len(members), "every member follows")
    return added


def _reconfigured(admin: Client, config: Mapping[str, Any]) -> bool:
    try:
        admin.admin.command("replSetReconfig", config)
        return True
    except OperationFailure as error:
        if _name(error) in ("ConfigurationInProgress", "CurrentConfigNotCommittedYet"):
            return False
        raise


def _states(admin: Client) -> list[str]:
    return [member["stateStr"] for member in admin.admin.command("replSetGetStatus")["members"]]


def _make_user(admin: Client, uri: str) -> bool:
    """A user of the one database that its address signs in to: reads, writes, indexes, and how long a TTL index keeps.

    The one that signs in to `admin` is who measures. Whether it was missing; one that is there gets the address's
    password.
    """
    told = parse_uri(uri)
    name = told["options"]["authSource"]
    database = admin.get_database(name)
    kind, role = ("watcher", WATCHERS_ROLE) if name == "admin" else ("service", _role(name))
    user: dict[str, Any] = {"pwd": told["password"], "roles": [{"role": kind, "db": name}]}
    if database.command("rolesInfo", kind)["roles"]:
        database.command("updateRole", kind, **role)
    else:
        database.command("createRole", kind, **role)
    try:
        database.command("updateUser", told["username"], **user)
        return False
    except OperationFailure as error:
        if error.code != UNKNOWN_USER:
            raise
    database.command("createUser", told["username"], **user)
    return True


def _name(error: OperationFailure) -> str:
    return str((error.details or {}).get("codeName", ""))


def _role(database: str) -> dict[str, Any]:
    # readWrite lacks `collMod`, which a change of a TTL index needs
    changes = {"resource": {"db": database, "collection": ""}, "actions": ["collMod"]}
    return {"privileges": [changes], "roles": [{"role": "readWrite", "db": database}]}


def _until(true: Callable[[], object], what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > until:
            raise MembersMissing(f"{what}: not after {PATIENCE_S:.0f} s")
        time.sleep(0.1)


def _port(host: str) -> int:
    return int(host.rpartition(":")[2])


def main() -> int:
    """0, or 1 with one line of what is wrong."""
    members = [host for host in os.environ.get("RELEVE_MONGO_MEMBERS", "").split(",") if host]
    folder = Path(os.environ.get("RELEVE_MONGO_PASSWORDS", "/run/secrets"))
    try:
        if not members:
            raise MembersMissing("RELEVE_MONGO_MEMBERS is not set: the members' addresses, as host:port,host:port")
        uris = {name: (folder / f"{name}_mongo").read_text().strip() for name in (*DATABASES, "monitoring")}
        made = provision(members, (folder / "mongo_admin").read_text().strip(), uris)
    except (MembersMissing, PyMongoError, OSError, ValueError) as error:
        print(f"MongoDB is not provisioned: {error}", file=sys.stderr)
        return 1
    print(f"Made: {', '.join(made) or 'nothing, all was there'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
