"""Operator commands for a service's dead letters: `python -m deploy.dlq list|show|replay|drop`, or `make dlq-…`.

What these do is recorded by marks (`chassis.dead_letters`), which the services read, too (`chassis.letterbox`).
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError
from pymongo.errors import PyMongoError

from chassis import dead_letters
from chassis.broker import Broker
from chassis.broker.with_kafka_python import has_read_to
from chassis.dead_letters import DROP, DROPPED, MARK, MARK_BY, MARK_OF, OWN, REPLAYED, mark_of, original
from chassis.events import Contract, SchemaBroken, Undecodable, decode, rfc3339
from chassis.settings import BadSetting, broker, environment
from contracts.events import CONTRACT
from contracts.topics import LISTENERS, dead_letters_of
from deploy.local.running import known_settings
from deploy.trail import Unwritten, Write, user, writer

PATIENCE_S = 30
NOBODY_THERE_MS = 5_000
LONGEST = 60
WARNING = "! This may contain personal data: show it only to people who need it, and keep no copy."

Headers = Sequence[tuple[str, bytes]]
Say = Callable[[str], None]


class Refused(Exception):
    """The request cannot or should not be carried out. The text is one line that gives the reason."""


class Place(NamedTuple):
    """A letter's position: `partition:offset`."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Parses `partition:offset`; raises ValueError."""
        partition, colon, offset = text.partition(":")
        if not (colon and all(part.isascii() and part.isdigit() for part in (partition, offset))):
            raise ValueError("a letter's place is partition:offset, such as 0:12")
        return cls(int(partition), int(offset))


@dataclass(frozen=True)
class Mark:
    """An operator's action on a letter, by whom and when."""

    deed: str
    by: str
    at: datetime


@dataclass
class Letter:
    """A dead letter without its payload."""

    place: Place
    at: datetime
    headers: Headers
    marks: list[Mark] = field(default_factory=list)

    def header(self, name: str) -> str:
        """A header, made safe to print: without control characters, and shortened."""
        return printable(dict(self.headers).get(name, b"?"))

    @property
    def origin(self) -> str:
        """Position of the original message: topic/partition/offset."""
        return "/".join(self.header(f"{OWN}{part}") for part in ("topic", "partition", "offset"))

    @property
    def aggregate(self) -> tuple[bytes, bytes] | None:
        """Topic and subject of the events that the service holds back behind this letter; None if it is no event."""
        headers = dict(self.headers)
        if "ce_id" not in headers or "ce_subject" not in headers:
            return None
        return headers.get(f"{OWN}topic", b"?"), headers["ce_subject"]

    @property
    def state(self) -> str:
        """`waits`, or the last action."""
        return self.marks[-1].deed if self.marks else "waits"


