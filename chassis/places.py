"""Where a service's collections are: in its own database, or in one of two beside it with narrower rights.

A collection's name says so: `rounds` is in the service's database, `vault/keys` in its vault, `audit/rows` in its audit
database. Transactions cover all three. deploy/mongo/provision.py gives users their rights.
"""

from collections.abc import Callable, Sequence

from pymongo import ASCENDING, IndexModel
from pymongo.collection import Collection as Anywhere

from chassis.collection import Collection
from chassis.mongo import Document, Documents

VAULT = "vault"
"""Private keys and clients' identities: only the service's own user reads them."""
AUDIT = "audit"
"""The audit trail: the service's own user adds rows and reads them, and can neither change nor delete any."""
PLACES = (VAULT, AUDIT)
TRAIL = "audit/rows"
LIFETIME = "lifetime"
"""The index that ends rows of the trail; deploy/mongo/provision.py alone makes it."""
BATCH = 100


def names_of(database: str) -> tuple[str, ...]:
    """The names of a service's databases, its own first."""
    return (database, *(f"{database}_{place}" for place in PLACES))


def beside(database: Documents, place: str) -> Documents:
    """One of the databases beside a service's own."""
    return database.client.get_database(
        f"{database.name}_{place}", database.codec_options, database.read_preference, database.write_concern,
        database.read_concern,
    )  # fmt: skip


def rows_of(database: Documents, name: str) -> Anywhere[Document]:
    """A collection of the service with this database. Raises ValueError for an unknown place."""
    place, _, own = name.rpartition("/")
    if not place:
        return database[own]
    if place not in PLACES:
        raise ValueError(f"{name}: there is no place {place}")
    return beside(database, place)[own]


def collections_of(database: Documents) -> list[str]:
    """The names of all collections of a service, such as `rounds` and `vault/keys`, except the database's own."""
    ours = {"name": {"$not": {"$regex": r"^system\."}}}
    names = database.list_collection_names(filter=ours)
    for place in PLACES:
        names += [f"{place}/{name}" for name in beside(database, place).list_collection_names(filter=ours)]
    return names


def trail_indexes() -> Sequence[IndexModel]:
    """Indexes for reading the audit trail by time, all of it or what is about or by one person."""
    by_time = [("at", ASCENDING), ("_id", ASCENDING)]
    return [IndexModel(by_time), *(IndexModel([(person, ASCENDING), *by_time]) for person in ("whom", "who"))]


def move(database: Documents, older: str, newer: str) -> int:
    """Moves all documents from one collection to another, for migrations; returns how many.

    Each batch moves in one transaction, so a crash loses and doubles none. Afterwards the older collection refuses
    documents: a process of the version before fails instead of writing where nobody looks.
    """
    moved, source, target = 0, rows_of(database, older), rows_of(database, newer)
    while rows := list(source.find().limit(BATCH)):
        with database.client.start_session() as session, session.start_transaction():
            Collection(target, session).insert_many(rows)
            Collection(source, session).delete_many({"_id": {"$in": [row["_id"] for row in rows]}})
        moved += len(rows)
    if source.name in source.database.list_collection_names(filter={"name": source.name}):
        source.drop_indexes()
        source.database.command("collMod", source.name, validator={"moved_to": newer})
    return moved


def keep_apart(**vaulted: str) -> Callable[[Documents], None]:
    """The migration that moves a service's audit trail into its audit database, and these collections into its vault.

    Each argument is a collection's older name, and its value the name in the vault.
    """

    def apply(database: Documents) -> None:
        move(database, "audit", TRAIL)
        for older, newer in vaulted.items():
            move(database, older, f"{VAULT}/{newer}")

    return apply
