"""Invariants checked after every step, from the events, the stored rows and the client's reads."""

import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from chassis.mongo import Document as Row
from contracts.market import SLOTS
from tests.kit.examples import ORGANISATION, TERMS
from tests.kit.market import Market
from tests.kit.oracle.agreement import ENDS, Replay
from tests.kit.services import Running
from tests.simulation.clock import VirtualClock
from tests.simulation.people import People, Posted

CHOICE, REVIEWS = timedelta(days=14), timedelta(days=7)
AGGREGATES = {"quotes": "rounds", "projects": "projects", "matching": "shortlists"}
IN_A_WINDOW = ("slot.claimed", "quote.submitted", "quote.withdrawn")
AFTER_ITS_END = ("quotes.settled", "quote.accepted")
SECRETS = (ORGANISATION["name"], ORGANISATION["contact"]["name"], ORGANISATION["contact"]["email"])
TOLD_TWICE = {"choice-reminder"}
"""Sent after 2 and after 5 working days, with the same text."""


class Story:
    """One project as described by the events of all services together."""

    def __init__(self, world: Market, posted: Posted, at: datetime) -> None:
        self.posted, self.at = posted, at
        self.round = Replay(world, posted.id)
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.versions: dict[str, int] = defaultdict(int)
        self.expires: dict[str, datetime] = {}
        self.withdrawn: set[str] = set()
        self.invited: list[str] = []
        self.notified: dict[tuple[str, str, str], str] = {}
        self.end: Row | None = None

    def named(self, name: str) -> list[Row]:
        """The events of this name."""
        return [row for rows in self.rows.values() for row in rows if row["name"] == name]

    @property
    def state(self) -> str:
        """``open``, ``closed`` or ``ended``."""
        if self.end is not None:
            return "ended"
        return "open" if self.round.closed is None else "closed"

    @property
    def know_of_it(self) -> list[str]:
        """The mentors who know that they are invited."""
        return [account for account, kind, _ in self.notified if kind == "invited"]

    @property
    def first_end(self) -> datetime:
        """When the window ends, unless it is extended."""
        return self.at + self.posted.window

    @property
    def ends_at(self) -> datetime:
        """The moment from which nothing is accepted any more, by the current state."""
        may_extend = self.posted.auto_extend and len(self.round.live) < SLOTS
        return self.first_end + (self.posted.window / 2 if self.round.extended or may_extend else timedelta(0))


