"""Operators' commands for dead letters on the real broker: list, show, replay after a fix, drop."""

import json
import re
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition

from chassis import audit
from chassis.broker import Broker
from chassis.broker.clients import Record
from chassis.consumer import Consumer
from chassis.dead_letters import DeadLetter, DeadLetters
from chassis.events import Envelope, Event, encode, source_of
from chassis.ids import new_id
from chassis.inbox import Handler
from chassis.mongo import Documents
from chassis.places import TRAIL, rows_of
from chassis.unit import Unit, UnitOfWork
from contracts.topics import SERVICES, TOPICS
from deploy.dlq import WARNING, DeadLetterBox, Place, Refused, main
from deploy.kafka.provision import provision
from deploy.local.ports import free_port
from deploy.local.running import known_settings
from deploy.trail import Unwritten, Write, user, writer
from tests.kit.databases import drop
from tests.kit.lamps import Lamps, messages
from tests.kit.threads import running
from tests.kit.waiting import until

ME = "the-operator"
SECRET = "a secret of somebody"


def received(
    topic: str,
    value: bytes | None = b'{"on":true}',
    key: bytes | None = b"lamp-1",
    headers: Sequence[tuple[str, bytes]] = (),
) -> Record:
    """A message as the consumer received it."""
    return Record(topic, 2, 41, key, value, headers, -1)


@pytest.fixture
def lamps(kafka: str) -> Lamps:
    lamps = Lamps(kafka)
    while lamps.group.startswith("-"):  # no service name looks like an option
        lamps = Lamps(kafka)
    return lamps


@pytest.fixture
def box(kafka: str, lamps: Lamps) -> DeadLetterBox:
    return DeadLetterBox(Broker(kafka), lamps.group, lamps, ME, unheard)


def event(subject: str = "lamp-1", version: int = 1, trace: str | None = None) -> list[tuple[str, bytes]]:
    """The headers of an event."""
    now = datetime.now(UTC)
    return encode(Envelope(new_id(), source_of("lamps"), "lamp.switched", version, subject, 1, now, {}, trace))[2]


def bury(kafka: str, lamps: Lamps, *originals: Record, reason: str = "handler failed: builtins.ValueError") -> None:
    letters = DeadLetters(Broker(kafka), lamps.group)
    for original in originals:
        letters.put(original, DeadLetter(lamps.group, 5, reason))
    letters.close()


def unheard(*_row: str) -> None:
    """An audit trail that keeps nothing."""


def command(kafka: str, lamps: Lamps, *arguments: str, write: Write = unheard) -> tuple[int, str]:
    said: list[str] = []
    return main(arguments, Broker(kafka), lamps, said.append, write=write), "\n".join(said)


def test_fixed_handler_takes_a_letter_once_though_it_is_replayed_twice(
    database: Documents, kafka: str, lamps: Lamps, box: DeadLetterBox, broker: Broker
) -> None:
    work = UnitOfWork(database, "lamps", lamps)

    def fail(event: Event, unit: Unit, _config: Any) -> None:
        if event.subject == "cursed":
            raise ValueError(SECRET)

    def count(name: str) -> Handler:
        def note(event: Event, unit: Unit, _config: Any) -> None:
            row = {"_id": new_id(), "group": name, "subject": event.subject, "event": event.id}
            unit.collection("seen").insert_one(row)

        return note

    def consuming(group: str, handler: Handler) -> AbstractContextManager[None]:
        stop = threading.Event()
        consumer = Consumer(broker, work, lamps, group, {"lamp.switched": handler}, None, stop)
        return running(consumer.run, stop=stop)

    def publish(subject: str) -> None:
        producer = KafkaProducer(bootstrap_servers=kafka, acks="all")
        producer.send(lamps.name, key=b"one-partition", value=b'{"on":true}', headers=event(subject)).get(timeout=10)
        producer.close()

    def seen(group: str, subject: str) -> int:
        return database.seen.count_documents({"group": group, "subject": subject})

    neighbour = f"neighbour-{lamps.group}"
    with consuming(neighbour, count("neighbour")):
        with consuming(lamps.group, fail):
            publish("cursed")
            until(box.letters)
        with consuming(lamps.group, count("mended")):
            publish("before")
            until(lambda: seen("mended", "before") and seen("neighbour", "before"))
            assert (seen("mended", "cursed"), seen("neighbour", "cursed")) == (0, 1)
            box.replay(box.letter(Place(0, 0)))
            until(lambda: seen("mended", "cursed"))
            box.replay(box.letter(Place(0, 0)))
            publish("after")  # in the same partition: behind both replays
            until(lambda: seen("mended", "after") and seen("neighbour", "after"))
    assert (seen("mended", "cursed"), seen("neighbour", "cursed")) == (1, 1)
    (kept,) = box.letters()
    assert [(mark.deed, mark.by) for mark in kept.marks] == [("replayed", ME)] * 2