class DeadLetterBox:
    """The dead letters of one service. Each call opens its own connections. `user` is recorded in its marks, and each
    letter that is shown, replayed or dropped in the service's audit trail, by ``write``, before that happens.
    """

    def __init__(self, broker: Broker, service: str, contract: Contract, user: str, write: Write) -> None:
        self.topic = dead_letters_of(service)
        self._service, self._broker, self._contract, self._user = service, broker, contract, user
        self._write = write

    def letters(self) -> list[Letter]:
        """Every letter that the broker still keeps, in order of arrival, with its marks.

        Raises `Refused` if the topic does not exist.
        """
        found: dict[Place, Letter] = {}
        marks: list[tuple[Place, Mark]] = []
        with self._reader() as reader:
            for record in self._all(reader):
                at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
                headers = dict(record.headers)
                if MARK not in headers:
                    place = Place(record.partition, record.offset)
                    found[place] = Letter(place, at, record.headers)
                    continue
                deed, of, by = (printable(headers.get(name, b"?")) for name in (MARK, MARK_OF, MARK_BY))
                marks.append((Place.parse(of), Mark(deed, by, at)))
        for place, mark in marks:
            if place in found:  # otherwise the letter has expired on the broker
                found[place].marks.append(mark)
        return sorted(found.values(), key=lambda letter: (letter.at, letter.place))

    def letter(self, place: Place, among: Sequence[Letter] | None = None) -> Letter:
        """The letter at this position, ``among`` these or all; raises `Refused` if there is none."""
        for letter in self.letters() if among is None else among:
            if letter.place == place:
                return letter
        raise Refused(f"there is no letter at {place} of {self.topic}")

    def show(self, letter: Letter) -> tuple[bytes | None, bytes | None]:
        """Key and value of the original message, for a person to read."""
        self._record("dead-letter.shown", letter)
        return self._payload(letter)

    def _record(self, what: str, letter: Letter) -> None:
        self._write(self._service, what, letter.header("ce_subject"), f"{letter.place}, {letter.header('ce_type')}")

    def _payload(self, letter: Letter) -> tuple[bytes | None, bytes | None]:
        with self._reader() as reader:
            reader.seek(TopicPartition(self.topic, letter.place.partition), letter.place.offset)
            until = time.monotonic() + PATIENCE_S
            while time.monotonic() < until:
                for records in reader.poll(timeout_ms=500, max_records=1).values():
                    for record in records:
                        if Place(record.partition, record.offset) == letter.place:
                            return record.key, record.value
        raise KafkaTimeoutError(f"{self.topic} does not give {letter.place}")

    def replay(self, letter: Letter, among: Sequence[Letter] | None = None, *, force: bool = False) -> str:
        """Republishes the original to its partition, then marks the letter; returns the new position.

        The event keeps its id, so every group that has it in its inbox ignores it: only the group that failed handles
        it, once, however often it is replayed. Without `force`, raises `Refused` for a letter that was dropped, that
        would fail again, or that is behind a waiting letter of the same aggregate. ``among`` are the service's letters
        if they have been read already; the mark is added to this letter there, too.
        """
        key, value = self._payload(letter)
        headers = original(letter.headers)
        if not force:
            self._check_order(letter, self.letters() if among is None else among)
            self._check_replayable(letter, value, headers)
        self._record("dead-letter.replayed", letter)
        name, partition = dict(letter.headers)["dlq_topic"].decode(), int(dict(letter.headers)["dlq_partition"])
        with self._writer() as send:
            record = send(name, key=key, value=value, headers=headers, partition=partition)
            self._mark(send, letter, REPLAYED)
        letter.marks.append(Mark(REPLAYED, self._user, datetime.now(UTC)))
        return f"{name}/{partition}/{record.offset}"

    def drop(self, letter: Letter) -> None:
        """Marks a letter as dropped, and publishes a message that makes the service stop holding back events for it."""
        self._record("dead-letter.dropped", letter)
        headers = dict(letter.headers)
        with self._writer() as send:
            if letter.aggregate:
                sent = [(name, headers[name]) for name in ("ce_id", "ce_subject")] + [(DROP, headers["dlq_group"])]
                topic, partition = headers["dlq_topic"].decode(), int(headers["dlq_partition"])
                send(topic, key=headers["ce_subject"], value=None, headers=sent, partition=partition)
            self._mark(send, letter, DROPPED)

    def _check_order(self, letter: Letter, among: Sequence[Letter]) -> None:
        for other in among if letter.aggregate else []:
            same = other.aggregate == letter.aggregate and other.place.partition == letter.place.partition
            if same and other.state == "waits" and other.place.offset < letter.place.offset:
                raise Refused(f"{letter.place} is behind {other.place} of its aggregate: replay or drop that first")

    def _check_replayable(self, letter: Letter, value: bytes | None, headers: Headers) -> None:
        if letter.state == DROPPED:
            raise Refused(f"{letter.place} was dropped by {letter.marks[-1].by}")
        back = f"{letter.place} would come straight back, to every service that listens"
        try:
            envelope = decode(value, headers)
            if not self._contract.known(envelope.name, envelope.version):
                raise Refused(f"{letter.place} would be skipped: nobody knows {printable(envelope.type.encode())}")
            self._contract.load(envelope.name, envelope.payload, envelope.version)
        except Undecodable as error:
            raise Refused(f"{back}: {error.reason}") from error
        except SchemaBroken as error:
            raise Refused(f"{back}: it breaks the schema at {', '.join(error.fields)}") from error

    def _mark(self, send: Callable[..., Any], letter: Letter, deed: str) -> None:
        mark = mark_of(str(letter.place), deed, self._user)
        send(self.topic, value=None, partition=letter.place.partition, **mark)

    @contextmanager
    def _reader(self) -> Iterator[KafkaConsumer]:
        """A consumer of every partition, without a group, so that it commits no offsets."""
        reader = self._broker.consumer(group_id=None, bootstrap_timeout_ms=NOBODY_THERE_MS)
        try:
            partitions = reader.partitions_for_topic(self.topic)
            if not partitions:
                raise Refused(f"there is no topic {self.topic}; the services are {', '.join(LISTENERS)}")
            reader.assign([TopicPartition(self.topic, partition) for partition in sorted(partitions)])
            yield reader
        finally:
            reader.close(autocommit=False, timeout_ms=1000)

    def _all(self, reader: KafkaConsumer) -> Iterator[Any]:
        """The topic's current messages, from the beginning."""
        ends = reader.end_offsets(list(reader.assignment()))
        reader.seek_to_beginning()
        until = time.monotonic() + PATIENCE_S
        while not has_read_to(reader, ends):
            for records in reader.poll(timeout_ms=500).values():
                until = time.monotonic() + PATIENCE_S
                yield from records
            if time.monotonic() > until:
                raise KafkaTimeoutError(f"{self.topic} gives nothing more before its end")

    @contextmanager
    def _writer(self) -> Iterator[Callable[..., Any]]:
        """A function that sends one message and returns once the broker has acknowledged it."""
        producer = self._broker.producer()
        try:
            yield lambda topic, **message: producer.send(topic, **message).get(timeout=PATIENCE_S)
        finally:
            producer.close(timeout=2)


