"""Expected notifications, derived from the topics independently of notify, compared with those that notify holds."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from contracts.market import SLOTS
from tests.kit.oracle.evidence import Evidence, Finding, Message

Key = tuple[str, str, str, int]
"""Kind, person, project, and the count of received quotes where a kind can repeat."""
BY_TIME = ("deadline-near", "choice-reminder", "question-asked", "question-answered", "programme")
"""Sent or not depending on when notify runs, or about requests that no load makes: neither missing nor unfounded.
What concerns programmes is checked by `programmes`."""
OUTCOMES = {
    "accepted": "chosen",
    "not_chosen": "not-chosen",
    "refused": "project-refused",
    "lapsed": "project-expired",
    "destroyed": "project-cancelled",
}
"""The notification that a mentor gets when a quote ends in this state."""


def find_news(evidence: Evidence) -> Iterator[Finding]:
    """``notification-missing``, ``-doubled`` and ``-unfounded``, and ``mail-doubled``."""
    if "notify" not in evidence.services:
        return
    expected: dict[Key, float] = {}
    for project, posted in evidence.posted.items():
        expected |= _expected(evidence, project, posted)
    found: Counter[Key] = Counter()
    for row in evidence.rows("notify", "notifications"):
        if row["kind"] not in BY_TIME:
            found[_key(row["kind"], row["account"], row["project_id"], int(row["data"].get("received", 0)))] += 1
    for key, at in expected.items():
        if key not in found:
            yield Finding("notification-missing", key[2], f"{key[1]} was never notified: {_said(key)}", at)
    for key, times in found.items():
        when = expected.get(key)
        if times > 1:
            yield Finding("notification-doubled", key[2], f"{key[1]} was notified {times} times: {_said(key)}", when)
        if when is None and key[2] in evidence.posted and not _may_be(evidence, key):
            yield Finding("notification-unfounded", key[2], f"{key[1]} was notified of nothing: {_said(key)}", None)
    yield from _mails(evidence)


def _may_be(evidence: Evidence, key: Key) -> bool:
    """A mentor who quoted and declined concurrently may hear of a cancellation, depending on the order of events."""
    quoted = {event.payload["account"] for event in evidence.about("quote.submitted", key[2])}
    return key[0] == "project-cancelled" and key[1] in quoted


def _key(kind: str, account: str, project: str, received: int = 0) -> Key:
    return (kind, account, project, received if kind == "quote-received" else 0)


def _said(key: Key) -> str:
    return f"{key[0]} {key[3]}" if key[3] else key[0]


def _expected(evidence: Evidence, project: str, posted: Message) -> dict[Key, float]:
    """Every notification that this project caused, with the time of its cause."""
    clients = posted.payload.get("clients") or [posted.payload["client"]]
    invited = {
        mentor["account"]: event.at
        for event in evidence.about("mentors.invited", project)
        for mentor in event.payload["mentors"]
    }
    declined = {event.payload["account"] for event in evidence.about("invitation.declined", project)}
    expected = {_key("invited", account, project): at for account, at in invited.items()}
    for event in evidence.about("quote.submitted", project):
        received = event.payload["received"]
        if received < SLOTS or not posted.payload["close_early"]:  # the fifth may end the window instead
            expected |= {_key("quote-received", client, project, received): event.at for client in clients}
    cancelled = evidence.about("project.cancelled", project)
    closed = evidence.about("window.closed", project)
    if cancelled:
        live = _live(evidence, project)
        waiting = [account for account in invited if account in live or account not in declined]
        expected |= {_key("project-cancelled", account, project): cancelled[0].at for account in waiting}
    elif closed:
        quoted = {quote["account"] for quote in closed[0].payload["quotes"]}
        kind = "window-ended" if quoted else "project-unfilled"
        expected |= {_key(kind, client, project): closed[0].at for client in clients}
        left = set(invited) - quoted - declined
        expected |= {_key("round-over", account, project): closed[0].at for account in left}
    for event in evidence.about("project.awarded", project):
        expected[_key("chosen", event.payload["account"], project)] = event.at
    for event in evidence.about("project.expired", project):
        expected |= {_key("project-expired", client, project): event.at for client in clients}
    for event in evidence.about("quotes.settled", project):
        for quote in event.payload["quotes"]:
            expected[_key(OUTCOMES[quote["outcome"]], quote["account"], project)] = event.at
    return expected


def _live(evidence: Evidence, project: str) -> set[str]:
    """The mentors who had a quote in at the end."""
    events = [*evidence.about("quote.submitted", project), *evidence.about("quote.withdrawn", project)]
    live: set[str] = set()
    for event in sorted(events, key=lambda one: one.sequence):
        (live.add if event.name == "quote.submitted" else live.discard)(event.payload["account"])
    return live


def _mails(evidence: Evidence) -> Iterator[Finding]:
    """One mail sent twice has one Message-ID; two Message-IDs for one notification are two mails."""
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mail in evidence.mails:
        if mail["notification"]:
            ids[mail["to"], mail["notification"]].add(mail["message_id"])
    rows = evidence.by_id("notify", "notifications")
    for (to, notification), distinct in ids.items():
        if len(distinct) > 1:
            row = rows.get(notification)
            at = row["created_at"].timestamp() if row else None
            yield Finding("mail-doubled", notification, f"{to} has {len(distinct)} mails of one notification", at)
    deliveries = Counter(row["notification_id"] for row in evidence.rows("notify", "deliveries"))
    for id, times in deliveries.items():
        if id is not None and times > 1:
            yield Finding("mail-doubled", str(id), f"{times} deliveries of one notification", None)
