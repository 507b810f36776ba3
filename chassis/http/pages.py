"""Pagination: lists newest first, with a cursor that stays valid while rows are added."""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, fields, validate
from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection

from chassis.facts import Refusal, wrong
from chassis.mongo import Document

LIMIT = 50
MOST = 200
DIGITS = re.compile(r"[0-9]{1,9}")


class QueryNumber(fields.Integer):
    """A whole number in a query, in ASCII digits only: not ``1_0``, ``+5`` or digits of other scripts."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not (isinstance(value, str) and DIGITS.fullmatch(value)):
            raise self.make_error("invalid", input=value)
        return int(value)


class QueryFlag(fields.Boolean):
    """``true`` or ``false`` in a query."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value not in ("true", "false"):
            raise self.make_error("invalid", input=value)
        return bool(value == "true")


class PageQuery(Schema):
    """``?limit=&cursor=``"""

    limit = QueryNumber(load_default=LIMIT, validate=validate.Range(1, MOST))
    cursor = fields.String(load_default=None)


def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of one page of ``item``."""
    name = item.__name__.removesuffix("Schema") + "Page"
    members = {"items": fields.List(fields.Nested(item)), "next_cursor": fields.String(allow_none=True)}
    return Schema.from_dict(members, name=name)  # type: ignore[arg-type]


def bad_cursor() -> dict[str, Any]:
    """The error of a cursor that no earlier page gave."""
    return wrong("cursor", "bad-cursor", "Give the next_cursor of an earlier page.")


def _encode(row: Mapping[str, Any], key: str) -> str:
    place = [round(row[key].timestamp() * 1000), row["_id"]]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[datetime, str]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        moment, row_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not (type(moment) is int and isinstance(row_id, str)):
            raise ValueError("not a cursor")
        row_id.encode()  # no id has an unpaired surrogate, and MongoDB rejects one
        return datetime.fromtimestamp(moment / 1000, UTC), row_id
    except (ValueError, TypeError, OverflowError, OSError, RecursionError) as error:
        raise Refusal("invalid", errors=[bad_cursor()]) from error


def page(
    rows: Collection[Document],
    filter: Mapping[str, Any],
    query: Mapping[str, Any],
    view: Callable[[Document], Any],
    key: str = "created_at",
    *,
    ascending: bool = False,
    more: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """One page of the matching rows by ``key``, newest first unless ``ascending``.

    The query needs an index that ends in (``key``, ``_id``). ``more`` are stages that add to the rows of the page.
    """
    wanted, order = dict(filter), ASCENDING if ascending else DESCENDING
    if query["cursor"] is not None:
        wanted = {"$and": [wanted, beyond(query["cursor"], key, ascending=ascending)]}
    most = query["limit"] + 1
    if more:
        steps = [{"$match": wanted}, {"$sort": {key: order, "_id": order}}, {"$limit": most}, *more]
        return cut(list(rows.aggregate(steps)), query, view, key)
    return cut(list(rows.find(wanted).sort([(key, order), ("_id", order)]).limit(most)), query, view, key)


def beyond(cursor: str, key: str, *, ascending: bool = False) -> dict[str, Any]:
    """The condition of rows on the pages after the one that gave this cursor. Refuses ``invalid``."""
    moment, row_id = _decode(cursor)
    return after(key, moment, row_id, ascending=ascending)


def after(key: str, moment: datetime, row_id: str, *, ascending: bool) -> dict[str, Any]:
    """The condition of rows behind this place in the order of (``key``, ``_id``).

    It is one range without its first rows. With two ranges in an ``$or``, MongoDB may read all earlier pages again.
    """
    further, nearer = ("$gte", "$lte") if ascending else ("$lte", "$gte")
    return {key: {further: moment}, "$nor": [{key: moment, "_id": {nearer: row_id}}]}


def cut(
    found: Sequence[Document], query: Mapping[str, Any], view: Callable[[Document], Any], key: str
) -> dict[str, Any]:
    """The page of these rows, of which there is one more than ``limit`` if others follow."""
    shown = found[: query["limit"]]
    more = len(found) > len(shown)
    return {"items": [view(row) for row in shown], "next_cursor": _encode(shown[-1], key) if more else None}
