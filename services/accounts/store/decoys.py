"""Writes without effect, which equalise response times."""

from chassis.ids import new_id
from chassis.unit import Unit


def write_decoys(unit: Unit, count: int) -> None:
    """Makes ``count`` writes without effect, so that the response time does not reveal whether real ones were made."""
    for _ in range(count):
        unit.collection("decoys").insert_one({"_id": new_id(), "at": unit.now})
