"""Checks of a history's final state, once every event is delivered and no deadline is left."""

from typing import Any

from chassis.mongo import Document as Row
from contracts.market import SLOTS
from tests.kit.market import Market
from tests.kit.oracle.agreement import ENDS
from tests.kit.oracle.checker import check
from tests.kit.oracle.in_process import evidence_of
from tests.simulation.transport import Effects, Log
from tests.simulation.watch import SECRETS, Story

OUTCOMES = {"refused": "refused", "expired": "lapsed", "cancelled": "destroyed"}
OVER = {"quoted", "declined", "closed"}


def check_promises(log: Log, effects: list[Effects], world: Market) -> None:
    """Checks the promises: every event was published, took effect once, and notified those it concerns.

    No effect comes from an unpublished event.
    """
    published = [row for stream in log.streams.values() for row in stream]
    found = check(evidence_of([effect.service for effect in effects], published, secrets=SECRETS))
    assert found == [], "; ".join(finding.detail for finding in found)
    names = {row["_id"]: row["name"] for row in published}
    for effect in effects:
        heard = {event_id for event_id, name in names.items() if name in effect.service.service.handlers}
        assert heard == effect.times.keys(), f"{effect.service.name} has lost an event"
    assert log.ids == names.keys()


def check_end(world: Market, story: Story) -> str:
    """The project's final state, on which all services must agree."""
    project = world.projects.database.projects.find_one({"_id": story.posted.id}) or {}
    state = str(project["state"])
    ends = [ENDS[row["name"]] for row in story.rows["projects"] if row["name"] in ENDS]
    assert ends == ([] if state == "unfilled" else ["awarded" if state == "completed" else state]), "ended otherwise"
    assert len(story.named("reviews.shown")) == (state == "completed"), "a review never showed, or twice"
    _check_quotes(world, story, project, state)
    _check_matching(world, story, state)
    _check_notify(world, story, state)
    _check_mails(world, story)
    return state


def _check_quotes(world: Market, story: Story, project: Row, state: str) -> None:
    database, posted = world.quotes.database, story.posted
    row = database.rounds.find_one({"_id": posted.id}) or {}
    assert row["reason"] is not None, "a window never ended"
    assert (row["reason"] == "cancelled") == (state == "cancelled"), "quotes missed the cancellation"
    quotes = {one["_id"]: one for one in database.quotes.find({"project_id": posted.id})}
    assert posted.acknowledged.items() <= {id: one["state"] for id, one in quotes.items()}.items(), "a quote is lost"
    assert quotes.keys() == posted.acknowledged.keys(), "a quote was never acknowledged"
    outcomes = {one["_id"]: one.get("outcome") for one in quotes.values() if one["state"] != "withdrawn"}
    if state in ("awarded", "completed"):
        accepted = project["quote_id"]
        assert outcomes == {id: "accepted" if id == accepted else "not_chosen" for id in outcomes}, "wrong outcomes"
        assert accepted in outcomes, "the accepted quote is missing"
        assert [one["payload"]["quote_id"] for one in story.named("quote.accepted")] == [accepted]
        assert world.projects.database.orders.count_documents({"_id": posted.id}) == 1, "the award has no order"
    else:
        assert set(outcomes.values()) <= {OUTCOMES.get(state)}, "wrong outcomes"
        assert bool(outcomes) or state in ("unfilled", "cancelled"), "the project ended without quotes"
    if state != "cancelled":
        assert outcomes.keys() == set(story.round.live.values()), "the quotes differ from those in window.closed"


def _check_matching(world: Market, story: Story, state: str) -> None:
    row = world.matching.database.shortlists.find_one({"_id": story.posted.id}) or {}
    assert row["cancelled"] == (state == "cancelled"), "matching missed the cancellation"
    assert row["cancelled"] or row["reason"] is not None, "matching missed the window's end"
    if story.round.closed is not None:
        quoted = {one["account"] for one in row["standings"] if one["state"] == "quoted"}
        assert quoted == set(story.round.live), "matching has other quotes"
    invited = {one["account"] for one in world.quotes.database.invitations.find({"project_id": story.posted.id})}
    assert invited == set(story.invited), "quotes lets others in than were invited"
    asking = world.projects.database.invitations.count_documents({"project_id": story.posted.id})
    assert asking == len(invited), "projects lets uninvited mentors ask"
    for account in story.invited[:2]:
        items = world.matching.call(account, "GET", "/api/invitations").get_json()["items"]
        states = [item["state"] for item in items if item["project_id"] == story.posted.id]
        assert len(states) == 1, "an invitation is missing"
        assert states[0] in OVER, "an invitation has no outcome"


def _check_notify(world: Market, story: Story, state: str) -> None:
    row = world.notify.database.projects.find_one({"_id": story.posted.id}) or {}
    known = {
        "cancelled": row["cancelled"] is not None,
        "refused": row["refused"] is not None,
        "expired": row["expired"],
        "completed": row["completed"],
    }
    assert [name for name, is_so in known.items() if is_so] == ([state] if state in known else []), "notify disagrees"
    assert (row["ended"] is not None) == (story.round.closed is not None), "notify missed the window's end"
    settled = {one["account"]: one["outcome"] for one in story.round.settled or []}
    assert row["outcomes"] == settled, "notify has other outcomes"


def _check_mails(world: Market, story: Story) -> None:
    rows = list(world.notify.database.notifications.find({"project_id": story.posted.id}))
    mails = {row["notification_id"] for row in world.notify.database.deliveries.find({"project_id": story.posted.id})}
    assert mails >= {row["_id"] for row in rows if _mailed(row)}, "a notification has no mail"


def _mailed(row: dict[str, Any]) -> bool:
    return row["kind"] != "quote-received" or row["data"]["received"] == SLOTS
