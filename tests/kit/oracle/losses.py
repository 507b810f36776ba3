"""Acknowledged writes and events that are missing: in a store, in a topic, or at a subscribed service."""

from collections import defaultdict
from collections.abc import Iterator

from contracts.events import EVENTS
from tests.kit.oracle.evidence import Evidence, Finding, Row

QUOTE = "/api/quotes/{quote_id}"
AWARDED = ("awarded", "completed")


def find_losses(evidence: Evidence) -> Iterator[Finding]:
    """``lost``: looks for every acknowledged write, outbox row and event in the places where it belongs."""
    for search in (_people, _projects, _claims, _quotes, _choices, _readings, _outboxes, _inboxes):
        yield from search(evidence)


def _lost(subject: str, detail: str, done: Row | None = None) -> Finding:
    return Finding("lost", subject, detail, done["answered"] if done else None)


def _people(evidence: Evidence) -> Iterator[Finding]:
    accounts, profiles = evidence.by_id("accounts", "accounts"), evidence.by_id("matching", "profiles")
    for person in evidence.people if "accounts" in evidence.services else ():
        if person["role"] == "participant":
            continue  # without an account
        if person["account"] not in accounts or not evidence.about("account.registered", person["account"]):
            yield _lost(person["account"], "an account with a successful sign-in has no document or no event")
    members = {m["account"] for row in evidence.rows("projects", "organisations") for m in row["members"]}
    for done in evidence.acknowledged("PUT", "/api/organisations/me"):
        if done["account"] not in members:
            yield _lost(done["account"], "a stored organisation is missing", done)
    for done in evidence.acknowledged("PUT", "/api/mentors/me"):
        if done["account"] not in profiles:
            yield _lost(done["account"], "a stored profile is missing", done)


def _projects(evidence: Evidence) -> Iterator[Finding]:
    places = (
        ("its document", evidence.by_id("projects", "projects")),
        ("its identity in the vault", evidence.by_id("projects", "vault/clients")),
        ("its round", evidence.by_id("quotes", "rounds")),
        ("its shortlist", evidence.by_id("matching", "shortlists")),
        ("its event", evidence.posted),
    )
    for done in evidence.acknowledged("POST", "/api/projects"):
        missing = [name for name, held in places if done["project"] not in held]
        if missing:
            yield _lost(done["project"], f"a posted project lacks {', '.join(missing)}", done)


def _claims(evidence: Evidence) -> Iterator[Finding]:
    shortlists = evidence.by_id("matching", "shortlists")
    for done in evidence.acknowledged("POST", "/api/rounds/{project_id}/claim"):
        if not _published(evidence, "slot.claimed", done):
            yield _lost(done["project"], f"a claim of {done['account']} was never published", done)
    for done in evidence.acknowledged("POST", "/api/invitations/{invitation_id}/decline"):
        declined = shortlists.get(done["project"], {}).get("declined", ())
        if done["account"] not in declined or not _published(evidence, "invitation.declined", done):
            yield _lost(done["project"], f"{done['account']} declined, but is still expected to quote", done)


def _published(evidence: Evidence, name: str, done: Row) -> bool:
    return any(event.payload["account"] == done["account"] for event in evidence.about(name, done["project"]))


def _quotes(evidence: Evidence) -> Iterator[Finding]:
    quotes, rounds = evidence.by_id("quotes", "quotes"), evidence.by_id("quotes", "rounds")
    taken = {done["got"]["quote_id"]: done for done in evidence.acknowledged("DELETE", QUOTE)}
    unsure = _unanswered(evidence)
    revisions: dict[str, list[Row]] = defaultdict(list)
    for done in evidence.acknowledged("PATCH", QUOTE):
        revisions[done["got"]["quote_id"]].append(done)
    for done in evidence.acknowledged("POST", "/api/quotes"):
        quote_id = done["got"]["quote_id"]
        if not _has_quote(evidence, "quote.submitted", done["project"], quote_id):
            yield _lost(done["project"], f"quote {quote_id} was acknowledged but never published", done)
        quote = quotes.get(quote_id)
        if quote is None:
            yield _lost(done["project"], f"quote {quote_id} was acknowledged but is missing", done)
            continue
        yield from _stale(quote, [done, *revisions[quote_id]], ("PATCH", quote_id) in unsure)
        round = rounds.get(done["project"], {"slots": [], "reason": "cancelled"})
        slot = next((slot for slot in round["slots"] if slot["quote_id"] == quote_id), None)
        if quote_id in taken:
            if quote["state"] != "withdrawn" or slot:
                yield _lost(done["project"], f"quote {quote_id} was withdrawn but is still live", taken[quote_id])
            elif not _has_quote(evidence, "quote.withdrawn", done["project"], quote_id):
                yield _lost(done["project"], f"quote {quote_id} was withdrawn without an event", taken[quote_id])
        elif quote["state"] == "withdrawn":
            if ("DELETE", quote_id) not in unsure:
                yield _lost(done["project"], f"quote {quote_id} is withdrawn, but its mentor never withdrew it", done)
        elif round["reason"] != "cancelled" and (slot is None or slot["digest"] != quote["receipt"]["digest"]):
            yield _lost(done["project"], f"quote {quote_id} has no slot, or a slot with another digest", done)
        elif not all(_holds(closed.payload, quote_id) for closed in evidence.about("window.closed", done["project"])):
            yield _lost(done["project"], f"quote {quote_id} is not among those that the client received", done)


