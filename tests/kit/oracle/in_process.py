"""The evidence of services in process: their stored rows and published events."""

from collections.abc import Sequence

from chassis.mongo import Document
from chassis.places import collections_of, rows_of
from tests.kit.oracle.evidence import Evidence, Message
from tests.kit.services import Running


def evidence_of(
    services: Sequence[Running],
    published: Sequence[Document] | None = None,
    *,
    project: str | None = None,
    secrets: Sequence[str] = (),
) -> Evidence:
    """The current data of these services, for one project or for all.

    ``published`` are outbox rows in the order of the log; without it, every row counts as published. ``secrets`` are
    words that belong to clients.
    """
    mine = {} if project is None else {"$or": [{name: project} for name in ("_id", "project_id", "subject")]}
    stores = {
        one.name: {name: list(rows_of(one.database, name).find(mine)) for name in collections_of(one.database)}
        for one in services
    }
    if published is None:
        written = [row for held in stores.values() for row in held.get("outbox", ())]
        published = sorted(written, key=lambda row: (row["subject"], row["sequence"]))
    taken_in = {one.name: one.database["inbox"].find({}, {"_id": 1}) for one in services}
    return Evidence(
        people=[{"account": "a client", "role": "client", "email": "", "secrets": list(secrets)}] if secrets else [],
        stores=stores,
        inboxes={name: {row["_id"].partition(":")[2] for row in rows} for name, rows in taken_in.items()},
        messages=[_message(offset, row) for offset, row in enumerate(published)],
        collected_at=services[0].now.timestamp(),
        services=[one.name for one in services],
    )


def _message(offset: int, row: Document) -> Message:
    known = {name: row[name] for name in ("topic", "source", "name", "subject", "sequence", "payload")}
    return Message(**known, partition=0, offset=offset, id=row["_id"], at=row["time"].timestamp())
