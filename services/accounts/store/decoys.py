"""Writes to no effect."""

from chassis.ids import new_id
from chassis.unit import Unit


def write_decoys(unit: Unit, count: int) -> None:
    """As many writes as something else would have cost, to no effect, so that the time of the answer does not tell."""
    for _ in range(count):
        unit.collection("decoys").insert_one({"_id": new_id(), "at": unit.now})
