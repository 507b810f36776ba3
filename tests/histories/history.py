"""Whole histories of a project, played by the real services and recorded as their events.

People act over HTTP, time passes through the services' own deadlines, and every event is delivered immediately. The
events can then be delivered again to any service, for another project, in another order: `deliver`.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.ids import new_id
from chassis.mongo import Document as Row
from contracts.market import SLOTS
from tests.kit import examples
from tests.kit.answers import outcome
from tests.kit.examples import CLIENT, live_example, mentor
from tests.kit.market import Market
from tests.kit.services import Running, event_of

MENTORS = 7
REASON = "Le budget a changé."
ENDINGS = ("awarded", "refused", "expired", "cancelled", "crossed", "open", "awarded", "unfilled", "completed")
PROFILE = examples.PROFILE | {"weekly_invitations": 50}
ZONES = ("Europe/Paris", "Asia/Tokyo", "America/Montreal")
"""The zones that mentors move to, one after the other."""


@dataclass(frozen=True)
class Command:
    """A request of a person, or a step of time, and its result."""

    name: str
    number: int = 0
    result: str = ""


@dataclass
class History:
    """What happened to one project: the actions of people and time, and the events in order of publication."""

    project: str
    ending: str
    terms: dict[str, Any]
    turns: list[Row | Command] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """The events."""
        return [turn for turn in self.turns if not isinstance(turn, Command)]

    def copy(self, project: str, client: str = CLIENT) -> list[Row | Command]:
        """A copy for another project and other mentors, and for another client if one is given."""

        def renamed(value: Any) -> Any:
            text = json.dumps(value, ensure_ascii=False)
            return json.loads(text.replace(self.project, project).replace(CLIENT, client))

        return [
            turn
            if isinstance(turn, Command)
            else {**turn, "_id": new_id(), "subject": renamed(turn["subject"]), "payload": renamed(turn["payload"])}
            for turn in self.turns
        ]


class Living(Market):
    """A market whose projects are played from posting to end."""

    def know_mentors(self, project: str) -> None:
        """Gives these mentors, and no others, a profile; some have moved to another time zone once or twice."""
        self.matching.database.profiles.delete_many({})
        for number in range(1, MENTORS + 1):
            account = mentor(project, number)
            for zone in ZONES[: 1 + number % len(ZONES)]:
                profile = PROFILE | {"timezone": zone}
                assert self.matching.call(account, "PUT", "/api/mentors/me", profile).status_code == 200

    def moves(self, project: str) -> list[Row]:
        """matching's events about these mentors' time zones."""
        accounts = [mentor(project, number) for number in range(1, MENTORS + 1)]
        moved = {"name": "profile.changed", "payload.account": {"$in": accounts}}
        return list(self.matching.database.outbox.find(moved).sort([("subject", 1), ("sequence", 1)]))

    def carry(self, history: History) -> None:
        """Delivers all new events to every service, until no service publishes any more."""
        known = {row["_id"] for row in history.rows}
        living = (self.projects, self.quotes, self.matching)
        while fresh := [row for one in living for row in one.outbox(history.project) if row["_id"] not in known]:
            for service in living:
                deliver(service, fresh)
            history.turns += fresh
            known |= {row["_id"] for row in fresh}

    # Actions of people and time, by name, so that a history can be replayed.

    def act(self, project: str, command: Command) -> str:
        """Performs an action; returns its result."""
        return COMMANDS[command.name](self, project, command.number)

    def pass_to(self, service: Running, project: str, fields: Sequence[str]) -> None:
        """Makes a project's deadline due and fires it."""
        rows = service.database[service.deadline.collection]
        moved = {name: service.now - timedelta(milliseconds=1) for name in fields}
        rows.update_one({"_id": project}, {"$set": moved})
        service.fire(project)


def _let_claim_end(world: Living, project: str, number: int) -> str:
    rows = world.quotes.database.rounds
    claimed = {"account": mentor(project, number), "quote_id": None}
    held = {"_id": project, "reason": None, "slots": {"$elemMatch": claimed}}
    past = world.quotes.now - timedelta(milliseconds=1)
    if rows.update_one(held, {"$set": {"slots.$.expires_at": past, "due_at": past}}).matched_count == 0:
        return "nothing"
    world.quotes.fire(project)
    return "ended"


def _end_window(world: Living, project: str, _number: int) -> str:
    row = world.quotes.database.rounds.find_one({"_id": project}) or {}
    if row.get("reason") is not None:
        return "nothing"
    fields = ["closes_at", "due_at"]
    full = sum(slot["quote_id"] is not None for slot in row["slots"]) == SLOTS
    if not row["auto_extend"] or row["extended"] or full:
        fields.append("accepts_until")
    world.pass_to(world.quotes, project, fields)
    return "ended"


