"""The five-quote rule, checked from outside by people's answers, and inside by the stored rows. Pure rules."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from chassis.mongo import Documents

SLOTS = 5
CAME, REFUSED, LATE, TAKEN_BACK, UNKNOWN = "came", "refused", "late", "taken-back", "unknown"
"""`REFUSED` because five quotes were in, `LATE` because the deadline had passed."""


@dataclass
class Ledger:
    """The answers about one project. ``answers`` are pairs: the outcome of an attempt, and its quote's id."""

    project_id: str
    kind: str
    answers: list[tuple[str, str]] = field(default_factory=list)
    shown: list[str] | None = None
    """The quotes that the client read after the window; None if the client did not get that far."""
    received: int | None = None
    """The number of quotes that the round published."""
    peeked: int | None = None
    """Number of quotes that the client could read before the end was published; None if they were sealed."""

    def row(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def broken(ledger: Mapping[str, Any]) -> list[str]:
    """Each way in which the answers about one project break the rule, one line each."""
    outcomes = Counter(outcome for outcome, _ in ledger["answers"])
    taken_back = {quote_id for outcome, quote_id in ledger["answers"] if outcome in (TAKEN_BACK, UNKNOWN)}
    came = {quote_id for outcome, quote_id in ledger["answers"] if outcome == CAME} - taken_back
    shown, received, name = ledger["shown"], ledger["received"], ledger["project_id"]
    sure = not outcomes[UNKNOWN]
    lines = []
    if len(came) > SLOTS:
        lines.append(f"{name}: {len(came)} quotes were accepted")
    if max(len(shown or ()), received or 0) > SLOTS:
        lines.append(f"{name}: the client was shown {max(len(shown or ()), received or 0)} quotes")
    if ledger["peeked"] is not None and ledger["peeked"] < SLOTS:
        lines.append(f"{name}: the client read {ledger['peeked']} quotes before the end")
    if outcomes[REFUSED] and len(came) < SLOTS and sure:
        lines.append(f"{name}: a mentor was refused while {len(came)} quotes were in")
    if shown is not None and came - set(shown):
        lines.append(f"{name}: {len(came - set(shown))} accepted quotes were not shown to the client")
    if shown is not None and sure and set(shown) - came:
        lines.append(f"{name}: {len(set(shown) - came)} quotes were shown that were never submitted")
    if len(set(shown or ())) != len(shown or ()):
        lines.append(f"{name}: a quote was shown twice")
    return lines


def broken_rows(rounds: Iterable[Mapping[str, Any]], quotes: Mapping[str, int]) -> list[str]:
    """Rounds with more than five slots or more than five live quotes (``quotes`` counts them by project)."""
    lines = [f"{row['_id']}: {len(row['slots'])} slots are taken" for row in rounds if len(row["slots"]) > SLOTS]
    return lines + [f"{project}: {count} live quotes are stored" for project, count in quotes.items() if count > SLOTS]


def stored(database: Documents) -> list[str]:
    """`broken_rows` for the whole database of quotes."""
    rounds = database["rounds"].find({f"slots.{SLOTS}": {"$exists": True}}, {"slots": 1})
    live: list[dict[str, Any]] = [
        {"$match": {"state": {"$ne": "withdrawn"}}},
        {"$group": {"_id": "$project_id", "count": {"$sum": 1}}},
        {"$match": {"count": {"$gt": SLOTS}}},
    ]
    return broken_rows(rounds, {row["_id"]: row["count"] for row in database["quotes"].aggregate(live)})
