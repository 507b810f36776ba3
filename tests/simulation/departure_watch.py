"""What must hold while people leave, and once everything is delivered."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from chassis.mongo import Document as Row
from chassis.places import rows_of
from services.projects.store.vault import CLIENTS as IDENTITIES
from tests.kit.oracle.agreement import Replay
from tests.kit.oracle.checker import check
from tests.kit.oracle.in_process import evidence_of
from tests.kit.services import kind_of
from tests.simulation.departures import CLIENTS, MENTORS, DepartureStage
from tests.simulation.transport import Effects, Log

ANSWERS = ("departure.granted", "departure.refused")
NOT_HERE = ["programmes"]
"""The services that erase people and are not simulated: the receipt must say that they have not confirmed."""


class DepartureWatch:
    """Checks what a step has changed. ``older``: people are also erased without asking projects."""

    def __init__(self, stage: DepartureStage, older: bool) -> None:
        self._world = stage.world
        self._projects, self._accounts = stage.world.projects.database, stage.accounts.database
        self._older = older
        self.stopped = 0

    def look(self) -> None:
        """No award binds somebody who has left, and nobody is erased whom projects has not let go."""
        abandoned = {row["_id"] for row in self._projects.projects.find({"abandoned": True}, {"_id": 1})}
        held = {one for row in self._projects.held_erasures.find() for one in row["projects"]}
        assert not (abandoned - held) & self._kept(), "a client's identity is kept after the receipt"
        if self._older:
            return
        gone = {row["_id"] for row in self._projects.erasures.find({}, {"_id": 1})}
        members = self._members()
        for row in self._binding():
            assert row["chosen"] not in gone, "an award binds a mentor who has left"
            assert set(members.get(row["organisation"], ())) - gone, "an award binds nobody of its client"
        erased = {row["_id"] for row in self._accounts.erasures.find({}, {"_id": 1})}
        assert erased <= gone, "somebody is erased whom projects has not let go"

    def check_end(self, log: Log, effects: Sequence[Effects]) -> Counter[str]:
        """Every departure has ended, receipts tell the truth, and every award has its order."""
        published = [row for stream in log.streams.values() for row in stream]
        found = check(evidence_of([effect.service for effect in effects], published))
        assert found == [], "; ".join(finding.detail for finding in found)
        for effect in effects:
            heard = {row["_id"] for row in published if kind_of(row) in effect.service.service.handlers}
            assert heard == effect.times.keys(), f"{effect.service.name} has lost an event"
        for row in self._projects.projects.find({}, {"_id": 1}):
            Replay(self._world, row["_id"])  # the round's events follow from each other
        by_name: dict[str, dict[str, Row]] = {}
        for row in published:
            by_name.setdefault(row["name"], {})[row["_id"]] = row
        self._check_departures(by_name)
        self._check_receipts(by_name)
        self._check_awards()
        ends = Counter({name: len(by_name.get(name, ())) for name in ANSWERS})
        return ends + Counter({"stopped": self.stopped, "reopened": len(by_name.get("project.reopened", ()))})

    def _check_departures(self, by_name: dict[str, dict[str, Row]]) -> None:
        assert self._accounts.departures.count_documents({}) == 0, "a departure never ended"
        asked = [row["payload"]["departure"] for row in by_name.get("departure.asked", {}).values()]
        answered = [row["subject"] for name in ANSWERS for row in by_name.get(name, {}).values()]
        assert sorted(asked) == sorted(answered), "a departure was not answered once"
        granted = {row["payload"]["account"] for row in by_name.get("departure.granted", {}).values()}
        erased = {row["subject"] for row in by_name.get("account.erased", {}).values()}
        assert granted <= erased, "a granted departure erased nobody"
        assert self._older or granted == erased, "somebody is erased whom projects has not let go"
        left = {row["_id"] for row in self._accounts.accounts.find({}, {"_id": 1})}
        assert left == {*CLIENTS, *MENTORS} - erased, "an account is missing, or back"

    def _check_receipts(self, by_name: dict[str, dict[str, Row]]) -> None:
        mails = [row["payload"]["kind"] for row in by_name.get("mail.requested", {}).values()]
        rows = list(self._accounts.erasures.find())
        for row in rows:
            missing = sorted(set(row["waits_for"]) - row["done"].keys())
            assert missing == NOT_HERE, f"never confirmed: {missing}"
            assert "to" not in row, "the receipt's address is kept"
        assert (mails.count("erasure-incomplete"), mails.count("erasure-done")) == (len(rows), 0), "a receipt lies"
        assert self._projects.held_erasures.count_documents({}) == 0, "an erasure is held for ever"

    def _check_awards(self) -> None:
        self.look()
        for row in self._projects.projects.find({"state": {"$in": ["awarded", "completed"]}}):
            if not row["order_lost"]:
                assert self._projects.orders.find_one({"_id": row["_id"]}), "an award has no order"
            assert self._older or not row["order_lost"], "an award has lost its order"

    def _kept(self) -> set[str]:
        """The projects whose client's identity is in the vault."""
        return {row["_id"] for row in rows_of(self._projects, IDENTITIES).find({}, {"_id": 1})}

    def _binding(self) -> list[dict[str, Any]]:
        """The awards that bind: not completed, or without their order."""
        ordered = {row["_id"] for row in self._projects.orders.find({}, {"_id": 1})}
        awards = self._projects.projects.find({"state": {"$in": ["awarded", "completed"]}})
        return [row for row in awards if row["state"] == "awarded" or row["_id"] not in ordered]

    def _members(self) -> dict[str, list[str]]:
        rows = self._projects.organisations.find()
        return {row["_id"]: [member["account"] for member in row["members"]] for row in rows}
