"""A project's events may arrive in any order, twice or late: matching reaches the same state, except for waves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.ids import new_id
from chassis.mongo import Documents, database_now
from tests.kit.matching import Matching

Say = tuple[str, int, Callable[[Matching, str], dict[str, Any]]]
HISTORY: list[Say] = [
    ("project.posted", 1, lambda world, project: world.posted(project)),
    ("slot.claimed", 2, lambda world, _: {"account": "m0", "expires_at": database_now(world.database)}),
    ("quote.submitted", 3, lambda *_: {"account": "m0", "quote_id": "q0", "received": 1}),
    ("slot.claimed", 4, lambda world, _: {"account": "m1", "expires_at": database_now(world.database)}),
    ("slot.released", 5, lambda *_: {"account": "m1"}),
    ("quote.submitted", 6, lambda *_: {"account": "m2", "quote_id": "q2", "received": 2}),
    ("quote.withdrawn", 7, lambda *_: {"account": "m2", "quote_id": "q2"}),
    ("window.extended", 8, lambda world, _: {"closes_at": database_now(world.database) + timedelta(days=9)}),
]
CLOSED: Say = (
    "window.closed",
    9,
    lambda world, _: {
        "reason": "deadline",
        "closed_at": database_now(world.database),
        "quotes": [{"account": "m0", "quote_id": "q0", "mentor_id": "c0"}],
        "digests": [],
    },
)


def end_state(world: Matching, project: str) -> dict[str, Any]:
    """The final state, without the parts that depend on arrival times: waves and instants."""
    shortlist = world.database.shortlists.find_one({"_id": project}) or {}
    known = ("client", "brief", "window", "reason", "cancelled", "extended", "standings")
    states = {
        account: invitation["state"]
        for account in ("m0", "m1", "m2", "m3")
        for invitation in world.invitations(account)
        if invitation["project_id"] == project
    }
    return {name: shortlist.get(name) for name in known} | {"states": states}


@pytest.mark.parametrize("closed", [False, True])
def test_events_in_any_order_and_repeated_reach_the_same_state(database: Documents, closed: bool) -> None:
    world = Matching(database)
    for number in range(4):
        world.profile(f"m{number}", weekly_invitations=50)
    history = HISTORY + ([CLOSED] if closed else [])
    expected = {
        "m0": "quoted",
        "m1": "closed" if closed else "sent",
        "m2": "closed" if closed else "sent",
        "m3": "closed" if closed else "sent",
    }

    def play(order: list[Say], repeated: int) -> dict[str, Any]:
        project = new_id()
        world.database.profiles.update_many({}, {"$set": {"invited_at": []}})
        events = [world.event(name, project, sequence, **data(world, project)) for name, sequence, data in order]
        for event in [*events, *events[:repeated]]:
            world.inbox.apply(event)
        return end_state(world, project)

    in_order = play(history, 0)
    assert in_order["states"] == expected

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.permutations(history), st.integers(0, len(history)))
    def same_end(order: list[Say], repeated: int) -> None:
        names = [name for name, *_ in order]
        end = play(order, repeated)
        if closed and names.index("window.closed") < names.index("project.posted"):
            assert end["states"] == {}  # no mentor is invited to an ended project
            assert end | {"states": expected} == in_order
        else:
            assert end == in_order

    same_end()
    if closed:
        assert world.database.listings.count_documents({}) == 0


def test_cancelled_project_closes_its_invitations_in_either_order(database: Documents) -> None:
    world = Matching(database)
    world.profile("m0")
    world.post("p")
    world.hear("project.cancelled", "p", 2, reason="Changed our mind")
    assert [row["state"] for row in world.invitations("m0")] == ["closed"]
    world.hear("project.cancelled", "q", 2, reason="Changed our mind")
    world.post("q")
    assert world.waves("q") == []
    assert world.database.listings.count_documents({}) == 0
