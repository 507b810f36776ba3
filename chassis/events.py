"""The wire format of events: CloudEvents 1.0 in Kafka's binary mode (headers ``ce_*``, the data as JSON in the value).

Source: CloudEvents specification 1.0.2 and its Kafka protocol binding, section 3.2.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

PREFIX = "releve."
SOURCE = "urn:releve:service:"


class Undecodable(Exception):
    """A message that is not an event: a header is missing or the value is not JSON. ``reason`` holds no payload."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SchemaBroken(Exception):
    """Data that breaks the contract of its event. ``fields`` names the wrong fields and never holds their values."""

    def __init__(self, name: str, fields: Sequence[str]) -> None:
        super().__init__(f"{name}: {', '.join(sorted(fields))}")
        self.name = name
        self.fields = sorted(fields)


class NotThePublisher(Exception):
    """A service tried to write an event that it does not publish."""


class Contract(Protocol):
    """The interface of `contracts` that the chassis uses. It is handed in, so that the chassis names no event."""

    def dump(self, name: str, data: Mapping[str, Any], version: int = 1) -> dict[str, Any]:
        """Converts data to JSON values. Raises `SchemaBroken` for an unknown, missing or wrong field."""

    def load(self, name: str, payload: Mapping[str, Any], version: int = 1) -> dict[str, Any]:
        """Converts a payload to Python values, without unknown fields. Raises `SchemaBroken` if it does not fit."""

    def topic(self, service: str, name: str, version: int = 1) -> str:
        """The topic that this service publishes this event to."""

    def topics_of(self, service: str) -> set[str]:
        """All topics that this service, which exists, publishes to."""

    def topics(self, name: str, version: int = 1) -> set[str]:
        """The topics that carry this event, one per service that publishes it."""

    def known(self, name: str, version: int) -> bool:
        """Whether this version of the event is in the contract."""

    def publishes(self, service: str, name: str = "", version: int = 1) -> bool:
        """Whether this service publishes this event; without a name, whether it publishes any."""


@dataclass(frozen=True)
class Envelope:
    """An event in transit. ``payload`` holds JSON values; ``sequence`` orders the events of one subject."""

    id: str
    source: str
    name: str
    version: int
    subject: str
    sequence: int
    time: datetime
    payload: Mapping[str, Any]
    traceparent: str | None = None

    @property
    def type(self) -> str:
        """``releve.quote.submitted.v1``"""
        return f"{PREFIX}{self.name}.v{self.version}"


@dataclass(frozen=True)
class Event:
    """An event as a handler receives it: ``data`` is validated against the contract and holds Python values."""

    id: str
    name: str
    subject: str
    sequence: int
    time: datetime
    data: Mapping[str, Any]
    traceparent: str | None = None
    version: int = 1


def rfc3339(moment: datetime) -> str:
    """Formats a time in UTC with milliseconds and a ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encode(envelope: Envelope) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Key, value and headers of the Kafka message. The key is the subject, so an aggregate's events stay in order."""
    headers = {
        "ce_id": envelope.id,
        "ce_source": envelope.source,
        "ce_type": envelope.type,
        "ce_specversion": "1.0",
        "ce_time": rfc3339(envelope.time),
        "ce_subject": envelope.subject,
        "ce_sequence": str(envelope.sequence),
        "content-type": "application/json",
    }
    if envelope.traceparent:
        headers["traceparent"] = envelope.traceparent
    value = json.dumps(envelope.payload, ensure_ascii=False, separators=(",", ":")).encode()
    return envelope.subject.encode(), value, [(name, text.encode()) for name, text in headers.items()]


def source_of(service: str) -> str:
    """The ``ce_source`` of a service's events."""
    return f"{SOURCE}{service}"


def publisher_of(source: str) -> str:
    """The service that a ``ce_source`` names; empty if it names none of Relève's."""
    return source.removeprefix(SOURCE) if source.startswith(SOURCE) else ""


def _versioned(text: str) -> tuple[str, int] | None:
    """``anything.v2`` → ``("anything", 2)``; None if the text does not end in a version."""
    stem, dot, version = text.rpartition(".v")
    return (stem, int(version)) if dot and version.isascii() and version.isdigit() else None


def key_of(kind: str) -> tuple[str, int]:
    """The name and version that a handler is registered for: ``window.closed`` is version 1, ``window.closed.v2`` 2."""
    return _versioned(kind) or (kind, 1)


def split_type(text: str) -> tuple[str, int]:
    """``releve.quote.submitted.v1`` → ``("quote.submitted", 1)``; `Undecodable` for anything else."""
    found = _versioned(text)
    if found is None or not found[0].startswith(PREFIX):
        raise Undecodable("ce_type is not releve.<name>.v<number>")
    return found[0].removeprefix(PREFIX), found[1]


def identity(headers: Sequence[tuple[str, bytes]]) -> tuple[str, str] | None:
    """Event id and subject from a message's headers, or None without them. The rest may still be undecodable."""
    found = dict(headers)
    try:
        return found["ce_id"].decode(), found["ce_subject"].decode()
    except (KeyError, UnicodeDecodeError, AttributeError):
        return None


def decode(value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> Envelope:
    """Decodes a message. Raises `Undecodable`, which names the defect."""
    try:
        texts = {name: raw.decode() for name, raw in headers}
    except (UnicodeDecodeError, AttributeError) as error:
        raise Undecodable("a header is not UTF-8") from error
    missing = {"ce_id", "ce_source", "ce_type", "ce_subject", "ce_sequence", "ce_time"} - texts.keys()
    if missing:
        raise Undecodable(f"missing header {', '.join(sorted(missing))}")
    if texts.get("ce_specversion") != "1.0":
        raise Undecodable("ce_specversion is not 1.0")
    name, version = split_type(texts["ce_type"])
    try:
        time = datetime.fromisoformat(texts["ce_time"].replace("Z", "+00:00"))
        sequence = int(texts["ce_sequence"])
    except ValueError as error:
        raise Undecodable("ce_time or ce_sequence cannot be read") from error
    if time.tzinfo is None:
        raise Undecodable("ce_time has no zone")
    try:
        payload = json.loads((value or b"").decode())
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Undecodable("the value is not JSON") from error
    if not isinstance(payload, dict):
        raise Undecodable("the value is not a JSON object")
    return Envelope(
        id=texts["ce_id"],
        source=texts["ce_source"],
        name=name,
        version=version,
        subject=texts["ce_subject"],
        sequence=sequence,
        time=time,
        payload=payload,
        traceparent=texts.get("traceparent"),
    )
