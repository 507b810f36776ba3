"""Whole histories, delivered late, twice and in any order that Kafka allows: each service reaches the same state.

Kafka keeps the order within a topic and key, and none between them; after a crash it redelivers some events. The times
of notifications, and what waves depend on, the time of delivery, are compared separately.
"""

import itertools
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.mongo import Document
from contracts.market import SLOTS
from tests.histories.history import (
    ENDINGS,
    MENTORS,
    PROJECTS_COMMANDS,
    QUOTES_COMMANDS,
    ZONES,
    Command,
    History,
    Living,
    Row,
    deliver,
    live,
    stream_of,
)
from tests.kit.examples import CLIENT, mentor
from tests.kit.oracle.agreement import check_round
from tests.kit.oracle.checker import check
from tests.kit.oracle.in_process import evidence_of
from tests.kit.services import Running

HISTORIES = 2 * len(ENDINGS)
EXAMPLES = 30
MOST_TURNS = 60
PEOPLE = ("people", "")
NOTHING = ("not-found", "nothing")
Stream = tuple[str, str]
Shape = dict[str, Any]
some = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # shrinking would take minutes; the first failure is readable enough
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def world(mongo_uri: str) -> Iterator[Living]:
    """The services, with databases of their own."""
    world = Living(mongo_uri)
    yield world
    world.close()


@pytest.fixture(scope="module")
def histories(world: Living) -> list[History]:
    """Histories of projects that end in every way."""
    lived = [live(world, seed) for seed in range(HISTORIES)]
    for history in lived:
        found = check(evidence_of([world.projects, world.quotes, world.matching], project=history.project))
        assert [one for one in found if one.kind != "window-ended-early"] == []  # the test moves their ends
    return lived


# Orders.


@dataclass(frozen=True)
class Order:
    """A way to deliver a history: how its streams are mixed, which one comes last, what is redelivered and when."""

    history: int
    mix: list[int]
    late: str
    again: list[tuple[int, int]]

    def of(self, streams: Sequence[Stream]) -> list[Stream]:
        """The same streams in another order, each as often as before."""
        mixed = [streams[place] for place in self.mix if place < len(streams)] + [*streams[len(self.mix) :]]
        return sorted(mixed, key=lambda stream: self.late in stream[0])

    def redelivered(self, place: int, delivered: Sequence[Row]) -> Sequence[Row]:
        """Events redelivered after this one, of the last one's stream: a consumer died before its commit."""
        count = sum(count for after, count in self.again if after == place)
        return [row for row in delivered if stream_of(row) == stream_of(delivered[-1])][-count:] if count else []


AS_IT_WAS = Order(0, list(range(MOST_TURNS)), "nobody", [])
orders = st.builds(
    Order,
    st.integers(0, HISTORIES - 1),
    st.permutations(range(MOST_TURNS)),
    st.sampled_from(["nobody", "accounts", "projects", "matching", "quotes"]),
    st.lists(st.tuples(st.integers(0, MOST_TURNS - 1), st.integers(1, 4)), max_size=6),
)


def deliver_in_order(service: Running, rows: Sequence[Row], order: Order) -> list[Row]:
    """Delivers a service's events in this order; returns them in order of first arrival. Each has one effect."""
    mine = [row for row in rows if row["name"] in service.service.handlers]
    waiting: dict[Stream, list[Row]] = {}
    for row in mine:
        waiting.setdefault(stream_of(row), []).append(row)
    delivered: list[Row] = []
    for place, stream in enumerate(order.of([stream_of(row) for row in mine])):
        delivered.append(waiting[stream].pop(0))
        assert deliver(service, [delivered[-1]]) == 1
        assert deliver(service, order.redelivered(place, delivered)) == 0
    marks = [f"{service.name}:{row['_id']}" for row in mine]
    assert service.database.inbox.count_documents({"_id": {"$in": marks}}) == len(mine)
    return delivered


