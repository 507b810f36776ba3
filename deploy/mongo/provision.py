"""Creates the replica set and its users. Idempotent.

`python -m deploy.mongo.provision` runs on the host of the first of RELEVE_MONGO_MEMBERS (`host:port`, separated by
commas), because the first user can only be created over loopback. The folder RELEVE_MONGO_PASSWORDS contains
`mongo_admin`, the administrator's password, and `<user>_mongo`, the URI of each service and of monitoring.
RELEVE_AUDIT_KEPT is how long rows of the audit trails are kept. RELEVE_INSIDE_CA is the authority of the members'
certificates; without it, connections use no TLS.

RELEVE_MONGO_URI is the address of a replica set that exists already, with its administrator's password. Then only users
and rights are made, and this may run on any machine.

A service's user reads and writes its database and its vault. To its audit database it only adds rows, and reads them:
indexes are made here, also the one that ends rows after their time, because a service must not shorten it.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from pymongo import ASCENDING, MongoClient
from pymongo.errors import NotPrimaryError, OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from chassis.inside import with_tls
from chassis.places import AUDIT, LIFETIME, TRAIL, VAULT, trail_indexes
from chassis.settings import BadSetting, duration, environment
from contracts.parts import DATABASES
from contracts.topics import PUBLISHERS

ELECTION_MS = 2_000
"""Time without contact to the primary after which the set elects another; same as in the embedded default."""
PATIENCE_S = 90.0
UNAUTHORIZED, UNKNOWN_USER = (13, 18), 11
ADDING = ["find", "insert", "listCollections", "listIndexes"]
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
"""Rights of the monitoring user: it reads each service's outbox and leases, nothing else."""


class MembersMissing(RuntimeError):
    """The replica set does not become ready."""


KEPT = "P365D"


def provision(
    members: Sequence[str], password: str, uris: Mapping[str, str], kept: timedelta = timedelta(days=365), ca: str = ""
) -> list[str]:
    """Creates the set of `members`, the administrator and each service's user; returns what was created.

    Raises MembersMissing, and PyMongoError if a member refuses.
    """
    made: list[str] = []
    at = f"mongodb://127.0.0.1:{_port(members[0])}/?directConnection=true"
    local: Client = MongoClient(with_tls(at, ca), serverSelectionTimeoutMS=5_000)
    with local:
        if new := _initiate(local, members, ca):
            made.append("the replica set")
        if _make_administrator(local, password):
            made.append("the administrator")
    with _administrator(members[0], password, ca) as admin:
        made += [f"the member {host}" for host in _add_members(admin, members, new)]
        made += make_users(admin, uris, kept)
    return made


def make_users(admin: Client, uris: Mapping[str, str], kept: timedelta) -> list[str]:
    """Creates each service's user with its rights, or updates its password; returns what was created.

    Raises PyMongoError if the set refuses.
    """
    return [f"the user {service}" for service, uri in uris.items() if _make_user(admin, uri, kept)]


def _initiate(local: Client, members: Sequence[str], ca: str) -> bool:
    """Creates the set with one member, which elects itself immediately; returns whether this call created it.

    If the first member has lost its data, no new set is created: the other members take it back.
    """
    first, *others = members
    if any(_has_set(host, ca) for host in others):
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


def _has_set(host: str, ca: str) -> bool:
    at = with_tls(f"mongodb://{host}/?directConnection=true", ca)
    member: Client = MongoClient(at, serverSelectionTimeoutMS=10_000)
    with member:
        return "setName" in member.admin.command("hello")


def _make_administrator(local: Client, password: str) -> bool:
    try:
        local.admin.command("createUser", "admin", pwd=password, roles=["root"])
        return True
    except NotPrimaryError:  # a secondary: the set has an administrator already
        return False
    except OperationFailure as error:
        if error.code in UNAUTHORIZED:  # an administrator exists, so this needs authentication
            return False
        raise


def _administrator(first: str, password: str, ca: str) -> Client:
    at = with_tls(f"mongodb://{first}/?replicaSet=rs0", ca)
    return MongoClient(at, username="admin", password=password, authSource="admin", serverSelectionTimeoutMS=30_000)


