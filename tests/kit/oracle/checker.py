"""Finds every broken promise from evidence alone: no clock, no I/O.

| kind | what it is |
|---|---|
| ``lost`` | acknowledged, but not in its store or topic; in an outbox, but not in its topic; published, but unhandled |
| ``doubled`` | an effect, an answer or an event that is there twice |
| ``sixth-quote`` | more than five quotes at once |
| ``window-never-ended``, ``-ended-twice``, ``-ended-early`` | a window that did not end once, in time |
| ``notification-missing``, ``-doubled``, ``-unfounded`` | in-app notifications that differ from those expected |
| ``mail-doubled`` | two mails of one notification that a mail program cannot recognise as one |
| ``pair-unsound`` | a live pair of a programme whose people are not both taking part |
| ``leak`` | a planted word of a client or a participant where it must not be |
| ``order`` | an aggregate's events out of sequence |
| ``dead-letter`` | a message that a service could not handle |
"""

from collections.abc import Iterator

from tests.kit.oracle.doubles import find_doubles
from tests.kit.oracle.evidence import Evidence, Finding, Message
from tests.kit.oracle.leaks import find_leaks
from tests.kit.oracle.losses import find_losses
from tests.kit.oracle.news import find_news
from tests.kit.oracle.order import find_disorder
from tests.kit.oracle.programmes import find_programmes
from tests.kit.oracle.windows import find_windows, lateness

__all__ = ["KINDS", "Evidence", "Finding", "Message", "check", "lateness"]

KINDS = (
    *("lost", "doubled", "sixth-quote"),
    *("window-never-ended", "window-ended-twice", "window-ended-early"),
    *("notification-missing", "notification-doubled", "notification-unfounded", "mail-doubled"),
    *("pair-unsound", "leak", "order", "dead-letter"),
)
MARGIN_S = 30.0


def check(evidence: Evidence, *, margin_s: float = MARGIN_S) -> list[Finding]:
    """All findings, each with one of `KINDS`; an empty list if every promise holds.

    Call it once the system has caught up: anything in flight looks lost. A window still open ``margin_s`` seconds after
    its time counts as one that never ends.
    """
    return [
        *find_losses(evidence),
        *find_doubles(evidence),
        *find_windows(evidence, margin_s),
        *find_news(evidence),
        *find_programmes(evidence),
        *find_leaks(evidence),
        *find_disorder(evidence),
        *_dead_letters(evidence),
    ]


def _dead_letters(evidence: Evidence) -> Iterator[Finding]:
    for message in evidence.dead:
        name = message.name or "something undecodable"
        detail = f"{name} in {message.topic} at {message.partition}:{message.offset}"
        yield Finding("dead-letter", message.subject or message.topic, detail, message.at or None)