def replay_with(
    world: Living, service: Running, history: History, project: str, order: Order, pinned: Collection[str]
) -> None:
    """Lets people repeat their actions on their service while the events of the others arrive in this order.

    ``pinned`` events keep their place among people's actions: without them it would be another history. A person who
    acts before the enabling event has arrived gets a 404 and tries again.
    """
    mine = QUOTES_COMMANDS if service is world.quotes else PROJECTS_COMMANDS
    waiting: dict[Stream, list[Row | Command]] = {}
    streams = []
    for turn in history.copy(project):
        if isinstance(turn, Command):
            if turn.name not in mine or turn.result in NOTHING:
                continue
            stream = PEOPLE
        elif turn["name"] in service.service.handlers:
            stream = PEOPLE if turn["name"] in pinned else stream_of(turn)
        else:
            continue
        streams.append(stream)
        waiting.setdefault(stream, []).append(turn)
    delivered: list[Row] = []

    def take(place: int, stream: Stream) -> None:
        turn = waiting[stream][0]
        if stream == PEOPLE and not _ready(world, service, project, turn):
            if isinstance(turn, Command) and turn.name != "window ends":  # a round that does not exist has no window
                assert world.act(project, turn) in NOTHING
            return
        waiting[stream].pop(0)
        if isinstance(turn, Command):
            assert world.act(project, turn) == turn.result, turn
            return
        delivered.append(_with_own_quote(world, service, project, turn))
        assert deliver(service, [delivered[-1]]) == 1
        assert deliver(service, order.redelivered(place, delivered)) == 0

    for place, stream in enumerate(order.of(streams)):
        take(place, stream)
    while left := [stream for stream in waiting if waiting[stream]]:
        before = sum(map(len, waiting.values()))
        for stream in left:
            take(MOST_TURNS, stream)
        assert sum(map(len, waiting.values())) < before, "an action waits for an event that is never delivered"


def _ready(world: Living, service: Running, project: str, turn: Row | Command) -> bool:
    """Whether quotes knows the project and, for a mentor's action, the invitation."""
    if service is not world.quotes:
        return True
    if service.database.rounds.find_one({"_id": project}) is None:
        return False
    who: dict[str, Any] = {}
    if isinstance(turn, Command):
        who = {"project_id": project, "account": mentor(project, turn.number), "mentor_id": {"$ne": None}}
    return not who or turn.name == "window ends" or service.database.invitations.find_one(who) is not None  # type: ignore[union-attr]


def _with_own_quote(world: Living, service: Running, project: str, row: Row) -> Row:
    """An award names a quote, which has another id in the replay."""
    if service is not world.quotes or row["name"] != "project.awarded":
        return row
    number = int(row["payload"]["account"].rpartition("m")[2])
    return {**row, "payload": {**row["payload"], "quote_id": world.quote_id(project, number)}}


# The compared states.


def plain(shape: Any, project: str, client: str = CLIENT) -> Any:
    """Replaces the project's own id, which is part of every other id."""
    text = json.dumps(shape, sort_keys=True, default=str)
    return json.loads(text.replace(project, "P").replace(client, "C"))


def without(row: Document, *names: str) -> Shape:
    return {name: value for name, value in row.items() if name not in (*names, "_id", "version")}


def sorted_rows(rows: Iterator[Shape]) -> list[Shape]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True, default=str))


# notify: all its data comes from other services.


def notified(world: Living, project: str, client: str) -> Any:
    """Who was notified of what and how, and the stored project and people."""
    database = world.notify.database
    known = database.projects.find_one({"_id": project}) or {}
    about = {"project_id": project}
    notifications = [without(row, "created_at", "counter", "project_id") for row in database.notifications.find(about)]
    mailed = [
        without(row, "created_at", "due_at", "news_at", "notification_id", "project_id")
        for row in database.deliveries.find(about)
    ]
    people = {row["_id"]: without(row, "counter") for row in database.people.find({"_id": {"$regex": f"^{project}-"}})}
    shape = {
        "project": without(known, "touched_at", "made", "told"),  # of the last change only
        "notified": notifications,
        "mailed": mailed,
        "people": people,
    }
    found = plain(shape, project, client)
    return {**found, "notified": sorted_rows(found["notified"]), "mailed": sorted_rows(found["mailed"])}


