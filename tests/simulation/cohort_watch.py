"""What must hold about a programme after every step, and at the end of its history."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from chassis.mongo import Document as Row
from tests.kit.oracle.checker import check
from tests.kit.oracle.in_process import evidence_of
from tests.simulation.cohorts import PLANTED, SEATS, CohortStage
from tests.simulation.transport import Effects, Log

LIVE, FINAL = ("proposed", "active"), ("completed", "ended_early")
ORDER = ("draft", "enrolling", "proposed", "published", "running", "closed")
MAY_REPEAT = ("needs-attention", "left-unpaired", "nudge", "session-planned", "session-cancelled")
"""Kinds whose messages may be alike: of another rematch, another silence or another session."""
PUBLISHED = ORDER.index("published")
PEOPLE = [{"account": seat.account, "role": "participant", "email": seat.email, "secrets": [PLANTED]} for seat in SEATS]


class CohortWatch:
    """Checks a programme from its stored rows."""

    def __init__(self, stage: CohortStage) -> None:
        self._stage, self._database = stage, stage.programmes.database
        self._ended: dict[str, str] = {}
        self._order = 0
        self._outbox = 0

    def look(self) -> bool:
        """Checks everything; returns whether an event was stored since the last look."""
        self._pairs()
        self._programme()
        self._messages()
        return self._events()

    def pairs(self) -> list[Row]:
        """All pairs."""
        return list(self._database.pairs.find().sort("_id", 1))

    def _pairs(self) -> None:
        people = {row["_id"]: row for row in self._database.participants.find()}
        held: Counter[str] = Counter()
        for pair in self.pairs():
            ended = self._ended.get(pair["_id"])
            assert ended in (None, pair["state"]), f"a pair that has {ended} is {pair['state']}"
            if pair["state"] in FINAL:
                self._ended[pair["_id"]] = pair["state"]
                continue
            both = pair["answers"] == {"mentor": "accepted", "mentee": "accepted"}
            assert both == (pair["state"] == "active"), f"{pair['state']} with {pair['answers']}"
            assert "declined" not in pair["answers"].values(), "a declined pair is live"
            if pair["published"]:
                held.update((pair["mentor"], pair["mentee"]))
        for id, times in held.items():
            assert id in people, "a pair of somebody who is gone"
            assert people[id]["state"] in ("enrolled", "agreed"), "a pair of somebody who left"
            assert times <= (people[id]["capacity"] or 1), f"{people[id]['ref']} has {times} pairs at once"

    def _programme(self) -> None:
        row = self._database.programmes.find_one()
        if row is not None:
            place = ORDER.index(row["state"])
            assert place >= self._order or self._order < PUBLISHED, f"{row['state']} after {ORDER[self._order]}"
            self._order = place

    def _messages(self) -> None:
        times = Counter(
            json.dumps([row["kind"], row.get("participant"), row.get("data")], sort_keys=True, default=str)
            for row in self._database.messages.find()
            if row["kind"] not in MAY_REPEAT
        )
        twice = [key for key, count in times.items() if count > 1]
        assert not twice, f"a message is sent twice: {twice}"

    def _events(self) -> bool:
        rows = list(self._database.outbox.find())
        for row in rows:
            assert PLANTED not in json.dumps(row["payload"]).lower(), f"{row['name']} names somebody"
        fresh, self._outbox = len(rows) != self._outbox, len(rows)
        return fresh

    def check_end(self, log: Log, effects: list[Effects]) -> str:
        """The programme's final state, on which pairs, events and notify's mails agree."""
        published = [row for stream in log.streams.values() for row in stream]
        evidence = replace(evidence_of([self._stage.programmes, self._stage.notify], published), people=PEOPLE)
        found = check(evidence)
        assert found == [], "; ".join(finding.detail for finding in found)
        names = {row["_id"]: row["name"] for row in published}
        for effect in effects:
            heard = {id for id, name in names.items() if name in effect.service.service.handlers}
            assert heard == effect.times.keys(), f"{effect.service.name} has lost an event"
        self._check_mails(published)
        row: dict[str, Any] = self._database.programmes.find_one() or {}
        waiting = [pair["_id"] for pair in self.pairs() if pair["state"] == "proposed" and pair["published"]]
        assert not waiting, "a published pair is neither accepted nor ended"
        unsettled = [pair["_id"] for pair in self.pairs() if pair.get("unsettled") and row["state"] != "closed"]
        assert not unsettled, "an ended pair was never settled"
        return str(row["state"])

    def _check_mails(self, published: list[Row]) -> None:
        requested = {m["message_id"] for row in published if row["name"] == "messages.requested"
                     for m in row["payload"]["messages"]}  # fmt: skip
        rows = self._stage.notify.database.deliveries.find({"message_id": {"$ne": None}})
        sent = Counter(row["message_id"] for row in rows)
        assert set(sent) == requested, "a requested message has no mail"
        assert not [id for id, times in sent.items() if times > 1], "a message has two mails"
