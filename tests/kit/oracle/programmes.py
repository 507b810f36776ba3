"""Programmes: pairs within capacities, every message once, acknowledged answers kept, names in one service alone."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.kit.oracle.evidence import Evidence, Finding, Row, Secrets

LIVE = ("proposed", "active")
ACTIVE = ("enrolled", "agreed")
PUBLISHED = ("published", "running", "closed")
LINK = re.compile(r"#\S+")
PUBLICATION = "/api/programmes/{programme_id}/publication"
AGREEMENT = "/api/programmes/{programme_id}/agreement"
ANSWER = "/api/programmes/{programme_id}/pairs/{mentor_ref}/{mentee_ref}/answer"


def find_programmes(evidence: Evidence) -> Iterator[Finding]:
    """``doubled``, ``pair-unsound``, ``mail-doubled``, ``lost`` and ``leak``, as far as programmes are concerned."""
    if "programmes" in evidence.services:
        for search in (_pairs, _requests, _notices, _mails, _publications, _answers, _leaks):
            yield from search(evidence)


def _pairs(evidence: Evidence) -> Iterator[Finding]:
    """Nobody has more published pairs than they may have, and no pair is live without both its people."""
    programmes, people = evidence.by_id("programmes", "programmes"), evidence.by_id("programmes", "participants")
    held: dict[str, list[Row]] = defaultdict(list)
    for pair in evidence.rows("programmes", "pairs"):
        if not pair["published"] or pair["state"] not in LIVE:
            continue
        for id in (pair["mentor"], pair["mentee"]):
            held[id].append(pair)
            person = people.get(id)
            if person is None or person["state"] not in ACTIVE:
                yield Finding("pair-unsound", pair["_id"], f"{id} left or never was there, and is still paired")
    for id, pairs in held.items():
        if id in people:
            rules = programmes[people[id]["programme"]]["rules"]
            usual = rules["capacity"] if people[id]["side"] == "mentor" else rules["mentee_capacity"]
            if len(pairs) > (people[id].get("capacity") or usual):
                yield Finding("doubled", id, f"has {len(pairs)} pairs at once")


def _requests(evidence: Evidence) -> Iterator[Finding]:
    """A message is requested once, and a programme is published and closed once."""
    requested: Counter[str] = Counter()
    for event in evidence.events:
        if event.name == "messages.requested":
            requested.update(message["message_id"] for message in event.payload["messages"])
    for id, times in requested.items():
        if times > 1:
            yield Finding("doubled", id, f"a message was requested {times} times")
    for row in evidence.rows("programmes", "messages"):
        if row["_id"] not in requested:
            yield Finding("lost", row["_id"], f"a message was never requested: {row['kind']}")


def _notices(evidence: Evidence) -> Iterator[Finding]:
    """Whoever runs a programme is notified of each message to them once at most."""
    requested: Counter[tuple[str, str]] = Counter()
    for event in evidence.events:
        if event.name == "messages.requested":
            requested.update((m["account"], event.payload["programme"]) for m in event.payload["messages"])
    found = Counter(
        (row["account"], row["programme_id"])
        for row in evidence.rows("notify", "notifications")
        if row["kind"] == "programme" and row["data"].get("about") == "message"
    )
    for key, times in found.items():
        if times > requested[key]:
            detail = f"{key[0]} was notified {times} times of {requested[key]} messages"
            yield Finding("notification-doubled", key[1], detail)


def _mails(evidence: Evidence) -> Iterator[Finding]:
    """Two mails with the same text, except for the token of the link, are one mail sent twice under another id."""
    sent: dict[tuple[str, str], set[str]] = defaultdict(set)
    addresses = {row["email"] for row in evidence.rows("programmes", "participants")}
    for mail in evidence.mails:
        if mail["to"] in addresses:
            sent[mail["to"], LINK.sub("", mail["text"])].add(mail["message_id"])
    for (to, text), ids in sent.items():
        if len(ids) > 1:
            yield Finding("mail-doubled", to, f"was told {len(ids)} times: {text.splitlines()[0]}")


def _publications(evidence: Evidence) -> Iterator[Finding]:
    programmes = evidence.by_id("programmes", "programmes")
    for done in evidence.acknowledged("POST", PUBLICATION):
        id = done["got"]["programme_id"]
        if programmes.get(id, {"state": "missing"})["state"] not in PUBLISHED:
            yield Finding("lost", id, "was published, and is not", done["answered"])
        if not evidence.about("programme.published", id):
            yield Finding("lost", id, "its publication has no event", done["answered"])


def _answers(evidence: Evidence) -> Iterator[Finding]:
    """An acknowledged agreement and an accepted pair are stored."""
    people = {(row["programme"], row["ref"]): row for row in evidence.rows("programmes", "participants")}
    for done in evidence.acknowledged("POST", AGREEMENT):
        person = people.get((done["got"]["programme_id"], done["got"]["ref"]))
        if person is None or person.get("agreed_at") is None:
            yield Finding("lost", done["got"]["ref"], "agreed, and is not noted as agreed", done["answered"])
    pairs = {(row["mentor"], row["mentee"]): row for row in evidence.rows("programmes", "pairs")}
    for done in evidence.acknowledged("POST", ANSWER):
        got = done["got"]
        two = [people.get((got["programme_id"], got[name])) for name in ("mentor_ref", "mentee_ref")]
        pair = pairs.get((str(two[0] and two[0]["_id"]), str(two[1] and two[1]["_id"])))
        side = "mentor" if got["ref"] == got["mentor_ref"] else "mentee"
        if pair is None or pair["answers"][side] is None:
            yield Finding("lost", got["ref"], "answered their pair, and the answer is missing", done["answered"])


def _leaks(evidence: Evidence) -> Iterator[Finding]:
    """A participant's words stay in programmes; in mails and answers they reach their pairs and their own programme."""
    planted = [person for person in evidence.people if person["role"] == "participant"]
    words = Secrets(planted)
    for message in evidence.messages:
        if words.inside(message.text) or words.inside(str(message.payload)):
            place = f"{message.topic} {message.partition}:{message.offset}"
            yield Finding("leak", message.subject or place, f"a participant in {message.name} at {place}", message.at)
    for line in evidence.logs:
        if words.inside(line["line"]):
            yield Finding("leak", line["file"], f"a participant in a log line: {words.hide(line['line'])[:300]}")
    for service, collections in evidence.stores.items():
        for collection, rows in collections.items():
            for row in rows if service != "programmes" else ():
                if words.inside(str(row)):
                    yield Finding("leak", str(row["_id"]), f"a participant in {collection} of {service}")
    yield from _readers(evidence, planted)


def _readers(evidence: Evidence, planted: list[Row]) -> Iterator[Finding]:
    """In mails and answers a participant reads of another only if the two were ever a pair."""
    rows = evidence.rows("programmes", "participants")
    address = {row["_id"]: row["email"] for row in rows}
    partners: dict[str, set[str]] = defaultdict(set)
    for pair in evidence.rows("programmes", "pairs"):
        mentor, mentee = address.get(pair["mentor"], ""), address.get(pair["mentee"], "")
        partners[mentor].add(mentee)
        partners[mentee].add(mentor)
    emails = {person["email"] for person in planted}
    read = [(mail["to"], mail["text"], "a mail") for mail in evidence.mails if mail["to"] in emails]
    heard = {person["account"]: person["email"] for person in planted}
    read += [(heard[one["account"]], one["heard"], one["route"]) for one in evidence.attempts
             if one["account"] in heard and one["heard"]]  # fmt: skip
    everybody = Secrets(planted)
    for to, text, place in read:
        others = [person for person in planted if person["email"] not in partners[to] | {to}]
        if everybody.inside(text) and Secrets(others).inside(text):
            yield Finding("leak", to, f"read of a participant who never was their pair, in {place}")
