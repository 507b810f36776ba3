"""Rewraps stored keys under the current master key, while services run: `python -m services.<name>.app rewrap`.

A wrapped key is any ``{"by", "data", "for"}`` in a row (`chassis.keyring.Keyring`). Each is replaced only if it is
still what was read, so the command may run at any time, several times at once, and again after it was killed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.collection import Collection

from chassis.keyring import Keyring
from chassis.migrations import CannotStart
from chassis.mongo import Document
from chassis.sealing import Unopened

BATCH = 500
MOST_PASSES = 20
WRAPPED = {"by", "data", "for"}
Say = Callable[[str], None]


@dataclass
class Count:
    """The stored keys by version of the master key, how many were rewrapped, and how many did not open."""

    versions: Counter[str] = field(default_factory=Counter)
    rewrapped: int = 0
    unopened: int = 0

    def older(self, version: str) -> int:
        """The keys that another version than this one wraps."""
        return sum(number for by, number in self.versions.items() if by != version)


def count(places: Iterable[Collection[Document]]) -> Count:
    """Counts the stored keys and changes nothing."""
    found = Count()
    for rows in places:
        for row in rows.find():
            found.versions.update(str(stored["by"]) for _, stored in _wrapped(row))
    return found


def rewrap(places: Iterable[Collection[Document]], keys: Keyring, say: Say = lambda line: None) -> Count:
    """Rewraps what other versions wrap, until a pass finds nothing more. Returns the counts after it.

    A key that does not open stays as it is and is counted. Raises `chassis.sealing.KeysAway` and PyMongoError.
    """
    places, total = list(places), Count()
    for _ in range(MOST_PASSES):
        changed, failed = 0, 0
        for rows in places:
            for batch in _batches(rows.find(sort=[("_id", ASCENDING)])):
                writes, unopened = _writes(batch, keys)
                changed += rows.bulk_write(writes, ordered=False).modified_count if writes else 0
                failed += unopened
                if writes:
                    say(f"  {rows.name}: {total.rewrapped + changed} keys under version {keys.version}")
        total.rewrapped, total.unopened = total.rewrapped + changed, failed
        total.versions = count(places).versions
        if total.older(keys.version) <= failed:
            break
    return total


def check(places: Iterable[Collection[Document]], keys: Keyring, service: str) -> None:
    """Opens the oldest and the newest key of each collection. Raises `CannotStart` if one does not open."""
    for rows in places:
        for order in (ASCENDING, DESCENDING):
            for row in rows.find(sort=[("_id", order)], limit=1):
                for _, stored in _wrapped(row):
                    try:
                        keys.unwrap(stored, stored["for"])
                    except Unopened as error:
                        raise CannotStart(
                            f"{rows.database.name}: the stored keys (version {stored['by']}) do not open with the "
                            f"master key of {service}: give it the file that they were made with (docs/operations.md)"
                        ) from error


def _writes(batch: Iterable[Document], keys: Keyring) -> tuple[list[UpdateOne], int]:
    """The conditional updates for these rows, and the number of keys that do not open."""
    writes, failed = [], 0
    for row in batch:
        for path, stored in _wrapped(row):
            if stored["by"] == keys.version:
                continue
            try:
                new = keys.rewrap(stored)
            except Unopened:
                failed += 1
                continue
            writes.append(UpdateOne({"_id": row["_id"], f"{path}.data": stored["data"]}, {"$set": {path: new}}))
    return writes, failed


def _wrapped(value: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every wrapped key in a row, with its path."""
    if isinstance(value, Mapping):
        if value.keys() == WRAPPED:
            yield path, value
            return
        below: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        below = enumerate(value)
    else:
        return
    for name, member in below:
        yield from _wrapped(member, f"{path}.{name}" if path else str(name))


def _batches(rows: Iterable[Document]) -> Iterator[list[Document]]:
    every = iter(rows)
    while batch := list(islice(every, BATCH)):
        yield batch
