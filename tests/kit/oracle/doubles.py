"""Effects that happened twice although requested, or published, once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from tests.kit.oracle.evidence import Evidence, Finding, Message

ONCE = {
    **dict.fromkeys(("project.posted", "project.cancelled", "project.refused", "project.expired"), ()),
    **dict.fromkeys(("project.completed", "quotes.settled", "quote.accepted"), ()),
    **dict.fromkeys(("project.awarded", "quote.submitted", "quote.withdrawn"), ("quote_id",)),
    "invitation.declined": ("account",),
    "reviews.shown": ("reviews",),
    **dict.fromkeys(("account.registered", "programme.published", "programme.closed"), ()),
}
"""Events that a subject has once, or once per value of these fields."""


def find_doubles(evidence: Evidence) -> Iterator[Finding]:
    """``doubled``: effects, requests, events and sequences that exist twice."""
    for search in (_events, _sequences, _claims, _invitations, _wishes, _documents, _rounds):
        yield from search(evidence)


def _doubled(subject: str, detail: str, at: float | None = None) -> Finding:
    return Finding("doubled", subject, detail, at)


def _repeated(found: Iterable[object]) -> Iterator[object]:
    return (one for one, times in Counter(found).items() if times > 1)


def _events(evidence: Evidence) -> Iterator[Finding]:
    seen: set[tuple[object, ...]] = set()
    for event in evidence.events:
        if event.name in ONCE:
            key = (event.name, event.subject, *(event.payload[field] for field in ONCE[event.name]))
            if key in seen:
                yield _doubled(event.subject, f"{event.name} was published as two events", event.at)
            seen.add(key)


def _sequences(evidence: Evidence) -> Iterator[Finding]:
    first: dict[tuple[str, str, int], Message] = {}
    for event in evidence.events:
        known = first.setdefault((event.source, event.subject, event.sequence), event)
        if known is not event:
            detail = f"{event.source} published two events with sequence {event.sequence}: {known.name}, {event.name}"
            yield _doubled(event.subject, detail, event.at)


def _claims(evidence: Evidence) -> Iterator[Finding]:
    """A mentor claims once; after withdrawing a quote, again."""
    claims: Counter[tuple[str, str]] = Counter()
    for event in evidence.events:
        if event.name == "slot.claimed":
            key = (event.subject, event.payload["account"])
            claims[key] += 1
            back = sum(e.payload["account"] == key[1] for e in evidence.about("quote.withdrawn", event.subject))
            if claims[key] > 1 + back:
                yield _doubled(event.subject, f"a claim of {key[1]} was counted twice", event.at)


def _invitations(evidence: Evidence) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for event in evidence.events:
        if event.name == "mentors.invited":
            for mentor in event.payload["mentors"]:
                key = (event.subject, mentor["account"])
                if key in seen:
                    yield _doubled(event.subject, f"{key[1]} was invited twice", event.at)
                seen.add(key)


def _wishes(evidence: Evidence) -> Iterator[Finding]:
    """One Idempotency-Key has one answer; one title, which the load uses once, has one project."""
    answers: dict[str, set[object]] = defaultdict(set)
    titles: dict[str, float] = {}
    for done in evidence.acknowledgements:
        if done["method"] == "POST" and done["route"] in ("/api/projects", "/api/quotes"):
            answers[done["wish"]].add(done["got"].get("quote_id", done["project"]))
            if len(answers[done["wish"]]) == 2:
                yield _doubled(done["project"], f"one wish of {done['account']} had two answers", done["answered"])
    for one in evidence.attempts:
        if (one["method"], one["route"]) == ("POST", "/api/projects") and "title" in one["got"]:
            titles[one["got"]["title"]] = one["sent"]
    posted = (row["title"] for row in evidence.rows("projects", "projects") if row.get("relaunched_from") is None)
    for title in _repeated(title for title in posted if title in titles):
        yield _doubled(str(title), "posted once, but two projects exist", titles[str(title)])


def _documents(evidence: Evidence) -> Iterator[Finding]:
    for service, collection in (("projects", "projects"), ("projects", "orders"), ("quotes", "rounds")):
        for id in _repeated(row["_id"] for row in evidence.rows(service, collection)):
            yield _doubled(str(id), f"twice among the {collection}")
    numbers = Counter((row["organisation"], row["number"]) for row in evidence.rows("projects", "orders"))
    for (organisation, number), times in numbers.items():
        if times > 1:
            yield _doubled(organisation, f"{times} orders with the number {number}")


def _rounds(evidence: Evidence) -> Iterator[Finding]:
    for row in evidence.rows("quotes", "rounds"):
        for account in _repeated(slot["account"] for slot in row["slots"]):
            yield _doubled(row["_id"], f"{account} holds two slots")
    quotes = evidence.rows("quotes", "quotes")
    live = [(row["project_id"], row["account"]) for row in quotes if row["state"] != "withdrawn"]
    for project, account in [key for key, times in Counter(live).items() if times > 1]:
        yield _doubled(project, f"{account} has two live quotes")
    for project in _repeated(row["project_id"] for row in quotes if row.get("outcome") == "accepted"):
        yield _doubled(str(project), "two quotes are accepted")