def replay_notify(world: Living, history: History, order: Order) -> Any:
    project = new_id()
    client = f"{project}-client"
    deliver_in_order(
        world.notify, [row for row in history.copy(project, client) if not isinstance(row, Command)], order
    )
    return notified(world, project, client)


def test_notifications_do_not_depend_on_the_order_in_which_events_arrive(
    world: Living, histories: list[History]
) -> None:
    in_order = [replay_notify(world, history, AS_IT_WAS) for history in histories]
    for history, state in zip(histories, in_order, strict=True):
        settled = [row["payload"]["quotes"] for row in history.rows if row["name"] == "quotes.settled"]
        accepted = [one["account"] for quotes in settled for one in quotes if one["outcome"] == "accepted"]
        chosen = [row["account"] for row in state["notified"] if row["kind"] == "chosen"]
        assert chosen == plain(accepted, history.project)
        zones = [state["people"][f"P-m{number}"].get("profile_zone") for number in range(1, MENTORS + 1)]
        assert zones == [
            ZONES[number % len(ZONES)] if number % len(ZONES) else None for number in range(1, MENTORS + 1)
        ]
        waves = [row["payload"]["mentors"] for row in history.rows if row["name"] == "mentors.invited"]
        assert len([row for row in state["notified"] if row["kind"] == "invited"]) == sum(len(wave) for wave in waves)

    @some
    @given(orders)
    def same_end(order: Order) -> None:
        assert replay_notify(world, histories[order.history], order) == in_order[order.history]

    same_end()


# matching: it publishes invitations; other services publish what becomes of them.


def matched(world: Living, project: str) -> Any:
    """The stored round, and the state of every invitation as its mentor reads it."""
    row = world.matching.database.shortlists.find_one({"_id": project}) or {}
    known = ("client", "clients", "brief", "window", "closes_at", "extended", "reason", "cancelled", "standings")
    states: dict[str, str] = {}
    for number in range(1, MENTORS + 1):
        items = world.matching.call(mentor(project, number), "GET", "/api/invitations").get_json()["items"]
        states |= {str(number): item["state"] for item in items if item["project_id"] == project}
    return plain({name: row.get(name) for name in known} | {"states": states}, project)


def replay_matching(world: Living, history: History, order: Order) -> tuple[Any, bool]:
    """matching's final state, and whether the round accepted no mentors when matching received the project."""
    project, service = new_id(), world.matching
    world.know_mentors(project)
    config = replace(service.config, wave_size=1_000)  # one wave for all mentors, because waves depend on time
    inbox, service.inbox = service.inbox, Inbox(service.work, service.name, service.service.handlers, config)
    try:
        delivered = deliver_in_order(
            service, [row for row in history.copy(project) if not isinstance(row, Command)], order
        )
    finally:
        service.inbox = inbox
    known = matched(world, project)
    over = known["reason"] is not None or known["cancelled"]
    assert bool(service.database.listings.count_documents({"project_id": project})) == (not over)
    return known, _was_closed(itertools.takewhile(lambda row: row["name"] != "project.posted", delivered))


def _was_closed(before: Iterable[Row]) -> bool:
    """Whether the round was over or full, by the events that arrived before the project's own."""
    last = {row["payload"].get("account", row["name"]): row["name"] for row in before}
    taken = [name for name in last.values() if name in ("slot.claimed", "quote.submitted")]
    return not {"window.closed", "project.cancelled"}.isdisjoint(last) or len(taken) == SLOTS


def test_invitations_do_not_depend_on_the_order_in_which_events_arrive(world: Living, histories: list[History]) -> None:
    in_order = [replay_matching(world, history, AS_IT_WAS)[0] for history in histories]
    for history, known in zip(histories, in_order, strict=True):
        quoted = {one["account"] for one in known["standings"] if one["state"] == "quoted"}
        closed = [row["payload"]["quotes"] for row in history.rows if row["name"] == "window.closed"]
        assert not closed or quoted == set(plain([one["account"] for one in closed[0]], history.project))
        assert len(known["states"]) == MENTORS

    @some
    @given(orders)
    def same_end(order: Order) -> None:
        expected = in_order[order.history]
        known, was_closed = replay_matching(world, histories[order.history], order)
        if was_closed:  # an ended round invites no mentor; a full one does later, by a wave
            assert known["states"] == {}
            expected = {**expected, "states": {}}
        assert known == expected

    same_end()


