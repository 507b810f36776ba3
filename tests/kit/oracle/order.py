"""Order: in each topic, an aggregate's events are in one partition and in sequence; no later one overtook another."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tests.kit.oracle.evidence import Evidence, Finding, Message

Stream = tuple[str, str, str]
"""Topic, source and subject."""


def find_disorder(evidence: Evidence) -> Iterator[Finding]:
    """``order``, for each event at its first place in its topic.

    A change without an event also takes a number, so a missing number alone is no gap: a gap is an outbox row that is
    not in the topic while a later one of its aggregate is. For one project the first number is 1.
    """
    streams: dict[Stream, list[Message]] = defaultdict(list)
    for event in evidence.events:
        streams[event.topic, event.source, event.subject].append(event)
    for (_, source, subject), events in streams.items():
        if len({event.partition for event in events}) > 1:
            yield Finding("order", subject, f"the events of {source} are in several partitions", events[0].at)
        for before, after in pairwise(events):
            if before.partition == after.partition and after.sequence < before.sequence:
                detail = f"{source}: {after.name} {after.sequence} came after {before.name} {before.sequence}"
                yield Finding("order", subject, detail, after.at)
    yield from _gaps(evidence, streams)


def _gaps(evidence: Evidence, streams: dict[Stream, list[Message]]) -> Iterator[Finding]:
    ids = {event.id for event in evidence.events}
    for service in evidence.services:
        for row in evidence.rows(service, "outbox"):
            stream = streams.get((row["topic"], row["source"], row["subject"]), [])
            if row["_id"] not in ids and any(event.sequence > row["sequence"] for event in stream):
                detail = f"{row['name']} {row['sequence']} is not in its topic, and a later one is"
                yield Finding("order", row["subject"], detail, row["time"].timestamp())
    for (_, source, subject), events in streams.items():
        first = min(event.sequence for event in events)
        if source == "urn:releve:service:projects" and events[0].name.startswith("project.") and first != 1:
            yield Finding("order", subject, f"the first event is number {first}", events[0].at)
