"""Routes with which operators read a service's dead letters, and ask it to replay or drop one (`chassis.letterbox`)."""

from marshmallow import Schema, fields, validate

from chassis import audit
from chassis.facts import Refusal, not_found
from chassis.http.auth import OPERATOR, Actor, signed_in
from chassis.http.commands import command
from chassis.http.pages import PageQuery, page
from chassis.http.parsing import Blueprint
from chassis.http.proofs import Proof
from chassis.http.said import example, refuses
from chassis.letterbox import COLLECTION, DROP, REPLAY, STATES, WAITS, place_of
from chassis.mongo import Document, Documents
from chassis.unit import Unit, UnitOfWork

READ, LISTED = "dead-letter.read", "dead-letters.read"
RUNNING = {REPLAY: "replaying", DROP: "dropping"}
"""The state of a letter while its service carries out a wish."""


class LetterQuery(PageQuery):
    """``?state=&limit=&cursor=``"""

    state = fields.String(validate=validate.OneOf((WAITS, *STATES.values())))


def routes(work: UnitOfWork, path: str, one: type[Schema], some: type[Schema], body: type[Schema]) -> Blueprint:
    """The blueprint with the routes at ``path`` and below; the schemas are those of a letter, a page and a reason."""
    blueprint = Blueprint("letters", __name__)

    @blueprint.get(path)
    @signed_in(OPERATOR)
    @blueprint.arguments(LetterQuery, location="query")
    @blueprint.response(200, some)
    def read_dead_letters(query: Document, *, actor: Actor) -> Document:
        """Events that this service could not handle: those that wait (`state=waits`) oldest first, others newest first.

        Envelopes and reasons, no payload. They are kept for 90 days.
        """
        found = read(work.database, query)
        audit.record_reading(work, actor, LISTED, (item["subject"] for item in found["items"]))
        return found

    @blueprint.get(f"{path}/<letter_id>")
    @signed_in(OPERATOR)
    @blueprint.response(200, one)
    def read_dead_letter(letter_id: str, *, actor: Actor) -> Document:
        """One of these events."""
        row = _row(work.database, letter_id)
        audit.record_reading(work, actor, READ, (row["subject"],))
        return view(row)

    @blueprint.post(f"{path}/<letter_id>/replay")
    @signed_in(OPERATOR, proof=Proof.RECENT)
    @refuses("letter-done", "letter-running", "letter-behind")
    @blueprint.arguments(body)
    @blueprint.response(202, one)
    @example(answer={"state": RUNNING[REPLAY]})
    def replay_dead_letter(given: Document, letter_id: str, *, actor: Actor) -> Document:
        """Lets the service handle the event again, within seconds; its effect comes once, however often that is done.

        Read the letter again to learn the outcome: `replayed`, or `waits` with `tried_reason`.
        """
        return command(work, actor, lambda unit: wish(unit, actor, letter_id, REPLAY, given["reason"]))

    @blueprint.post(f"{path}/<letter_id>/drop")
    @signed_in(OPERATOR, proof=Proof.RECENT)
    @refuses("letter-done", "letter-running")
    @blueprint.arguments(body)
    @blueprint.response(202, one)
    @example(answer={"state": RUNNING[DROP]})
    def drop_dead_letter(given: Document, letter_id: str, *, actor: Actor) -> Document:
        """Sets the event aside for good, so that later events of its subject can be handled; within seconds."""
        return command(work, actor, lambda unit: wish(unit, actor, letter_id, DROP, given["reason"]))

    return blueprint


def read(database: Documents, query: Document) -> Document:
    """A page of the letters, with the number of all that wait."""
    rows, state = database[COLLECTION], query.get("state")
    wanted = {"state": state} if state else {}
    found = page(rows, wanted, query, view, "at", ascending=state == WAITS)
    return {**found, "waiting": rows.count_documents({"state": WAITS})}


def wish(unit: Unit, actor: Actor, letter_id: str, deed: str, reason: str) -> Document:
    """Asks the service's worker for a deed. ``not-found``, ``letter-done``, ``letter-running``, ``letter-behind``."""
    row = unit.find(COLLECTION, {"_id": letter_id})
    if row is None:
        raise not_found()
    if row["state"] != WAITS:
        raise Refusal("letter-done", "It was replayed or dropped already.")
    if "wish" in row:
        raise Refusal("letter-running", "Somebody has just asked for this; look again in a moment.")
    rows = unit.collection(COLLECTION)
    if deed == REPLAY and row["event_id"]:
        same = {"topic": row["topic"], "subject": row["subject"], "state": WAITS}
        if any(place_of(other) < place_of(row) for other in rows.find(same, {"_id": 1})):
            raise Refusal("letter-behind", "An earlier event of the same subject waits: replay or drop that first.")
    asked = {**row, "wish": {"deed": deed, "by": actor.id, "at": unit.now}}
    rows.update_one({"_id": letter_id}, {"$set": {"wish": asked["wish"]}, "$unset": {"tried": ""}})
    why = f"{reason} ({letter_id}, {row['type']})"
    audit.record(unit, actor.id, f"dead-letter.{STATES[deed]}", row["subject"], why)
    return view(asked | {"tried": {}})


def view(row: Document) -> Document:
    """A letter as operators read it."""
    tried = row.get("tried", {})
    shown = ("type", "subject", "event_id", "trace_id", "at", "attempts", "reason")
    return {
        "id": row["_id"],
        "state": RUNNING[row["wish"]["deed"]] if "wish" in row else row["state"],
        **{name: row[name] for name in shown},
        "origin": f"{row['topic']}/{row['partition']}/{row['offset']}",
        "by": row.get("by", ""),
        "done_at": row.get("done_at"),
        "tried_at": tried.get("at"),
        "tried_reason": tried.get("reason", ""),
    }


def _row(database: Documents, letter_id: str) -> Document:
    row = database[COLLECTION].find_one({"_id": letter_id})
    if row is None:
        raise not_found()
    return row
