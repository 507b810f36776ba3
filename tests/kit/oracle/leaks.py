"""Planted words of clients that occur where people other than they and a chosen mentor may read them."""

from collections.abc import Iterator, Sequence

from contracts.parts import DATABASES
from tests.kit.oracle.evidence import Evidence, Finding, Row, Secrets

REVEAL = "/api/projects/{project_id}/client"
ANONYMOUS = tuple(name for name in DATABASES if name not in ("accounts", "projects"))
"""Services whose databases never hold a client's identity: all but the two that a client gives it to."""


def find_leaks(evidence: Evidence) -> Iterator[Finding]:
    """``leak``: in messages, logs, mentors' answers, mails to mentors and the databases of `ANONYMOUS`.

    Mentors' answers and mails must not even hold the id of a client's account.
    """
    clients = [person for person in evidence.people if person["role"] == "client"]
    words = Secrets(clients)
    for message in evidence.messages:
        if words.inside(message.text) or words.inside(str(message.payload)):
            place = f"{message.topic} {message.partition}:{message.offset}"
            yield Finding("leak", message.subject or place, f"in {message.name} at {place}", message.at or None)
    for line in evidence.logs:
        if words.inside(line["line"]):
            yield Finding("leak", line["file"], f"in a log line: {words.hide(line['line'])[:300]}")
    for service in ANONYMOUS:
        for collection, rows in evidence.stores.get(service, {}).items():
            for row in rows:
                if words.inside(str(row)):
                    yield Finding("leak", str(row["_id"]), f"in {collection} of {service}")
    named = [{**person, "secrets": [*person["secrets"], person["account"]]} for person in clients]
    yield from _answers(evidence, named)
    mentors, words = {p["email"] for p in evidence.people if p["role"] == "mentor"}, Secrets(named)
    for mail in evidence.mails:
        if mail["to"] in mentors and words.inside(mail["text"]):
            yield Finding("leak", mail["message_id"], f"in a mail to a mentor, {mail['to']}")


def _answers(evidence: Evidence, clients: Sequence[Row]) -> Iterator[Finding]:
    """A chosen mentor may read who the client is, from the award on."""
    words = Secrets(clients)
    chosen: dict[tuple[str, str], float] = {}
    for event in evidence.events:
        if event.name == "project.awarded":
            chosen.setdefault((event.subject, event.payload["account"]), event.at)
    for row in evidence.rows("projects", "projects"):
        if row["chosen"] is not None:
            chosen.setdefault((row["_id"], row["chosen"]), row["awarded_at"].timestamp())
    for one in evidence.attempts:
        if one["role"] == "mentor" and one["heard"] and words.inside(one["heard"]):
            since = chosen.get((one["project"], one["account"]))
            if one["route"] != REVEAL or since is None or one["answered"] < since:
                subject = one["project"] or one["account"]
                yield Finding("leak", subject, f"{one['account']} read it at {one['route']}", one["answered"])
