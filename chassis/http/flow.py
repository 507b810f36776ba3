"""The route with which operators watch a service's events: envelopes from its own outbox, never a payload."""

from typing import Any

from marshmallow import Schema, fields, validate

from chassis import audit, outbox
from chassis.events import PREFIX, publisher_of
from chassis.http.auth import OPERATOR, Actor, signed_in
from chassis.http.pages import PageQuery, after, beyond, cut, page_of
from chassis.http.parsing import Blueprint
from chassis.mongo import Document, Documents
from chassis.telemetry import trace_of
from chassis.unit import UnitOfWork

READ = "events.read"
SEARCHED = 5_000
"""Maximum number of events that one request looks at, so that a rare type costs no scan of the whole outbox."""
NAME = r"\A[a-z][a-z.-]{0,60}\Z"


class FlowQuery(PageQuery):
    """``?type=&project=&after=&limit=&cursor=``"""

    type = fields.String(validate=validate.Regexp(NAME))
    project = fields.String(validate=validate.Length(1, 64))
    after = fields.String(validate=validate.Length(1, 64))


def routes(work: UnitOfWork, path: str, entry: type[Schema]) -> Blueprint:
    """The blueprint with the route at ``path``; ``entry`` is the schema of an event."""
    blueprint = Blueprint("flow", __name__)

    @blueprint.get(path)
    @signed_in(OPERATOR)
    @blueprint.arguments(FlowQuery, location="query")
    @blueprint.response(200, page_of(entry))
    def read_events(query: Document, *, actor: Actor) -> Document:
        """The events that this service has caused, newest first, without payloads, as long as it keeps them.

        `type` is the beginning of a name (`project` or `project.posted`); `project` finds what is about one; `after` is
        an event's id, and gives what came after it. A request looks at 5000 events.
        """
        found = read(work.database, query)
        audit.record_reading(work, actor, READ, (item["subject"] for item in found["items"]))
        return found

    return blueprint


def read(database: Documents, query: Document) -> Document:
    """A page of the events."""
    rows = database[outbox.COLLECTION]
    where: list[Document] = [beyond(query["cursor"], "time")] if query["cursor"] else []
    if "after" in query and (seen := rows.find_one({"_id": query["after"]}, {"time": 1})):
        where.append(after("time", seen["time"], seen["_id"], ascending=True))
    wanted: list[Document] = []
    if "type" in query:
        name = query["type"].removeprefix(PREFIX)
        wanted.append({"name": {"$gte": name, "$lt": name + "\uffff"}})
    if "project" in query:
        wanted.append({"$or": [{"subject": query["project"]}, {"payload.project_id": query["project"]}]})
    steps: list[Document] = [{"$match": {"$and": where}}] if where else []
    steps += [{"$sort": {"time": -1, "_id": -1}}, {"$limit": SEARCHED}]
    steps += [{"$match": {"$and": wanted}}] if wanted else []
    steps += [{"$limit": query["limit"] + 1}, {"$project": {"payload": 0}}]
    return cut(list(rows.aggregate(steps)), query, view, "time")


def view(row: Document) -> dict[str, Any]:
    """An event's envelope."""
    return {
        "id": row["_id"],
        "type": f"{PREFIX}{row['name']}.v{row['event_version']}",
        "subject": row["subject"],
        "sequence": row["sequence"],
        "service": publisher_of(row["source"]),
        "time": row["time"],
        "trace_id": trace_of(row.get("traceparent")).get("trace_id", ""),
        "published": "pending" not in row,
    }