def printable(raw: bytes, most: int = LONGEST) -> str:
    """Untrusted text, made safe for a terminal and cut to ``most`` characters."""
    return dead_letters.printable(raw, most)


def main(
    arguments: Sequence[str], cluster: Broker, contract: Contract = CONTRACT, say: Say = print, *, write: Write
) -> int:
    """Runs the command; returns its exit status: 0, or 1 with a line on standard error for each refused letter.

    ``write`` adds rows to audit trails.
    """
    asked = _parser().parse_args(sorted(arguments, key=lambda word: word.startswith("--")))  # flags may be anywhere
    try:
        return _COMMANDS[asked.command](asked, lambda name: DeadLetterBox(cluster, name, contract, user(), write), say)
    except (Refused, Unwritten) as error:
        print(f"relève: {error}", file=sys.stderr)
    except PyMongoError as error:
        print(f"relève: the audit trail cannot be written: {type(error).__name__}", file=sys.stderr)
    except (KafkaError, OSError) as error:
        name = type(error).__name__
        print(f"relève: Kafka at {cluster.servers} does not answer as it should: {name}", file=sys.stderr)
    return 1


Boxes = Callable[[str], DeadLetterBox]


def _list(asked: argparse.Namespace, box: Boxes, say: Say) -> int:
    for service in [asked.service] if asked.service else LISTENERS:
        every = box(service).letters()
        shown = [letter for letter in every if asked.all or letter.state == "waits"]
        done = "" if asked.all or len(shown) == len(every) else f", {len(every) - len(shown)} done with (--all)"
        say(f"{dead_letters_of(service)}: {sum(letter.state == 'waits' for letter in every)} waiting{done}")
        if shown:
            titles = ("partition", "offset", "when", "type", "subject", "origin", "attempts", "reason")
            rows = [(*titles, *(["state"] if asked.all else [])), *(_row(letter, asked.all) for letter in shown)]
            widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
            for row in rows:
                cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
                say(("  " + "  ".join(cells)).rstrip())
    return 0