def test_replayed_letter_is_unchanged_and_in_its_original_partition(
    kafka: str, lamps: Lamps, box: DeadLetterBox
) -> None:
    headers = event(trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    bury(kafka, lamps, received(lamps.name, headers=headers), received(lamps.name, headers=headers, key=None))
    for letter in box.letters():
        place = box.replay(letter)
        assert re.fullmatch(rf"{re.escape(lamps.name)}/2/\d+", place)
    back = messages(kafka, lamps.name, 2)
    assert [(record.partition, record.key, record.value) for record in back] == [
        (2, b"lamp-1", b'{"on":true}'),
        (2, None, b'{"on":true}'),
    ]
    assert [record.headers for record in back] == [headers, headers]


def test_list_shows_what_an_operator_needs_and_nothing_of_the_payload(
    kafka: str, lamps: Lamps, box: DeadLetterBox
) -> None:
    secret = json.dumps({"on": True, "note": SECRET}).encode()
    bury(kafka, lamps, received(lamps.name, secret, headers=event("lamp-7")))
    (letter,) = box.letters()
    status, said = command(kafka, lamps, "list", lamps.group)
    assert status == 0
    first, titles, row = said.splitlines()
    assert first == f"{lamps.dlq}: 1 waiting"
    assert titles.split() == ["partition", "offset", "when", "type", "subject", "origin", "attempts", "reason"]
    when = letter.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert re.split(r"\s{2,}", row.strip()) == [
        "0", "0", when, "releve.lamp.switched.v1", "lamp-7", f"{lamps.name}/2/41", "5",
        "handler failed: builtins.ValueError",
    ]  # fmt: skip
    assert SECRET not in said


def test_payload_and_deeds_are_in_the_audit_trail_before_they_happen(
    kafka: str, lamps: Lamps, capsys: pytest.CaptureFixture[str]
) -> None:
    bury(kafka, lamps, *[received(lamps.name, headers=event(f"lamp-{number}")) for number in range(2)])

    def away(*_row: str) -> None:
        raise Unwritten("the audit trail cannot be written")

    for action in ("show", "replay", "drop"):
        status, said = command(kafka, lamps, action, lamps.group, "0:0", write=away)
        assert (status, said) == (1, ""), "nothing without a row"
        assert capsys.readouterr().err == "relève: the audit trail cannot be written\n"
    assert messages(kafka, lamps.name, 0) == []
    rows: list[tuple[str, ...]] = []
    command(kafka, lamps, "list", lamps.group, write=lambda *row: rows.append(row))
    for action, place in (("show", "0:0"), ("replay", "0:0"), ("drop", "0:1"), ("replay", "0:1")):
        command(kafka, lamps, action, lamps.group, place, write=lambda *row: rows.append(row))
    kind = "releve.lamp.switched.v1"
    assert rows == [
        (lamps.group, "dead-letter.shown", "lamp-0", f"0:0, {kind}"),
        (lamps.group, "dead-letter.replayed", "lamp-0", f"0:0, {kind}"),
        (lamps.group, "dead-letter.dropped", "lamp-1", f"0:1, {kind}"),
    ], "a list shows no payload, and a refused replay is no deed"


def test_row_of_a_terminal_says_who_ran_the_command(mongo_uri: str, database: Documents, tmp_path: Path) -> None:
    (tmp_path / "quotes_mongo").write_text(f"{mongo_uri}\n")
    settings = {"RELEVE_DB_PREFIX": f"{database.name}_", "RELEVE_MONGO_PASSWORDS": str(tmp_path)}
    quotes = database.client.get_database(f"{database.name}_quotes", database.codec_options)
    with pytest.raises(Unwritten, match="RELEVE_DB_PREFIX"):
        writer(settings)("quotes", "dead-letter.shown", "project-1", "0:12")
    quotes.create_collection("rounds")
    writer(settings)("quotes", "dead-letter.shown", "project-1", "0:12")
    (row,) = rows_of(quotes, TRAIL).find()
    drop(quotes)
    assert (row["who"], row["what"], row["whom"]) == (audit.PLACE, "dead-letter.shown", "project-1")
    assert row["reason"] == f"0:12 (by {user()})"
    with pytest.raises(Unwritten):
        writer(settings)("projects", "dead-letter.shown", "", "")
    with pytest.raises(Unwritten):
        writer({})("quotes", "dead-letter.shown", "", "")


def test_foreign_records_move_no_cursor_and_cannot_garble_the_screen(kafka: str, lamps: Lamps) -> None:
    wild = [("ce_type", b"\x1b[2Jgone\r\n"), ("ce_subject", b"\xff" + b"x" * 10_000)]
    bury(kafka, lamps, received(lamps.name, b"\x1b[2J\xff", b"\x1b[1A", wild), reason="missing header ce_id")
    for arguments in (("list", lamps.group), ("show", lamps.group, "0:0")):
        status, said = command(kafka, lamps, *arguments)
        assert status == 0
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", said)
        assert max(map(len, said.splitlines())) < 1_100


def test_letter_is_shown_whole_with_a_warning(kafka: str, lamps: Lamps) -> None:
    bury(kafka, lamps, received(lamps.name, b'{"on":"\\u00e9"}', headers=event("lamp-7")), received(lamps.name, None))
    status, said = command(kafka, lamps, "show", lamps.group, "0:0")
    assert status == 0
    assert said.startswith(WARNING)
    assert "key: lamp-1\n" in said
    assert "ce_subject: lamp-7\n" in said
    assert "dlq_reason: handler failed: builtins.ValueError\n" in said
    assert said.endswith('{\n  "on": "\\u00e9"\n}')
    assert command(kafka, lamps, "show", lamps.group, "0:1")[1].endswith("\nNone")


def test_dropped_letter_is_hidden_and_records_who_dropped_it_and_when(
    kafka: str, lamps: Lamps, capsys: pytest.CaptureFixture[str]
) -> None:
    bury(kafka, lamps, *[received(lamps.name, headers=event(f"lamp-{number}")) for number in range(3)])
    assert command(kafka, lamps, "drop", lamps.group, "0:0", "0:2") == (0, "0:0 dropped\n0:2 dropped")
    said = command(kafka, lamps, "list", lamps.group)[1]
    assert said.startswith(f"{lamps.dlq}: 1 waiting, 2 done with (--all)\n")
    assert re.findall(r"lamp-\d", said) == ["lamp-1"]
    every = command(kafka, lamps, "list", lamps.group, "--all")[1]
    assert re.findall(r"lamp-\d.*(waits|dropped by \S+ \d{4}-\d\d-\d\dT[\d:.]+Z)$", every, re.MULTILINE)[1] == "waits"
    assert len(re.findall(r"dropped by \S+ 20", every)) == 2
    assert command(kafka, lamps, "replay", lamps.group, "0:0")[0] == 1
    assert "0:0 was dropped by" in capsys.readouterr().err
    assert command(kafka, lamps, "replay", lamps.group, "--force", "0:0")[0] == 0


@pytest.mark.parametrize(
    ("value", "headers", "why"),
    [
        (b"\xff\xfe", event(), "0:0 would come straight back, to every service that listens: the value is not JSON"),
        (b"{}", [], "would come straight back, to every service that listens: missing header ce_id"),
        (b'{"on":"perhaps"}', event(), "would come straight back, to every service that listens: it breaks the schema"),
        (b'{"on":true}', event(version=3), "would be skipped: nobody knows releve.lamp.switched.v3"),
    ],
)
def test_unreadable_letter_is_replayed_only_with_force(
    kafka: str, lamps: Lamps, box: DeadLetterBox, value: bytes, headers: Any, why: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    bury(kafka, lamps, received(lamps.name, value, headers=headers))
    with pytest.raises(Refused, match=re.escape(why)):
        box.replay(box.letter(Place(0, 0)))
    assert box.letters()[0].state == "waits"
    assert command(kafka, lamps, "replay", lamps.group, "0:0") == (1, "")
    assert "(--force replays it all the same)" in capsys.readouterr().err
    assert command(kafka, lamps, "replay", lamps.group, "0:0", "--force")[0] == 0
    assert messages(kafka, lamps.name, 1)[0].value == value  # the refusals published nothing
    assert box.letters()[0].state == "replayed"


def test_letter_forced_back_without_a_fix_becomes_a_new_letter(
    database: Documents, kafka: str, lamps: Lamps, box: DeadLetterBox, broker: Broker
) -> None:
    work, stop = UnitOfWork(database, "lamps", lamps), threading.Event()
    bury(kafka, lamps, received(lamps.name, b"{", headers=event()))
    handlers: dict[str, Handler] = {"lamp.switched": lambda *_: None}
    with running(Consumer(broker, work, lamps, lamps.group, handlers, None, stop).run, stop=stop):
        place = box.replay(box.letter(Place(0, 0)), force=True)
        until(lambda: len(box.letters()) == 2)
    first, second = box.letters()
    assert (first.state, second.state) == ("replayed", "waits")
    assert second.origin == place
    assert len([name for name, _ in second.headers if name == "dlq_topic"]) == 1


def test_replaying_all_letters_skips_those_that_are_refused(
    kafka: str, lamps: Lamps, box: DeadLetterBox, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = [received(lamps.name, headers=event(f"lamp-{number}")) for number in range(3)]
    bury(kafka, lamps, sound[0], received(lamps.name, b"?", headers=event("lamp-9")), *sound[1:])
    box.drop(box.letter(Place(0, 3)))
    status, said = command(kafka, lamps, "replay", lamps.group, "--all")
    assert (status, re.findall(r"^(\d:\d) replayed", said, re.MULTILINE)) == (1, ["0:0", "0:2"])
    assert capsys.readouterr().err.count("relève: 0:1 would come straight back") == 1
    assert [letter.state for letter in box.letters()] == ["replayed", "waits", "replayed", "dropped"]
    box.drop(box.letter(Place(0, 1)))
    assert command(kafka, lamps, "replay", lamps.group, "--all") == (0, "no letter waits")
    values = [record.value for record in messages(kafka, lamps.name, 4)]
    assert values == [None, b'{"on":true}', b'{"on":true}', None]  # None: markers of the dropped letters


def test_mark_that_outlives_its_letter_does_no_harm(kafka: str, lamps: Lamps, box: DeadLetterBox) -> None:
    bury(kafka, lamps, received(lamps.name, headers=event()), received(lamps.name, headers=event()))
    box.drop(box.letter(Place(0, 0)))
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.delete_records({TopicPartition(lamps.dlq, 0): 1})  # as retention will
    admin.close()
    assert [(letter.place, letter.state) for letter in box.letters()] == [(Place(0, 1), "waits")]


@pytest.mark.parametrize("action", ["show", "replay", "drop"])
@pytest.mark.parametrize("place", ["0:1", "0:7", "3:0"])
def test_commands_on_a_missing_letter_change_nothing(
    kafka: str, lamps: Lamps, box: DeadLetterBox, action: str, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bury(kafka, lamps, received(lamps.name, headers=event()))
    box.drop(box.letter(Place(0, 0)))  # its mark is at 0:1
    assert command(kafka, lamps, action, lamps.group, place) == (1, "")
    assert capsys.readouterr().err == f"relève: there is no letter at {place} of {lamps.dlq}\n"
    assert len(box.letters()[0].marks) == 1


@pytest.mark.parametrize(
    "arguments", [["replay", "quotes"], ["show", "quotes", "12"], ["drop", "quotes"], ["list", "a", "b"], []]
)
def test_unknown_command_ends_with_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments, Broker("127.0.0.1:9"), write=unheard)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_unknown_service_and_unreachable_broker_are_reported_in_one_line(
    kafka: str, lamps: Lamps, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(kafka, lamps, "list", "qoutes") == (1, "")
    assert "no topic releve.qoutes.dlq; the services are accounts, projects" in capsys.readouterr().err
    away = f"127.0.0.1:{free_port()}"
    began = time.monotonic()
    assert command(away, lamps, "list", lamps.group) == (1, "")
    assert f"Kafka at {away} does not answer" in capsys.readouterr().err
    assert time.monotonic() - began < 25


def test_without_a_service_every_service_is_listed(kafka: str, lamps: Lamps) -> None:
    provision(kafka, TOPICS)
    status, said = command(kafka, lamps, "list")
    assert status == 0
    assert re.findall(r"^releve\.(\w+)\.dlq: \d+ waiting", said, re.MULTILINE) == list(SERVICES)


def test_engines_come_from_the_environment_or_the_running_system(tmp_path: Path) -> None:
    here = {"RELEVE_DATA": str(tmp_path), "HOME": "/"}
    assert known_settings(here) == {"RELEVE_DATA": str(tmp_path)}
    (tmp_path / "state.json").write_text(json.dumps({"kafka": "k:1", "mongo_uri": "mongodb://m:2", "url": "u"}))
    (tmp_path / "secrets.json").write_text(json.dumps({"RELEVE_BLIND_SECRET": "drawn"}))
    found = {"RELEVE_KAFKA": "k:1", "RELEVE_MONGO_URI": "mongodb://m:2", "RELEVE_BLIND_SECRET": "drawn"}
    assert known_settings(here) == {"RELEVE_DATA": str(tmp_path), **found}
    elsewhere = here | {"RELEVE_KAFKA": "other:9"}
    assert known_settings(elsewhere) == {"RELEVE_DATA": str(tmp_path), "RELEVE_KAFKA": "other:9"}