def _decline(world: Living, project: str, number: int) -> str:
    account = mentor(project, number)
    items = world.matching.call(account, "GET", "/api/invitations").get_json()["items"]
    mine = [item["id"] for item in items if item["project_id"] == project]
    if not mine:
        return "not-found"
    return outcome(world.matching.call(account, "POST", f"/api/invitations/{mine[0]}/decline", {}))


def _send_wave(world: Living, project: str, _number: int) -> str:
    world.pass_to(world.matching, project, ["due_at", "next_wave_at"])
    return "sent"


def _accept(world: Living, project: str, number: int) -> str:
    row = world.projects.database.projects.find_one({"_id": project}) or {}
    if not row["received"]:
        return "nothing"
    chosen = sorted(row["received"], key=lambda one: str(one["account"]))[number % len(row["received"])]
    return outcome(world.choose(project, "acceptance", quote_id=chosen["quote_id"]))


def _expire(world: Living, project: str, _number: int) -> str:
    world.pass_to(world.projects, project, ["choose_until", "due_at"])
    return "expired"


def _complete(world: Living, project: str, _number: int) -> str:
    return outcome(world.choose(project, "completion", rating=5, comment="Merci"))


QUOTES_COMMANDS: dict[str, Callable[[Living, str, int], str]] = {
    "claim": lambda world, project, number: outcome(world.claim(project, number)),
    "quote": lambda world, project, number: outcome(world.quote(project, number)),
    "revise": lambda world, project, number: outcome(world.revise(project, number, days=5)),
    "withdraw": lambda world, project, number: outcome(world.withdraw(project, number)),
    "claim ends": _let_claim_end,
    "window ends": _end_window,
}
MATCHING_COMMANDS: dict[str, Callable[[Living, str, int], str]] = {"decline": _decline, "wave": _send_wave}
PROJECTS_COMMANDS: dict[str, Callable[[Living, str, int], str]] = {
    "accept": _accept,
    "refuse": lambda world, project, _: outcome(world.choose(project, "refusal", reason=REASON)),
    "cancel": lambda world, project, _: outcome(world.choose(project, "cancellation", reason=REASON)),
    "expire": _expire,
    "complete": _complete,
}
COMMANDS = QUOTES_COMMANDS | MATCHING_COMMANDS | PROJECTS_COMMANDS


def live(world: Living, seed: int) -> History:
    """Plays a project from posting to end; random, but the same for the same ``seed``."""
    chance = random.Random(seed)
    ending = ENDINGS[seed % len(ENDINGS)]
    terms = {"close_early": chance.random() < 0.5, "auto_extend": chance.random() < 0.4}
    (project,) = world.posted(1, **terms)
    history = History(project, ending, terms, turns=[*_registrations(world, project, chance)])
    world.know_mentors(project)
    history.turns += world.moves(project)
    world.carry(history)

    def act(name: str, number: int = 0) -> None:
        history.turns.append(Command(name, number, world.act(project, Command(name, number))))

    names = ["quote"] * 4 + ["claim"] * 3 + ["revise", "withdraw", "claim ends", "decline", "wave", "wave"]
    for _ in range(0 if ending == "unfilled" else 18):
        act(chance.choice(names), chance.randint(1, MENTORS))
        world.carry(history)
    if ending != "unfilled":
        invited = world.quotes.database.invitations.find({"project_id": project}).sort("account", 1)
        act("quote", int(str(invited[0]["account"]).rpartition("m")[2]))  # so there is something to choose from
        world.carry(history)
    if ending == "cancelled":
        act("cancel")
    elif ending != "open":
        for _ in range(2):  # the first may extend it
            act("window ends")
            if ending == "crossed":  # the client cancels before the end event arrives
                act("cancel")
            world.carry(history)
    world.carry(history)
    last = {"awarded": ["accept"], "completed": ["accept", "complete"], "refused": ["refuse"], "expired": ["expire"]}
    for name in last.get(ending, []):
        act(name, chance.randint(0, 4))
        world.carry(history)
    return history


def _registrations(world: Living, project: str, chance: random.Random) -> Iterator[Row]:
    """accounts is not among these services; it publishes one registration per person."""
    example = live_example("account.registered", datetime.now(UTC))
    common = {"name": "account.registered", "source": "urn:releve:service:accounts", "event_version": 1}
    common |= {"sequence": 1, "time": world.notify.now, "traceparent": None}
    for account, role in [(CLIENT, "client"), *((mentor(project, n), "mentor") for n in range(1, MENTORS + 1))]:
        payload = {**example, "role": role, "locale": chance.choice(["fr", "en"])}
        yield {**common, "_id": new_id(), "subject": account, "payload": payload}


def stream_of(row: Row) -> tuple[str, str]:
    """The unit that Kafka keeps in order: a topic (one per service) and a key."""
    return str(row["source"]), str(row["subject"])


def deliver(service: Running, rows: Sequence[Row]) -> int:
    """Delivers to a service those events that it subscribes to; returns how many had an effect."""
    return sum(service.inbox.apply(event_of(row)) for row in rows if row["name"] in service.service.handlers)