def _add_members(admin: Client, members: Sequence[str], new: bool) -> list[str]:
    """Adds missing members one by one, each once the previous one is in sync.

    In an existing set it does not wait for a member that resyncs all its data, since the others serve.
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


def _make_user(admin: Client, uri: str, kept: timedelta) -> bool:
    """Creates the user in a URI with its rights (`_roles`), and the indexes of the audit trail.

    The user of `admin` is the monitoring user. Returns whether the user was missing; an existing one gets the
    password in the URI.
    """
    parsed = parse_uri(uri)
    name = parsed["options"]["authSource"]
    database = admin.get_database(name)
    roles = _roles(name)
    for (kind, home), role in roles.items():
        there = admin[home].command("rolesInfo", kind)["roles"]
        admin[home].command("updateRole" if there else "createRole", kind, **role)
    if name != "admin":
        _make_trail(admin, f"{name}_{AUDIT}", kept)
    user: dict[str, Any] = {"pwd": parsed["password"], "roles": [{"role": kind, "db": home} for kind, home in roles]}
    try:
        database.command("updateUser", parsed["username"], **user)
        return False
    except OperationFailure as error:
        if error.code != UNKNOWN_USER:
            raise
    database.command("createUser", parsed["username"], **user)
    return True


def _make_trail(admin: Client, database: str, kept: timedelta) -> None:
    """The indexes of an audit trail, and the lifetime of its rows, which each run sets anew."""
    rows, seconds = admin[database][TRAIL.rpartition("/")[2]], int(kept.total_seconds())
    rows.create_indexes(trail_indexes())
    if LIFETIME in rows.index_information():
        admin[database].command("collMod", rows.name, index={"name": LIFETIME, "expireAfterSeconds": seconds})
    else:
        rows.create_index([("at", ASCENDING)], name=LIFETIME, expireAfterSeconds=seconds)


def _name(error: OperationFailure) -> str:
    return str((error.details or {}).get("codeName", ""))


def _roles(database: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The roles of the user of this database, each by its name and the only database on which it gives rights."""
    if database == "admin":
        return {("watcher", "admin"): WATCHERS_ROLE}
    vault, audit = f"{database}_{VAULT}", f"{database}_{AUDIT}"
    trail = {"resource": {"db": audit, "collection": ""}, "actions": ADDING}
    return {
        ("service", database): _full(database),
        ("service", vault): _full(vault),
        ("adder", audit): {"privileges": [trail], "roles": []},
    }


def _full(database: str) -> dict[str, Any]:
    # readWrite lacks `collMod`, which is needed to change a TTL index
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


def from_settings(settings: Mapping[str, str]) -> list[str]:
    """Provisions as these settings say; returns what was created. Raises what `provision` does, BadSetting, OSError."""
    members = [host for host in settings.get("RELEVE_MONGO_MEMBERS", "").split(",") if host]
    folder = Path(settings.get("RELEVE_MONGO_PASSWORDS", "/run/secrets"))
    uri = settings.get("RELEVE_MONGO_URI", "")
    if not (members or uri):
        raise MembersMissing("RELEVE_MONGO_MEMBERS is not set: the members' addresses, as host:port,host:port")
    uris = {name: (folder / f"{name}_mongo").read_text().strip() for name in (*DATABASES, "monitoring")}
    kept = duration(settings, "RELEVE_AUDIT_KEPT", KEPT)
    if uri:
        admin: Client = MongoClient(uri, serverSelectionTimeoutMS=30_000)
        with admin:
            return make_users(admin, uris, kept)
    password, ca = (folder / "mongo_admin").read_text().strip(), settings.get("RELEVE_INSIDE_CA", "")
    return provision(members, password, uris, kept, ca)


def main() -> int:
    """Runs the command; returns 0, or 1 after printing one error line."""
    try:
        made = from_settings(environment(os.environ))
    except (BadSetting, MembersMissing, PyMongoError, OSError, ValueError) as error:
        print(f"MongoDB is not provisioned: {error}", file=sys.stderr)
        return 1
    print(f"Created: {', '.join(made) or 'nothing, everything existed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