def _unanswered(evidence: Evidence) -> set[tuple[str, str]]:
    """Changes of quotes whose outcome is unknown."""
    return {
        (one["method"], one["got"]["quote_id"])
        for one in evidence.attempts
        if one["route"] == QUOTE and (one["status"] is None or one["status"] >= 500)
    }


def _stale(quote: Row, done: list[Row], unsure: bool) -> Iterator[Finding]:
    """The last acknowledged version counts; a newer one is correct if a revision was never answered."""
    latest = max(done, key=lambda one: int(one["got"]["version"]))
    kept = quote["receipt"]["digest"]
    older = {one["got"]["digest"] for one in done} - {latest["got"]["digest"]}
    if kept in older or (kept != latest["got"]["digest"] and not unsure):
        yield _lost(quote["project_id"], f"quote {quote['_id']} is not as it was last acknowledged", latest)


def _has_quote(evidence: Evidence, name: str, project: str, quote_id: str) -> bool:
    return any(event.payload["quote_id"] == quote_id for event in evidence.about(name, project))


def _holds(closed: Row, quote_id: str) -> bool:
    return any(quote["quote_id"] == quote_id for quote in closed["quotes"])


def _choices(evidence: Evidence) -> Iterator[Finding]:
    projects, orders = evidence.by_id("projects", "projects"), evidence.by_id("projects", "orders")
    quotes, rounds = evidence.by_id("quotes", "quotes"), evidence.by_id("quotes", "rounds")
    for done in evidence.acknowledged("POST", "/api/projects/{project_id}/acceptance"):
        project, quote_id = done["project"], done["got"]["quote_id"]
        row = projects.get(project, {"state": "?", "quote_id": None})
        right = (
            ("the award", row["state"] in AWARDED and row["quote_id"] == quote_id),
            ("its event", _has_quote(evidence, "project.awarded", project, quote_id)),
            ("its order", project in orders),
            ("the quote's outcome", quotes.get(quote_id, {}).get("outcome") == "accepted"),
        )
        if missing := [name for name, there in right if not there]:
            yield _lost(project, f"an acceptance without {', '.join(missing)}", done)
    for ending, state in (("refusal", "refused"), ("cancellation", "cancelled")):
        for done in evidence.acknowledged("POST", f"/api/projects/{{project_id}}/{ending}"):
            project = done["project"]
            reason = rounds.get(project, {"reason": "cancelled"})["reason"]
            right = (
                ("its state", projects.get(project, {"state": "?"})["state"] == state),
                ("its event", bool(evidence.about(f"project.{state}", project))),
                ("its effect on the round", state == "refused" or reason == "cancelled"),
                ("its outcomes", bool(evidence.about("quotes.settled", project))),
            )
            if missing := [name for name, there in right if not there]:
                yield _lost(project, f"a {ending} without {', '.join(missing)}", done)
    for done in evidence.acknowledged("POST", "/api/projects/{project_id}/completion"):
        reviews = projects.get(done["project"], {}).get("reviews", ())
        if not any(review["by"] == done["role"] for review in reviews):
            yield _lost(done["project"], f"the review of the {done['role']} is missing", done)
        if done["role"] == "client" and not evidence.about("project.completed", done["project"]):
            yield _lost(done["project"], "a completion was never published", done)


def _readings(evidence: Evidence) -> Iterator[Finding]:
    notifications = evidence.by_id("notify", "notifications")
    for done in evidence.acknowledged("POST", "/api/notifications/{notification_id}/read"):
        row = notifications.get(done["got"]["notification_id"], {})
        if row.get("read_at") is None:
            yield _lost(done["got"]["notification_id"], "a notification was read but is not marked as read", done)


def _outboxes(evidence: Evidence) -> Iterator[Finding]:
    """Rows that were never published; rows overtaken by a later one are ``order`` instead."""
    last: dict[tuple[str, str, str], int] = defaultdict(int)
    for event in evidence.events:
        stream = (event.topic, event.source, event.subject)
        last[stream] = max(event.sequence, last[stream])
    ids, rows = {event.id for event in evidence.events}, set[str]()
    for service in evidence.services:
        for row in evidence.rows(service, "outbox"):
            rows.add(row["_id"])
            if row["_id"] not in ids and row["sequence"] > last[row["topic"], row["source"], row["subject"]]:
                at = row["time"].timestamp()
                yield Finding("lost", row["subject"], f"{row['name']} lies in the outbox of {service}, unpublished", at)
    for event in evidence.events:
        if event.id not in rows:
            yield Finding("lost", event.subject, f"{event.name} was published, but its cause is missing", event.at)


def _inboxes(evidence: Evidence) -> Iterator[Finding]:
    dead = {(message.topic.split(".")[1], message.id) for message in evidence.dead}
    for event in evidence.events:
        for service in EVENTS[event.name, 1].consumers if (event.name, 1) in EVENTS else ():
            taken_in = event.id in evidence.inboxes.get(service, frozenset()) or (service, event.id) in dead
            if service in evidence.services and not taken_in:
                yield Finding("lost", event.subject, f"{event.name} was never handled by {service}", event.at)