def _row(letter: Letter, with_state: bool) -> tuple[str, ...]:
    names = ("dlq_attempts", "dlq_reason")
    state = "; ".join(f"{mark.deed} by {mark.by} {rfc3339(mark.at)}" for mark in letter.marks) or "waits"
    return (
        str(letter.place.partition),
        str(letter.place.offset),
        rfc3339(letter.at),
        letter.header("ce_type"),
        letter.header("ce_subject"),
        letter.origin,
        *(letter.header(name) for name in names),
        *([state] if with_state else []),
    )


def _show(asked: argparse.Namespace, box: Boxes, say: Say) -> int:
    place = asked.places[0]
    letter = box(asked.service).letter(place)
    key, value = box(asked.service).show(letter)
    say(WARNING)
    say(f"letter {place} of {rfc3339(letter.at)}")
    for mark in letter.marks:
        say(f"  {mark.deed} by {mark.by} {rfc3339(mark.at)}")
    say(f"key: {printable(key or b'', 1000)}")
    for name, raw in letter.headers:
        say(f"{printable(name.encode())}: {printable(raw, 1000)}")
    say("")
    try:
        say(json.dumps(json.loads((value or b"").decode()), indent=2, ensure_ascii=True))
    except (ValueError, RecursionError):
        say(repr(value))
    return 0


def _replay(asked: argparse.Namespace, box: Boxes, say: Say) -> int:
    letters = box(asked.service)
    every = letters.letters()
    wanted = [one for one in every if one.state == "waits"] if asked.all else [
        letters.letter(place, every) for place in asked.places
    ]  # fmt: skip
    refused = 0
    for letter in sorted(wanted, key=lambda one: one.place):  # in order within an aggregate
        try:
            say(f"{letter.place} replayed to {letters.replay(letter, every, force=asked.force)}")
        except Refused as error:
            refused += 1
            print(f"relève: {error} (--force replays it all the same)", file=sys.stderr)
    if not wanted:
        say("no letter waits")
    return 1 if refused else 0


def _drop(asked: argparse.Namespace, box: Boxes, say: Say) -> int:
    letters = box(asked.service)
    every = letters.letters()
    for letter in [letters.letter(place, every) for place in asked.places]:  # all must exist before any is dropped
        letters.drop(letter)
        say(f"{letter.place} dropped")
    return 0


_COMMANDS = {"list": _list, "show": _show, "replay": _replay, "drop": _drop}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("deploy.dlq", description="The dead letters of a service.")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, meaning: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=meaning)
        made.add_argument("service", nargs="?" if name == "list" else None)  # type: ignore[arg-type]
        return made

    listing = command("list", "list waiting letters, without payloads")
    listing.add_argument("--all", action="store_true", help="include replayed and dropped letters, with user and time")
    command("show", "show headers and payload of a letter").add_argument("places", nargs=1, type=_place)
    replaying = command("replay", "republish letters once their cause is fixed")
    which = replaying.add_mutually_exclusive_group(required=True)
    which.add_argument("places", nargs="*", type=_place, default=[], metavar="partition:offset")
    which.add_argument("--all", action="store_true", help="all waiting letters")
    replaying.add_argument("--force", action="store_true", help="even letters that would fail again or were dropped")
    command("drop", "mark letters as dropped").add_argument("places", nargs="+", type=_place)
    return parser


def _place(text: str) -> Place:
    try:
        return Place.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    try:
        known = known_settings(environment(os.environ))
        cluster = broker(known)
    except BadSetting:
        sys.exit("relève: RELEVE_KAFKA is not set, and `make run` runs nothing here")
    sys.exit(main(sys.argv[1:], cluster, write=writer(known)))
