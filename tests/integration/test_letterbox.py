"""Dead letters over HTTP on the real engines: rows that follow the topic, replay, drop, and a crash in between."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from kafka import KafkaProducer

from chassis import held, letterbox
from chassis.broker import Broker
from chassis.consumer import Consumer
from chassis.dead_letters import DeadLetters
from chassis.events import Envelope, Event, encode, source_of
from chassis.facts import Refusal
from chassis.http import letters
from chassis.http.auth import Actor
from chassis.ids import new_id
from chassis.letterbox import COLLECTION, NO_HANDLER, NO_ORIGIN, LetterBox
from chassis.mongo import Document, database_now
from chassis.places import TRAIL, rows_of
from chassis.unit import Unit, UnitOfWork
from deploy.dlq import DeadLetterBox, Place
from tests.kit.lamps import Lamps, messages
from tests.kit.threads import running
from tests.kit.waiting import until

SECRET = "a price of 12345"
OPERATOR = Actor("the-operator", "operator", "s")


class House:
    """One service with a handler that fails for cursed subjects, its consumer, its letter box, and the commands."""

    def __init__(self, broker: Broker, work: UnitOfWork, lamps: Lamps) -> None:
        self.broker, self.work, self.lamps = broker, work, lamps
        self.kafka, self.rows = broker.servers, work.database[COLLECTION]
        self.cursed: set[str] = set()
        self.commands = DeadLetterBox(self.broker, lamps.group, lamps, "somebody", lambda *row: None)

    def handle(self, event: Event, unit: Unit, _config: Any) -> None:
        unit.collection("seen").insert_one({"_id": new_id(), "subject": event.subject, "sequence": event.sequence})
        if event.subject in self.cursed:
            raise ValueError(SECRET)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        stop = threading.Event()
        handlers = {"lamp.switched": self.handle}
        consumer = Consumer(self.broker, self.work, self.lamps, self.lamps.group, handlers, None, stop)
        with running(consumer.run, self.box(stop).run, stop=stop):
            yield

    def box(self, stop: threading.Event) -> LetterBox:
        handlers, lease = {"lamp.switched": self.handle}, timedelta(seconds=6)
        return LetterBox(self.broker, self.work, self.lamps, self.lamps.group, handlers, None, stop, lease)

    def publish(self, subject: str, *sequences: int, value: bytes = b'{"on":true}') -> None:
        producer = KafkaProducer(bootstrap_servers=self.kafka, acks="all")
        for sequence in sequences:
            now = database_now(self.work.database)
            sent = Envelope(new_id(), source_of("lamps"), "lamp.switched", 1, subject, sequence, now, {})
            headers = encode(sent)[2]
            producer.send(self.lamps.name, key=subject.encode(), value=value, headers=headers, partition=0).get(10)
        producer.close(timeout=2)

    def seen(self, subject: str) -> list[int]:
        rows = self.work.database.seen.find({"subject": subject}).sort([("sequence", 1)])
        return [row["sequence"] for row in rows]

    def wish(self, place: str, deed: str) -> Document:
        return self.work.run(lambda unit: letters.wish(unit, OPERATOR, place, deed, "Vu."))

    def state(self, place: str) -> str:
        row = self.rows.find_one({"_id": place})
        return str(letters.view(row)["state"]) if row else "none"

    def until_state(self, place: str, state: str) -> Document:
        until(lambda: self.state(place) == state, what=f"{place} {state}")
        return letters.view(self.rows.find_one({"_id": place}) or {})

    def held(self, subject: str) -> list[str]:
        key = held.key(self.lamps.group, self.lamps.name, subject)
        return held.among(self.work.database, [key]).get(key, [])


@pytest.fixture
def house(broker: Broker, work: UnitOfWork, lamps: Lamps) -> House:
    return House(broker, work, lamps)


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        action()
    return caught.value.name


def test_letters_are_replayed_in_order_through_the_handlers_and_marked_for_the_commands(house: House) -> None:
    house.cursed.add("cursed")
    with house.at_work():
        house.publish("cursed", 1, 2)
        row = house.until_state("0:1", "waits")
        assert (row["attempts"], row["reason"][:8], row["origin"]) == (0, "follows ", f"{house.lamps.name}/0/1")
        assert refusal(lambda: house.wish("0:1", "replay")) == "letter-behind"
        assert refusal(lambda: house.wish("0:9", "replay")) == "not-found"
        assert house.wish("0:0", "replay")["state"] == "replaying"
        assert refusal(lambda: house.wish("0:0", "drop")) == "letter-running"
        until(lambda: house.rows.find_one({"_id": "0:0", "tried": {"$exists": True}}), what="a failed replay")
        tried = house.until_state("0:0", "waits")
        assert tried["tried_reason"] == "handler failed: builtins.ValueError"
        house.cursed.clear()
        house.wish("0:0", "replay")
        done = house.until_state("0:0", "replayed")
        assert (done["by"], done["tried_reason"]) == (OPERATOR.id, "")
        house.wish("0:1", "replay")
        house.until_state("0:1", "replayed")
        house.publish("cursed", 3)
        until(lambda: len(house.seen("cursed")) == 3)
        assert refusal(lambda: house.wish("0:0", "replay")) == "letter-done"
        house.commands.replay(house.commands.letter(Place(0, 0)), force=True)
        house.publish("later", 1)
        until(lambda: house.seen("later"))
    assert house.seen("cursed") == [1, 2, 3], "each once, though one was replayed twice"
    assert house.held("cursed") == []
    assert [letter.state for letter in house.commands.letters()] == ["replayed", "replayed"]
    assert [mark.by for mark in house.commands.letters()[1].marks] == [OPERATOR.id]
    trail = [row["what"] for row in rows_of(house.work.database, TRAIL).find({"who": OPERATOR.id})]
    assert trail == ["dead-letter.replayed"] * 3
    stored = str([list(house.rows.find()), list(rows_of(house.work.database, TRAIL).find())])
    assert SECRET not in stored
    assert "true" not in stored, "a row holds a payload"


def test_dropped_letter_frees_its_aggregate_and_is_dropped_for_the_commands(house: House) -> None:
    house.cursed.add("cursed")
    with house.at_work():
        house.publish("cursed", 1)
        house.until_state("0:0", "waits")
        house.cursed.clear()
        house.wish("0:0", "drop")
        house.until_state("0:0", "dropped")
        assert house.held("cursed") == []
        house.publish("cursed", 2)
        until(lambda: house.seen("cursed") == [2])
    assert [letter.state for letter in house.commands.letters()] == ["dropped"]


def test_what_the_commands_did_shows_in_the_rows_and_is_refused_again(house: House) -> None:
    house.cursed.update(("one", "two"))
    with house.at_work():
        house.publish("one", 1)
        house.publish("two", 1)
        house.until_state("0:1", "waits")
        house.cursed.clear()
        house.commands.replay(house.commands.letter(Place(0, 0)))
        house.commands.drop(house.commands.letter(Place(0, 1)))
        house.until_state("0:0", "replayed")
        assert house.until_state("0:1", "dropped")["by"] == "somebody"
        assert refusal(lambda: house.wish("0:1", "replay")) == "letter-done"
        until(lambda: house.seen("one") == [1])
    assert house.seen("two") == []


def test_message_that_no_handler_can_take_stays_with_its_reason(house: House) -> None:
    with house.at_work():
        house.publish("broken", 1, value=b'{"on":"' + SECRET.encode() + b'"}')
        assert house.until_state("0:0", "waits")["reason"] == "breaks the schema at on"
        house.wish("0:0", "replay")
        until(lambda: "tried" in (house.rows.find_one({"_id": "0:0"}) or {}))
        assert house.until_state("0:0", "waits")["tried_reason"] == "breaks the schema at on"
    assert len(messages(house.kafka, house.lamps.dlq, 1)) == 1, "a failed replay writes no second letter"
    assert NO_HANDLER not in str(list(house.rows.find()))


def test_message_that_is_no_letter_harms_nothing(house: House) -> None:
    producer = KafkaProducer(bootstrap_servers=house.kafka, acks="all")
    wild = [("dlq_partition", b"\xff"), ("dlq_offset", b"1e3")]
    for headers in ([], [("dlq_mark", b"replayed"), ("dlq_of", b"x")], wild):
        producer.send(house.lamps.dlq, value=b"{", headers=headers).get(10)
    producer.close(timeout=2)
    with house.at_work():
        house.until_state("0:2", "waits")
        house.wish("0:2", "replay")
        until(lambda: (house.rows.find_one({"_id": "0:2"}) or {}).get("tried", {}).get("reason") == NO_ORIGIN)
        house.wish("0:0", "drop")
        house.until_state("0:0", "dropped")


class Crash(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("deed", ["replay", "drop"])
@pytest.mark.parametrize("place", ["before the mark", "after the mark"])
def test_crash_around_the_mark_loses_no_letter_and_repeats_no_effect(
    house: House, deed: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.cursed.add("cursed")
    with house.at_work():
        house.publish("cursed", 1)
        house.until_state("0:0", "waits")
    house.cursed.clear()
    house.wish("0:0", deed)
    mark = DeadLetters.mark

    def crash(self: DeadLetters, *args: Any) -> None:
        if place == "after the mark":
            mark(self, *args)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(DeadLetters, "mark", crash)
        with pytest.raises(Crash):
            house.box(threading.Event()).run()
    assert house.seen("cursed") == ([1] if deed == "replay" else [])
    assert house.state("0:0") in ("replaying", "dropping"), "the wish outlives the crash"
    house.rows.database.leases.delete_many({"_id": COLLECTION})  # as if it had expired
    with house.at_work():
        house.until_state("0:0", letterbox.STATES[deed])
        assert house.held("cursed") == []
        house.publish("cursed", 2)
        until(lambda: 2 in house.seen("cursed"))
    assert house.seen("cursed") == ([1, 2] if deed == "replay" else [2])
    assert [letter.state for letter in house.commands.letters()] == [letterbox.STATES[deed]]


def test_rows_of_letters_that_have_expired_disappear(house: House) -> None:
    house.cursed.add("cursed")
    house.rows.insert_one({"_id": "0:77", "state": "waits", "at": database_now(house.work.database)})
    with house.at_work():
        house.publish("cursed", 1)
        house.until_state("0:0", "waits")
        until(lambda: house.state("0:77") == "none")


def test_second_worker_leaves_the_letters_to_the_first(house: House) -> None:
    house.cursed.add("cursed")
    with house.at_work():
        house.publish("cursed", 1)
        house.until_state("0:0", "waits")
        with house.at_work():
            house.cursed.clear()
            house.wish("0:0", "replay")
            house.until_state("0:0", "replayed")
    assert house.seen("cursed") == [1]
    assert len(house.commands.letters()[0].marks) == 1