# projects and quotes: people cause their own events, and act between the events of the other services.


def projected(world: Living, project: str) -> Any:
    """The project, its events, and the mentors who may ask questions."""
    row = world.projects.database.projects.find_one({"_id": project}) or {}
    published = [
        [one["name"], one["payload"]] for one in world.projects.outbox(project) if one["name"] != "project.posted"
    ]
    invited = sorted(one["_id"] for one in world.projects.database.invitations.find({"project_id": project}))
    extended = (row["closes_at"] - row["created_at"]).total_seconds() > row["window"]
    kept = {name: value for name, value in without(row, "reviews").items() if not isinstance(value, datetime)}
    return plain({"project": kept, "published": published, "invited": invited, "extended": extended}, project)


PROJECT_ENDS = ("project.cancelled", "project.awarded", "project.refused", "project.expired", "project.completed")


def test_project_does_not_depend_on_the_order_of_its_rounds_events(world: Living, histories: list[History]) -> None:
    lived = [projected(world, history.project) for history in histories]
    assert {one["project"]["state"] for one in lived} >= {"completed", "refused", "expired", "cancelled", "unfilled"}
    for history, one in zip(histories, lived, strict=True):
        ends = [name for name, _ in one["published"] if name in PROJECT_ENDS]
        published_ends = [name.removeprefix("project.") for name in ends]
        assert published_ends in ([], [one["project"]["state"]], ["awarded", "completed"]), history.project
        assert bool(ends) == (one["project"]["state"] not in ("collecting", "choosing", "unfilled"))

    @some
    @given(orders)
    def same_end(order: Order) -> None:
        history = histories[order.history]
        (project,) = world.posted(1, **history.terms)
        replay_with(world, world.projects, history, project, order, ("window.extended", "window.closed"))
        assert projected(world, project) == lived[order.history]

    same_end()


KEPT = ("client", "clients", "currency", "reason", "extended", "settled", "spent_claims")
OF_ITS_TIME = ("expires_at", "closes_at", "closed_at", "received_at", "digests", "digest")
ENDS = ("project.cancelled", "project.awarded", "project.refused", "project.expired")


def quoted(world: Living, project: str) -> Any:
    """The round, its quotes and its events, with each quote named after its mentor."""
    database = world.quotes.database
    row = database.rounds.find_one({"_id": project}) or {}
    quotes = list(database.quotes.find({"project_id": project}).sort("created_at", 1))
    shape = {
        "round": {name: row.get(name) for name in KEPT},
        "slots": [[slot["account"], slot["quote_id"]] for slot in row["slots"]],
        "digests": len(row["digests"]),
        "quotes": [[one["_id"], one["state"], one.get("outcome"), "proposal" in one] for one in quotes],
        "invited": sorted(one["_id"] for one in database.invitations.find({"project_id": project})),
        "published": [
            [one["name"], {name: value for name, value in one["payload"].items() if name not in OF_ITS_TIME}]
            for one in world.quotes.outbox(project)
        ],
    }
    text = json.dumps(plain(shape, project))
    for number, quote in enumerate(quotes):
        text = text.replace(quote["_id"], f"quote {number} of {quote['account'].removeprefix(project)}")
    return json.loads(text)


def test_round_does_not_depend_on_the_order_of_its_projects_events(world: Living, histories: list[History]) -> None:
    lived = [quoted(world, history.project) for history in histories]
    for history in histories:
        check_round(world, history.project, *range(1, MENTORS + 1))
    assert {quote[2] for one in lived for quote in one["quotes"]} >= {"accepted", "refused", "lapsed", "destroyed"}

    @some
    @given(orders)
    def same_end(order: Order) -> None:
        project = new_id()
        replay_with(world, world.quotes, histories[order.history], project, order, (*ENDS, "invitation.declined"))
        assert quoted(world, project) == lived[order.history]

    same_end()
