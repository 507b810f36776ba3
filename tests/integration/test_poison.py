"""Poison: an event that cannot be handled is parked with its followers, is replayed in order, never drains a topic."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, cast
from unittest import mock

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import MemberToRemove
from kafka.errors import KafkaError
from pymongo.errors import NetworkTimeout

from chassis import telemetry
from chassis.broker import CONFLUENT_KAFKA, KAFKA_PYTHON, Broker
from chassis.broker.clients import BrokerError, Member, Record
from chassis.broker.with_kafka_python import KafkaPythonMember
from chassis.broker.with_librdkafka import LibrdkafkaMember
from chassis.consumer import POISON_IN_A_ROW, Consumer, Session
from chassis.dead_letters import DeadLetter, DeadLetters
from chassis.events import Envelope, Event, encode, source_of
from chassis.handling import BATCH, TRIES
from chassis.ids import new_id
from chassis.inbox import Handler, Inbox
from chassis.mongo import database_now
from chassis.unit import Unit, UnitOfWork
from contracts.topics import Topic
from deploy.dlq import DeadLetterBox, Place, Refused
from deploy.kafka.provision import provision
from tests.kit.lamps import Lamps, messages
from tests.kit.threads import running
from tests.kit.waiting import until

ON = b'{"on":true}'
Publish = Callable[..., list[str]]
MEMBERS: dict[str, Any] = {KAFKA_PYTHON: KafkaPythonMember, CONFLUENT_KAFKA: LibrdkafkaMember}


@pytest.fixture
def box(kafka: str, lamps: Lamps) -> DeadLetterBox:
    return DeadLetterBox(Broker(kafka), lamps.group, lamps, "the-operator", lambda *row: None)


@pytest.fixture
def publish(kafka: str, lamps: Lamps, work: UnitOfWork) -> Iterator[Publish]:
    """Sends events of one aggregate like a relay, in partition 0 unless another is named; returns their ids."""
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all")

    def send(
        subject: str, *sequences: int, value: bytes = ON, partition: int = 0, name: str = "lamp.switched"
    ) -> list[str]:
        ids = []
        for sequence in sequences:
            event_id = new_id()
            now = database_now(work.database)
            _, _, headers = encode(Envelope(event_id, source_of("lamps"), name, 1, subject, sequence, now, {}))
            place = {"headers": headers, "partition": partition}
            producer.send(lamps.name, key=subject.encode(), value=value, **place).get(timeout=10)
            ids.append(event_id)
        return ids

    yield send
    producer.close(timeout=2)


def noting(unit: Unit, event: Event) -> None:
    """The effect: records the sequences of an aggregate in the order handled."""
    unit.collection("seen").update_one({"_id": event.subject}, {"$push": {"sequences": event.sequence}}, upsert=True)


def failing_at(*cursed: tuple[str, int]) -> Handler:
    def handler(event: Event, unit: Unit, _config: Any) -> None:
        noting(unit, event)
        if (event.subject, event.sequence) in cursed:
            raise ValueError("a secret that must not travel")

    return handler


def consuming(broker: Broker, work: UnitOfWork, lamps: Lamps, handler: Handler) -> AbstractContextManager[None]:
    stop = threading.Event()
    consumer = Consumer(broker, work, lamps, lamps.group, {"lamp.switched": handler}, None, stop)
    return running(consumer.run, stop=stop)


def seen(work: UnitOfWork, subject: str) -> list[int]:
    row = work.database.seen.find_one({"_id": subject})
    return list(row["sequences"]) if row else []


def test_followers_of_poison_are_parked_and_a_replay_keeps_the_order(
    work: UnitOfWork, lamps: Lamps, box: DeadLetterBox, publish: Publish, broker: Broker
) -> None:
    publish("cursed", 1, 2, 3)
    publish("sound", 1)
    with consuming(broker, work, lamps, failing_at(("cursed", 2))):
        until(lambda: seen(work, "sound") == [1])
        publish("cursed", 4)
        until(lambda: len(box.letters()) == 3)
    letters = box.letters()
    first_id = dict(letters[0].headers)["ce_id"].decode()
    assert [(letter.header("ce_sequence"), letter.header("dlq_attempts")) for letter in letters] == [
        ("2", str(TRIES)),
        ("3", "0"),
        ("4", "0"),
    ]
    assert {letter.header("dlq_reason") for letter in letters[1:]} == {f"follows {first_id}"}
    assert seen(work, "cursed") == [1]
    with pytest.raises(Refused, match="replay or drop that first"):
        box.replay(letters[1])
    with consuming(broker, work, lamps, failing_at()):
        for letter in letters:
            box.replay(letter)
        publish("cursed", 5)
        until(lambda: seen(work, "cursed") == [1, 2, 3, 4, 5])
        for letter in letters:
            box.replay(letter)  # replaying twice has one effect
        publish("cursed", 6)
        until(lambda: seen(work, "cursed") == [1, 2, 3, 4, 5, 6])
    assert work.database.held.count_documents({}) == 0


def test_failed_replay_keeps_its_followers_parked_behind_it(
    work: UnitOfWork, lamps: Lamps, box: DeadLetterBox, publish: Publish, broker: Broker
) -> None:
    publish("cursed", 1, 2)
    with consuming(broker, work, lamps, failing_at(("cursed", 1))):
        until(lambda: len(box.letters()) == 2)
        for letter in box.letters():
            box.replay(letter)
        until(lambda: len(box.letters()) == 4)
    assert [letter.header("ce_sequence") for letter in box.letters() if letter.state == "waits"] == ["1", "2"]
    assert seen(work, "cursed") == []


def test_dropped_letter_releases_its_followers(
    work: UnitOfWork, lamps: Lamps, box: DeadLetterBox, publish: Publish, broker: Broker
) -> None:
    publish("cursed", 1, 2)
    publish("cursed", 3, value=b"\xff")
    publish("cursed", 4)
    with consuming(broker, work, lamps, failing_at(("cursed", 1))):
        until(lambda: len(box.letters()) == 4)
        for place in (0, 2):
            box.drop(box.letter(Place(0, place)))
        for place in (1, 3):
            box.replay(box.letter(Place(0, place)))
        until(lambda: seen(work, "cursed") == [2, 4])
        publish("cursed", 5)
        until(lambda: seen(work, "cursed") == [2, 4, 5])


def test_full_redelivery_by_the_broker_releases_a_held_aggregate(
    work: UnitOfWork, lamps: Lamps, kafka: str, box: DeadLetterBox, publish: Publish, broker: Broker
) -> None:
    publish("cursed", 1, 2)
    with consuming(broker, work, lamps, failing_at(("cursed", 1))):
        until(lambda: len(box.letters()) == 2)
    told_again = messages(kafka, lamps.name, 2)
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all")
    for record in told_again:
        producer.send(lamps.name, key=record.key, value=record.value, headers=record.headers).get(timeout=10)
    producer.close(timeout=2)
    with consuming(broker, work, lamps, failing_at()):
        until(lambda: seen(work, "cursed") == [1, 2])
    assert work.database.held.count_documents({}) == 0


def test_endless_poison_halts_the_consumer_and_drains_nothing(
    work: UnitOfWork, lamps: Lamps, box: DeadLetterBox, publish: Publish, broker: Broker
) -> None:
    for number in range(POISON_IN_A_ROW + 5):
        publish(f"broken-{number}", 1, value=b"\xff")
    publish("sound", 1)
    with consuming(broker, work, lamps, failing_at()):
        until(lambda: telemetry.HALTED._value.get() == 1)
        assert len(box.letters()) == POISON_IN_A_ROW
        assert seen(work, "sound") == []
    with consuming(broker, work, lamps, failing_at()):  # an operator has looked and restarted it
        until(lambda: seen(work, "sound") == [1])
    assert len(box.letters()) == POISON_IN_A_ROW + 5


def test_unwritable_dead_letters_hold_their_partition_and_skip_nothing(
    work: UnitOfWork, lamps: Lamps, kafka: str, box: DeadLetterBox, publish: Publish, broker: Broker
) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.delete_topics([lamps.dlq])
    until(lambda: lamps.dlq not in admin.list_topics())
    publish("broken", 1, value=b"\xff")
    publish("behind", 1)
    publish("beside", 1, partition=1)
    failed, stop = threading.Event(), threading.Event()
    consumer = Consumer(broker, work, lamps, lamps.group, {"lamp.switched": failing_at()}, None, stop)
    put = consumer._dead_letters.put

    def watched(record: Any, letter: DeadLetter) -> None:
        try:
            put(record, letter)
        except BrokerError:
            failed.set()
            raise

    consumer._dead_letters.put = watched  # type: ignore[method-assign]
    with running(consumer.run, stop=stop):
        assert failed.wait(60)
        until(lambda: seen(work, "beside") == [1])
        # it has read what is behind by now, or would have
        until(lambda: consumer.session and consumer.session._resume_at)
        assert seen(work, "behind") == []
        provision(kafka, [Topic(lamps.dlq, 1)], 1)
        until(lambda: seen(work, "behind") == [1])
    assert len(box.letters()) == 1
    admin.close()


def test_batch_with_poison_is_handled_event_by_event(
    work: UnitOfWork, lamps: Lamps, box: DeadLetterBox, publish: Publish, broker: Broker
) -> None:
    count = BATCH + 10
    for number in range(count):
        publish(f"lamp-{number}", 1)
    with consuming(broker, work, lamps, failing_at(("lamp-7", 1))):
        until(lambda: work.database.seen.count_documents({}) == count - 1)
        until(box.letters)
    assert all(row["sequences"] == [1] for row in work.database.seen.find())
    assert [letter.header("ce_subject") for letter in box.letters()] == ["lamp-7"]
    assert work.database.inbox.count_documents({}) == count - 1


def test_events_of_several_partitions_share_a_transaction_with_skipped_ones(
    work: UnitOfWork, lamps: Lamps, publish: Publish, broker: Broker
) -> None:
    for number in range(12):
        publish(f"lamp-{number}", 1, 2, partition=number % 3)
        publish(f"nobody-knows-{number}", 1, partition=number % 3, name="lamp.broken")
    units: list[int] = []
    apply_all = Inbox.apply_all

    def counted(self: Inbox, events: Sequence[Event]) -> list[bool]:
        units.append(len(events))
        return apply_all(self, events)

    with mock.patch.object(Inbox, "apply_all", counted), consuming(broker, work, lamps, failing_at()):
        until(lambda: work.database.seen.count_documents({"sequences": [1, 2]}) == 12)
    assert max(units) > 8, "one partition has only eight of them"


def test_batch_too_long_for_one_transaction_is_split(
    work: UnitOfWork, lamps: Lamps, box: DeadLetterBox, publish: Publish, broker: Broker
) -> None:
    """A batch that takes too long looks like a database outage, and would be retried forever."""
    for number in range(60):
        publish(f"lamp-{number}", 1)
    apply_all, sizes = Inbox.apply_all, []

    def limited(self: Inbox, events: Sequence[Event]) -> list[bool]:
        sizes.append(len(events))
        if len(events) > 10:
            raise NetworkTimeout("10 s")
        return apply_all(self, events)

    with mock.patch.object(Inbox, "apply_all", limited), consuming(broker, work, lamps, failing_at()):
        until(lambda: work.database.seen.count_documents({}) == 60, 60)
    assert sizes[:3] == [50, 25, 12]
    assert box.letters() == []


def test_readable_message_that_cannot_be_copied_unchanged_is_still_parked(
    lamps: Lamps, box: DeadLetterBox, broker: Broker
) -> None:
    headers = cast("list[tuple[str, bytes]]", [("ce_id", b"1"), ("origin", None)])
    odd = Record(lamps.name, 0, 7, None, None, headers, -1)
    letters = DeadLetters(broker, lamps.group)
    letters.put(odd, DeadLetter(lamps.group, 1, "odd"))
    letters.close()
    (letter,) = box.letters()
    assert (letter.header("origin"), letter.header("dlq_offset")) == ("", "7")


def test_evicted_consumer_forgets_an_uncommitted_offset(
    work: UnitOfWork, lamps: Lamps, kafka: str, publish: Publish, broker: Broker
) -> None:
    """The log may have been replaced when the partition returns, and the offset would skip new events in it."""
    stop, before, after = threading.Event(), [], []
    consumer = Consumer(broker, work, lamps, lamps.group, {"lamp.switched": failing_at()}, None, stop)
    lost = Session.on_partitions_lost

    def watched(session: Session, partitions: Any) -> None:
        before.append(dict(session._uncommitted))
        lost(session, partitions)
        after.append(dict(session._uncommitted))

    publish("lamp", 1)
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    with (
        mock.patch.object(MEMBERS[broker.client], "commit", side_effect=BrokerError("no")),
        mock.patch.object(Session, "on_partitions_lost", watched),
        running(consumer.run, stop=stop),
    ):
        until(lambda: consumer.session and consumer.session._uncommitted)

        def put_out() -> bool:
            members = admin.describe_groups([lamps.group])[lamps.group]["members"]
            admin.remove_group_members(lamps.group, [MemberToRemove(member["member_id"]) for member in members])
            time.sleep(1.5)  # it learns of the eviction at its next heartbeat
            return any(before)

        until(put_out)
    admin.close()
    assert {offset for offsets in before for offset in offsets.values()} == {1}
    assert not any(after)


def committed(kafka: str, lamps: Lamps, partition: int = 0) -> int:
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    try:
        found = admin.list_group_offsets([lamps.group])[lamps.group]
        return sum(place.offset for where, place in found.items() if where.partition == partition)
    except KafkaError:  # this group had no coordinator yet
        return 0
    finally:
        admin.close()


def test_failed_commit_is_retried_though_its_partition_falls_silent(
    work: UnitOfWork, lamps: Lamps, kafka: str, publish: Publish, broker: Broker
) -> None:
    failed: list[Any] = []
    commit = MEMBERS[broker.client].commit

    def failing_once(self: Member, offsets: Any) -> None:
        if not failed:
            failed.append(offsets)
            raise BrokerError("once")
        commit(self, offsets)

    publish("lamp", 1)
    failing = mock.patch.object(MEMBERS[broker.client], "commit", failing_once)
    with failing, consuming(broker, work, lamps, failing_at()):
        until(lambda: committed(kafka, lamps) == 1)
    assert failed


def test_long_batch_is_committed_as_far_as_it_was_handled(
    work: UnitOfWork, lamps: Lamps, kafka: str, box: DeadLetterBox, publish: Publish, broker: Broker
) -> None:
    """Each poisoned message costs its retries; a member that committed only at the end would be evicted first."""
    for number in range(3):
        publish(f"broken-{number}", 1, value=b"\xff")
    publish("sound", 1)
    reached: list[int] = []
    commit = MEMBERS[broker.client].commit

    def noting_it(self: Member, offsets: Any) -> None:
        reached.extend(offsets.values())
        commit(self, offsets)

    with (
        mock.patch("chassis.consumer.POLL_BUDGET_S", 0.05),
        mock.patch.object(MEMBERS[broker.client], "commit", noting_it),
        mock.patch.object(DeadLetters, "put", slowly(DeadLetters.put)),
        consuming(broker, work, lamps, failing_at()),
    ):
        until(lambda: seen(work, "sound") == [1])
        until(lambda: committed(kafka, lamps) == 4)
    assert sorted(set(reached)) == [1, 2, 3, 4], "each message alone exceeds the poll budget"
    assert len(box.letters()) == 3


def slowly(put: Callable[..., None]) -> Callable[..., None]:
    def wait_first(self: DeadLetters, record: Any, letter: DeadLetter) -> None:
        time.sleep(0.1)
        put(self, record, letter)

    return wait_first


def test_events_of_one_transaction_take_effect_together(work: UnitOfWork) -> None:
    now = database_now(work.database)
    events = [Event(new_id(), "lamp.switched", "a", sequence, now, {"on": True}) for sequence in (1, 2, 3)]
    broken = Inbox(work, "g", {"lamp.switched": failing_at(("a", 3))}, None)
    with pytest.raises(ValueError):
        broken.apply_all(events)
    assert (seen(work, "a"), work.database.inbox.count_documents({})) == ([], 0)
    inbox = Inbox(work, "g", {"lamp.switched": failing_at()}, None)
    assert inbox.apply_all([events[0], events[0], events[1]]) == [True, False, True]
    assert inbox.apply_all(events) == [False, False, True]
    assert seen(work, "a") == [1, 2, 3]