class Watch:
    """Checks what a step has changed."""

    def __init__(self, world: Market, clock: VirtualClock, people: People) -> None:
        self._world, self._clock, self._people = world, clock, people
        self.stories: dict[str, Story] = {}

    def posted(self, project: str) -> None:
        """Adds a posted project."""
        self.stories[project] = Story(self._world, self._people.projects[project], self._clock.moment)
        self.after(self._world.projects, project)

    def open(self) -> list[Story]:
        """Projects that a mentor knows of and whose window accepts requests now."""
        return [
            story
            for story in self.stories.values()
            if story.know_of_it and story.state == "open" and self._clock.moment < story.ends_at
        ]

    def after(self, service: Running, project: str) -> bool:
        """Checks a project after a step of this service; returns whether the step changed it."""
        story = self.stories[project]
        if service.name == "notify":
            self._no_duplicate_notifications(story)
            return True
        version = self._version(service, project)
        if version == story.versions[service.name]:
            return False
        for row in self._fresh(service, story, version):
            text = json.dumps(row["payload"], ensure_ascii=False)
            assert not any(secret in text for secret in SECRETS), f"{row['name']} reveals who the client is"
            story.rows[service.name].append(row)
            {"quotes": self._round, "projects": self._project, "matching": self._shortlist}[service.name](story, row)
        if service.name == "quotes":
            self._five_slots(story)
            self._sealed(story)
        return True

    def _version(self, service: Running, project: str) -> int:
        row = service.database[AGGREGATES[service.name]].find_one({"_id": project}, {"version": 1})
        return int(row["version"]) if row else 0

    def _fresh(self, service: Running, story: Story, version: int) -> list[Row]:
        """The events since the last check, each between the aggregate's version then and its version now."""
        before, story.versions[service.name] = story.versions[service.name], version
        rows = service.outbox(story.posted.id)
        fresh = [row for row in rows if row["sequence"] > before]
        assert len(rows) == len(story.rows[service.name]) + len(fresh), "an event was stored before an earlier one"
        sequences = [row["sequence"] for row in fresh]
        assert len(set(sequences)) == len(sequences), "two events have one sequence"
        assert max(sequences, default=0) <= version, "an event is ahead of its aggregate"
        return fresh

    def _round(self, story: Story, row: Row) -> None:
        name, data, round = row["name"], row["payload"], story.round
        ends_at = story.ends_at
        assert round.settled is None or name == "quote.accepted", f"{name} after the quotes were settled"
        assert round.closed is None or name in AFTER_ITS_END, f"{name} after the window was closed"
        if name in IN_A_WINDOW:
            assert self._clock.moment < ends_at, f"{name} after the window's end"
        if name == "slot.released":
            declined = [
                fact["payload"]["account"] for fact in story.rows["matching"] if fact["name"] == "invitation.declined"
            ]
            in_time = row["time"] >= story.expires[data["account"]]
            assert in_time or data["account"] in declined, "a claim ended early"
        if name == "window.extended":
            assert row["time"] >= story.first_end, "extended early"
            assert len(round.live) < SLOTS, "extended although it was full"
        if name in ("slot.claimed", "quote.submitted"):
            assert len({*round.live, *round.claims, data["account"]}) <= SLOTS, "a sixth slot"
        if name == "window.closed":
            assert len(data["quotes"]) <= SLOTS, "more than five quotes"
            if data["reason"] == "deadline":
                assert row["time"] >= ends_at, "closed early"
                assert instant(data["closed_at"]) == ends_at, "closed at another time than its end"
            else:
                assert len(data["quotes"]) == SLOTS, "full, and not five"
                assert story.posted.close_early, "closed by the fifth quote against the client's will"
        if name == "quote.accepted":
            assert data["quote_id"] in round.live.values(), "an accepted quote does not exist"
        round.hear([row])
        if name == "slot.claimed":
            story.expires[data["account"]] = instant(data["expires_at"])
        if name == "quote.withdrawn":
            story.withdrawn.add(data["quote_id"])

    def _project(self, story: Story, row: Row) -> None:
        name, data = row["name"], row["payload"]
        if name in ENDS:
            assert story.end is None, f"{name} after {story.end and story.end['name']}"
            story.end = row
        if name == "project.awarded":
            assert data["quote_id"] not in story.withdrawn, "a withdrawn quote is accepted"
            assert story.round.closed is not None, "accepted before the window was closed"
            quotes = [one["quote_id"] for one in story.round.closed["quotes"]]
            assert data["quote_id"] in quotes, "a quote is accepted that did not exist at the window's end"
        if name == "project.completed":
            assert story.end is not None, "completed before it was awarded"
            assert story.end["name"] == "project.awarded", "completed without an award"
        if name == "reviews.shown":
            begun = story.named("project.completed")[0]["time"]
            assert row["time"] >= begun + REVIEWS, "the client's review shows early"
        if name == "project.expired":
            closed = story.named("window.closed")[0]["payload"]["closed_at"]
            assert row["time"] >= instant(closed) + CHOICE, "the choice lapsed early"

    def _shortlist(self, story: Story, row: Row) -> None:
        if row["name"] == "mentors.invited":
            accounts = [one["account"] for one in row["payload"]["mentors"]]
            assert not set(story.invited) & set(accounts), "invited twice"
            assert len(set(accounts)) == len(accounts), "invited twice in one wave"
            story.invited += accounts

    def _five_slots(self, story: Story) -> None:
        row = self._world.quotes.database.rounds.find_one({"_id": story.posted.id}, {"slots": 1, "reason": 1})
        if row is None:
            return
        held = [slot["account"] for slot in row["slots"]]
        assert len(held) <= SLOTS, "a sixth slot"
        assert len(set(held)) == len(held), "two slots for one mentor"
        if row["reason"] is None:
            assert set(held) == set(story.round.live) | story.round.claims, "the slots differ from the events"

    def _sealed(self, story: Story) -> None:
        """The client reads no quote before the end, and then all live ones."""
        shown = self._people.read_as_client(story.posted.id)
        cancelled = bool(story.named("project.cancelled"))
        if story.round.closed is None and not cancelled:
            assert shown.status_code in (404, 409), "the client reads quotes before the window's end"
            assert TERMS["proposal"][:20] not in shown.text, "the client reads a proposal before the window's end"
        elif story.round.closed is not None and not cancelled:
            ids = {item["id"] for item in shown.get_json()["items"]}
            assert ids == set(story.round.live.values()), "the client reads other quotes than those in window.closed"

    def _no_duplicate_notifications(self, story: Story) -> None:
        shown = {"account": 1, "kind": 1, "data": 1}
        times: dict[tuple[str, str, str], int] = defaultdict(int)
        for row in self._world.notify.database.notifications.find({"project_id": story.posted.id}, shown):
            key = (row["account"], row["kind"], json.dumps(row["data"], sort_keys=True, default=str))
            times[key] += 1
            if row["kind"] not in TOLD_TWICE:
                assert times[key] == 1, f"{row['kind']} is sent twice"
                assert story.notified.setdefault(key, row["_id"]) == row["_id"], f"{row['kind']} is sent again"


def instant(text: Any) -> datetime:
    """Parses a time as written in events."""
    return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
