"""Checks that the stored round or project, the events in the outbox and people's reads agree."""

from collections.abc import Sequence
from typing import Any

from chassis.mongo import Document
from contracts.market import SLOTS
from tests.kit.examples import CLIENT, mentor
from tests.kit.market import Market
from tests.kit.oracle.checker import check
from tests.kit.oracle.in_process import evidence_of


class Replay:
    """A round rebuilt from its events one by one; fails at the first event that breaks a rule of rounds."""

    def __init__(self, market: Market, project_id: str) -> None:
        self.live: dict[str, str] = {}
        self.claims: set[str] = set()
        self.extended = False
        self.closed: dict[str, Any] | None = None
        self.settled: list[dict[str, Any]] | None = None
        self.names: list[str] = []
        self.sequences: list[int] = []
        self.hear(market.quotes.outbox(project_id))

    def hear(self, rows: Sequence[Document]) -> None:
        """Applies the next events."""
        for row in rows:
            self.names.append(row["name"])
            self.sequences.append(row["sequence"])
            self._hear(row["name"], row["payload"])
            assert len(self.live) + len(self.claims) <= SLOTS, self.names

    def _hear(self, name: str, data: dict[str, Any]) -> None:
        assert self.settled is None or name == "quote.accepted", self.names
        assert self.closed is None or name in ("quotes.settled", "quote.accepted", "quote.missing"), self.names
        match name:
            case "slot.claimed":
                assert data["account"] not in self.claims | self.live.keys()
                self.claims.add(data["account"])
            case "slot.released":
                self.claims.remove(data["account"])
            case "quote.submitted":
                assert data["account"] not in self.live
                self.claims.discard(data["account"])
                self.live[data["account"]] = data["quote_id"]
                assert data["received"] == len(self.live), "the number received differs from the events"
            case "quote.withdrawn":
                assert self.live.pop(data["account"]) == data["quote_id"]
            case "window.extended":
                assert not self.extended
                self.extended = True
            case "window.closed":
                self.closed = data
                self.claims.clear()
                quotes = {quote["account"]: quote["quote_id"] for quote in data["quotes"]}
                assert quotes == self.live, "the quotes at the end differ from the events"
            case "quotes.settled":
                self.settled = data["quotes"]


def check_round(market: Market, project_id: str, *readers: int) -> Replay:
    """Compares a project's round and its quotes with its events and with what its client and these mentors read."""
    database = market.quotes.database
    replay = Replay(market, project_id)
    row = database.rounds.find_one({"_id": project_id})
    assert row is not None
    assert replay.sequences == sorted(set(replay.sequences))
    assert replay.sequences[-1] <= row["version"]
    quotes = {quote["_id"]: quote for quote in database.quotes.find({"project_id": project_id})}
    alive = {quote["account"]: quote["_id"] for quote in quotes.values() if quote["state"] != "withdrawn"}
    assert alive == replay.live
    cancelled = row["reason"] == "cancelled"
    assert (row["reason"] is None) == (replay.closed is None and not cancelled)
    assert row["settled"] == (replay.settled is not None)
    assert row["extended"] == replay.extended
    digests = sorted(quotes[quote_id]["receipt"]["digest"] for quote_id in replay.live.values())
    if cancelled:
        assert row["slots"] == row["digests"] == digests[:0]
        assert {quote["outcome"] for quote in quotes.values() if quote["state"] != "withdrawn"} <= {"destroyed"}
        assert not any(
            "proposal" in quotes[quote_id] or "price" in quotes[quote_id] for quote_id in replay.live.values()
        )
    else:
        assert {slot["account"]: slot["quote_id"] for slot in row["slots"] if slot["quote_id"]} == replay.live
        assert {slot["account"] for slot in row["slots"] if not slot["quote_id"]} == replay.claims
        assert sorted(slot["digest"] for slot in row["slots"] if slot["quote_id"]) == digests
    if replay.closed is not None and not cancelled:
        assert (row["reason"], row["digests"]) == (replay.closed["reason"], replay.closed["digests"])
        assert replay.closed["digests"] == digests
    if replay.settled is not None:
        assert {one["quote_id"]: one["outcome"] for one in replay.settled} == {
            quote_id: quotes[quote_id]["outcome"] for quote_id in replay.live.values()
        }
    _check_readers(market, project_id, row, replay, readers)
    assert check(evidence_of([market.quotes], project=project_id)) == []
    return replay


def _check_readers(
    market: Market, project_id: str, row: dict[str, Any], replay: Replay, readers: tuple[int, ...]
) -> None:
    cancelled = row["reason"] == "cancelled"
    shown = market.quotes.call(CLIENT, "GET", f"/api/rounds/{project_id}").get_json()
    assert shown["state"] == ("open" if row["reason"] is None else "closed")
    assert shown["received"] == (0 if cancelled else len(replay.live))
    assert shown["extended"] == replay.extended
    listed = market.quotes.call(CLIENT, "GET", f"/api/quotes?project_id={project_id}")
    if row["reason"] is None:
        assert (listed.status_code, "digests" in shown) == (409, False)
    else:
        expected = {} if cancelled else replay.live
        assert {quote["id"] for quote in listed.get_json()["items"]} == set(expected.values())
        assert (shown["reason"], shown["digests"]) == (row["reason"], row["digests"])
    for number in readers:
        account = mentor(project_id, number)
        own = market.quotes.call(account, "GET", f"/api/quotes?project_id={project_id}")
        items = own.get_json()["items"] if own.status_code == 200 else []  # 404 for a mentor who was not invited
        live = [quote["id"] for quote in items if quote["state"] != "withdrawn"]
        assert live == ([replay.live[account]] if account in replay.live else [])


ENDS = {
    "project.awarded": "awarded",
    "project.refused": "refused",
    "project.expired": "expired",
    "project.cancelled": "cancelled",
}


def check_project(market: Market, project_id: str) -> str:
    """Compares a project with its events, its client's reads and the mentors who see the client; returns its state."""
    row = market.projects.database.projects.find_one({"_id": project_id})
    assert row is not None
    rows = market.projects.outbox(project_id)
    assert [one["sequence"] for one in rows] == sorted({one["sequence"] for one in rows})
    ends = [one for one in rows if one["name"] in ENDS]
    assert [one["name"] for one in rows] == ["project.posted", *(one["name"] for one in ends)]
    assert len(ends) <= 1
    state = str(row["state"])
    assert [ENDS[one["name"]] for one in ends] == ([state] if state in ENDS.values() else [])
    shown = market.projects.call(CLIENT, "GET", f"/api/projects/{project_id}").get_json()
    assert (shown["state"], shown.get("quote_id")) == (state, row["quote_id"])
    assert (row["quote_id"] is not None) == (row["chosen"] is not None) == (state == "awarded")
    revealed = []
    for account in [quote["account"] for quote in row["received"]]:
        answer = market.projects.call(account, "GET", f"/api/projects/{project_id}/client")
        assert answer.status_code in (200, 404)
        revealed += [account] if answer.status_code == 200 else []
    assert revealed == ([row["chosen"]] if state == "awarded" else [])
    if state == "awarded":
        assert ends[0]["payload"].items() >= {"quote_id": row["quote_id"], "account": row["chosen"]}.items()
    return state
