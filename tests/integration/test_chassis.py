"""The chassis on the real engines: what it promises between two services."""

import itertools
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from kafka import KafkaProducer
from prometheus_client import REGISTRY
from pymongo.errors import OperationFailure, PyMongoError

from chassis.broker import Broker
from chassis.consumer import Consumer
from chassis.events import Envelope, Event, SchemaBroken, decode, encode, source_of
from chassis.facts import Refusal
from chassis.handling import TRIES
from chassis.ids import new_id
from chassis.inbox import Handler, Inbox
from chassis.lease import Lease
from chassis.mongo import WRITE_CONFLICT, Documents, database_now, is_outage
from chassis.relay import Relay
from chassis.timers import Deadline, Timers
from chassis.unit import Unit, UnitOfWork
from tests.kit.lamps import Dimmed, Lamps, Switched, length, messages, switch
from tests.kit.threads import running
from tests.kit.waiting import until

FOREIGN = {"event": "lamp.switched", "outcome": "foreign"}


def test_change_and_its_event_are_stored_together_or_not_at_all(work: UnitOfWork) -> None:
    def fails(unit: Unit) -> None:
        unit.put("lamps", {"_id": "a", "version": 0}, [Switched(on=True)])
        raise Refusal("no")

    with pytest.raises(Refusal):
        work.run(fails)
    assert work.database.lamps.count_documents({}) == 0
    assert work.database.outbox.count_documents({}) == 0
    switch(work, "a", True, False)
    assert [row["sequence"] for row in work.database.outbox.find().sort("sequence")] == [1, 2]
    assert [row["version"] for row in work.database.lamps.find()] == [2]


def test_event_that_breaks_its_schema_is_never_published(work: UnitOfWork) -> None:
    with pytest.raises(SchemaBroken):
        work.run(lambda unit: unit.put("lamps", {"_id": "a", "version": 0}, [Switched(on="?")]))
    assert work.database.lamps.count_documents({}) == 0


def test_concurrent_writers_of_one_aggregate_produce_consecutive_sequences(database: Documents, lamps: Lamps) -> None:
    work = UnitOfWork(database, "lamps", lamps, within=120)  # the order matters here, not the time they wait
    switch(work, "a", True)
    threads = [threading.Thread(target=switch, args=(work, "a", True)) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row["sequence"] for row in work.database.outbox.find().sort("sequence")] == list(range(1, 102))


def test_relay_publishes_in_order_and_the_inbox_applies_events_once(
    work: UnitOfWork, lamps: Lamps, kafka: str, broker: Broker
) -> None:
    stop = threading.Event()
    seen: list[tuple[str, int]] = []

    def note(event: Event, unit: Unit, _config: Any) -> None:
        row = {"_id": f"{event.subject}:{event.sequence}", "on": event.data["on"]}
        unit.collection("seen").insert_one(row)
        seen.append((event.subject, event.sequence))

    handlers: dict[str, Handler] = {"lamp.switched": note}
    relay = Relay(work.database, broker, [lamps.name], stop, timedelta(seconds=6))
    consumer = Consumer(broker, work, lamps, lamps.group, handlers, None, stop)
    with running(relay.run, consumer.run, stop=stop):
        for _ in range(5):
            for lamp in "abcde":
                switch(work, lamp, True, False)
        until(lambda: work.database.seen.count_documents({}) == 50)
        until(lambda: work.database.outbox.count_documents({"pending": True}) == 0)
    for lamp in "abcde":
        assert [sequence for subject, sequence in seen if subject == lamp] == list(range(1, 11))
    assert work.database.inbox.count_documents({}) == 50
    # every event is sent to the broker again, as by a relay that died between publishing and marking
    work.database.outbox.update_many({}, {"$set": {"pending": True}})
    again = threading.Event()
    relay = Relay(work.database, broker, [lamps.name], again, timedelta(seconds=6))
    consumer = Consumer(broker, work, lamps, lamps.group, handlers, None, again)
    with running(relay.run, consumer.run, stop=again):
        until(lambda: work.database.outbox.count_documents({"pending": True}) == 0)
        switch(work, "z", True)
        until(lambda: work.database.seen.count_documents({}) == 51)
    assert len(messages(kafka, lamps.name, 101)) == 101
    assert work.database.seen.count_documents({}) == 51


def test_two_versions_of_an_event_are_handled_side_by_side(
    work: UnitOfWork, lamps: Lamps, kafka: str, broker: Broker
) -> None:
    """During a migration the publisher writes both versions; a consumer of only one of them skips the other."""

    def first(event: Event, unit: Unit, _config: Any) -> None:
        unit.collection("seen").insert_one({"_id": event.sequence, "by": 1, "data": dict(event.data)})

    def second(event: Event, unit: Unit, _config: Any) -> None:
        unit.collection("seen").insert_one({"_id": event.sequence, "by": 2, "data": dict(event.data)})

    facts = [Switched(on=True), Dimmed(level=80)]
    work.run(lambda unit: unit.put("lamps", {"_id": "a", "version": 0}, facts))
    stop = threading.Event()
    relay = Relay(work.database, broker, [lamps.name], stop, timedelta(seconds=6))
    both: dict[str, Handler] = {"lamp.switched": first, "lamp.switched.v2": second}
    consumer = Consumer(broker, work, lamps, lamps.group, both, None, stop)
    with running(relay.run, consumer.run, stop=stop):
        until(lambda: work.database.seen.count_documents({}) == 2)
    assert [(row["by"], row["data"]) for row in work.database.seen.find().sort("_id")] == [
        (1, {"on": True}),
        (2, {"level": 80}),
    ]
    kinds = [decode(message.value, message.headers).type for message in messages(kafka, lamps.name, 2)]
    assert kinds == ["releve.lamp.switched.v1", "releve.lamp.switched.v2"]
    work.database.seen.delete_many({})
    old = threading.Event()
    consumer = Consumer(broker, work, lamps, f"{lamps.group}-old", {"lamp.switched": first}, None, old)
    with running(consumer.run, stop=old):
        until(lambda: work.database.inbox.count_documents({"_id": {"$regex": "-old:"}}) == 1)
    assert [row["by"] for row in work.database.seen.find()] == [1]


@pytest.mark.parametrize(
    ("source", "elsewhere"),
    [("urn:releve:service:cameras", False), ("urn:somebody:else", False), ("urn:releve:service:lamps", True)],
)
def test_event_not_from_its_publisher_is_dropped_and_counted(
    work: UnitOfWork, lamps: Lamps, kafka: str, monkeypatch: pytest.MonkeyPatch, source: str,
    elsewhere: bool, broker: Broker,
) -> None:  # fmt: skip
    """An event of another publisher in this topic, or one in a topic that its publisher does not write to."""
    if elsewhere:
        monkeypatch.setattr(lamps, "topics_of", lambda service: {"releve.another.v1"})
    before = REGISTRY.get_sample_value("releve_events_total", FOREIGN) or 0.0
    envelope = Envelope(new_id(), source, "lamp.switched", 1, "a", 1, database_now(work.database), {"on": True})
    key, value, headers = encode(envelope)
    with closing(Broker(kafka).producer()) as producer:
        producer.send(lamps.name, key=key, value=value, headers=headers).get(timeout=10)
    stop, seen = threading.Event(), list[Event]()
    handlers: dict[str, Handler] = {"lamp.switched": lambda event, _unit, _config: seen.append(event)}
    consumer = Consumer(broker, work, lamps, lamps.group, handlers, None, stop)
    with running(consumer.run, stop=stop):
        until(lambda: (REGISTRY.get_sample_value("releve_events_total", FOREIGN) or 0.0) == before + 1)
    assert seen == []
    assert work.database.inbox.count_documents({}) == 0
    assert length(kafka, lamps.dlq) == 0


def test_rows_published_to_a_lost_log_are_published_again(
    work: UnitOfWork, lamps: Lamps, kafka: str, broker: Broker
) -> None:
    switch(work, "a", True)
    stop = threading.Event()
    with running(Relay(work.database, broker, [lamps.name], stop, timedelta(seconds=6)).run, stop=stop):
        until(lambda: work.database.outbox.count_documents({"pending": True}) == 0)
    work.database.outbox.update_many({}, {"$set": {"log": "another-cluster/another-topic"}})
    stop = threading.Event()
    with running(Relay(work.database, broker, [lamps.name], stop, timedelta(seconds=6)).run, stop=stop):
        records = messages(kafka, lamps.name, 2)
    assert len({decode(record.value, record.headers).id for record in records}) == 1


def test_poison_is_dead_lettered_and_its_neighbours_are_handled(
    work: UnitOfWork, lamps: Lamps, kafka: str, broker: Broker
) -> None:
    def handler(event: Event, unit: Unit, _config: Any) -> None:
        if event.subject == "cursed":
            raise ValueError("a secret that must not travel")
        unit.collection("seen").insert_one({"_id": event.subject})

    now = database_now(work.database)

    def event(subject: str, payload: dict[str, Any], version: int = 1) -> tuple[bytes, bytes, Any]:
        return encode(Envelope(new_id(), source_of("lamps"), "lamp.switched", version, subject, 1, now, payload))

    producer = KafkaProducer(bootstrap_servers=kafka, acks="all")
    key, _, headers = event("x", {})
    producer.send(lamps.name, key=b"k", value=b"\xff\xfe", headers=headers)
    producer.send(lamps.name, key=b"k", value=b"{}", headers=[])
    for subject, payload, version in (
        ("broken", {"on": "perhaps"}, 1),
        ("cursed", {"on": True}, 1),
        ("future", {"on": True}, 2),
        ("sound", {"on": True, "colour": "of later versions is ignored"}, 1),
    ):
        key, value, headers = event(subject, payload, version)
        producer.send(lamps.name, key=key, value=value, headers=headers)
    producer.flush()
    producer.close()
    stop = threading.Event()
    consumer = Consumer(broker, work, lamps, lamps.group, {"lamp.switched": handler}, None, stop)
    with running(consumer.run, stop=stop):
        until(lambda: work.database.seen.find_one({"_id": "sound"}))
        letters = [dict(record.headers) for record in messages(kafka, lamps.dlq, 4)]
    reasons = sorted((letter["dlq_reason"].decode(), int(letter["dlq_attempts"])) for letter in letters)
    assert reasons == [
        ("breaks the schema at on", 1),
        ("handler failed: builtins.ValueError", TRIES),
        ("missing header ce_id, ce_sequence, ce_source, ce_subject, ce_time, ce_type", 1),
        ("the value is not JSON", 1),
    ]
    assert work.database.seen.count_documents({}) == 1


def test_handlers_effect_and_its_inbox_row_are_stored_together(work: UnitOfWork) -> None:
    event = Event(new_id(), "lamp.switched", "a", 1, database_now(work.database), {"on": True})

    def half(event: Event, unit: Unit, _config: Any) -> None:
        unit.collection("seen").insert_one({"_id": event.subject})
        raise ValueError

    with pytest.raises(ValueError):
        Inbox(work, "g", {"lamp.switched": half}, None).apply(event)
    assert work.database.inbox.count_documents({}) == work.database.seen.count_documents({}) == 0
    inbox = Inbox(work, "g", {"lamp.switched": lambda *_: None}, None)
    assert (inbox.apply(event), inbox.apply(event)) == (True, False)


def test_lease_has_one_holder_and_its_epoch_rises_with_each_change(database: Documents) -> None:
    first = Lease(database, "relay", timedelta(hours=1))
    second = Lease(database, "relay", timedelta(hours=1))
    assert (first.hold(), second.hold(), first.hold()) == (True, False, True)
    assert first.epoch == 1
    first.release()
    assert (second.hold(), first.hold()) == (True, False)
    assert second.epoch == 2
    short = Lease(database, "short", timedelta(0))
    assert short.hold()
    assert Lease(database, "short", timedelta(0)).hold()


def test_two_timers_fire_a_deadline_once_and_never_early(work: UnitOfWork) -> None:
    due = Deadline("alarms", lambda unit, row_id, _config: ring(unit, row_id))

    def ring(unit: Unit, row_id: str) -> None:
        alarm = unit.find("alarms", {"_id": row_id})
        if alarm and alarm.get("due_at") and alarm["due_at"] <= unit.now:
            rung = {"_id": new_id(), "alarm": row_id, "at": unit.now, "due": alarm["due_at"]}
            unit.collection("rings").insert_one(rung)
            unit.collection("alarms").update_one({"_id": row_id}, {"$unset": {"due_at": ""}})

    work.database.alarms.create_indexes([due.index()])
    now = database_now(work.database)
    alarms = [{"_id": str(n), "due_at": now + timedelta(milliseconds=20 * n)} for n in range(40)]
    work.database.alarms.insert_many([*alarms, {"_id": "never"}, {"_id": "later", "due_at": now + timedelta(hours=1)}])
    stop = threading.Event()
    with running(*(Timers(work, due, None, stop).run for _ in range(2)), stop=stop):
        until(lambda: work.database.rings.count_documents({}) >= 40)
    rings = list(work.database.rings.find())
    assert len(rings) == len({ring["alarm"] for ring in rings}) == 40
    assert all(ring["at"] >= ring["due"] for ring in rings)
    plan = work.database.alarms.find({"due_at": {"$lte": now}}).sort("due_at").explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


def test_failing_deadline_does_not_delay_the_others(work: UnitOfWork) -> None:
    def ring(unit: Unit, row_id: str, _config: Any) -> None:
        if row_id == "bad":
            raise ValueError
        unit.collection("alarms").delete_one({"_id": row_id})

    past = database_now(work.database) - timedelta(seconds=1)
    work.database.alarms.insert_many([{"_id": name, "due_at": past} for name in ("bad", "good", "fine")])
    stop = threading.Event()
    with running(Timers(work, Deadline("alarms", ring), None, stop).run, stop=stop):
        until(lambda: work.database.alarms.count_documents({}) == 1)
    assert [row["_id"] for row in work.database.alarms.find()] == ["bad"]


def test_unit_of_work_without_a_replica_set_raises_and_stores_nothing(work: UnitOfWork) -> None:
    def fails(unit: Unit) -> None:
        unit.collection("lamps").update_one({"_id": 1}, {"$bogus": 1})

    with pytest.raises(OperationFailure):
        work.run(fails)


def test_after_commit_action_runs_once_for_a_retried_transaction(work: UnitOfWork) -> None:
    tries, counted = itertools.count(), list[int]()

    def count(unit: Unit) -> None:
        this = next(tries)
        unit.collection("lamps").insert_one({"_id": this})
        unit.after_commit(lambda: counted.append(work.database.lamps.count_documents({"_id": this})))
        if this == 0:
            raise OperationFailure("met another", WRITE_CONFLICT, {"errorLabels": ["TransientTransactionError"]})

    work.run(count)
    assert next(tries) == 2
    assert counted == [1]


def test_after_commit_action_does_not_run_after_an_abort(work: UnitOfWork) -> None:
    counted = list[str]()

    def fails(unit: Unit) -> None:
        unit.after_commit(lambda: counted.append("a"))
        raise ValueError

    with pytest.raises(ValueError):
        work.run(fails)
    assert counted == []


def test_blocked_unit_of_work_fails_as_in_an_outage(work: UnitOfWork, lamps: Lamps) -> None:
    switch(work, "a", True)
    hurried = UnitOfWork(work.database, "lamps", lamps, within=1)
    with work.database.client.start_session() as other, other.start_transaction():
        work.database.lamps.update_one({"_id": "a"}, {"$set": {"kept": True}}, session=other)
        with pytest.raises(PyMongoError) as gave_up:
            switch(hurried, "a", False)
        assert is_outage(gave_up.value)
    switch(work, "a", False)
    assert [row["version"] for row in work.database.lamps.find({"_id": "a"})] == [2]


def test_closed_connection_leaves_no_thread_to_a_fork(mongo_uri: str) -> None:
    """A thread that forks in the middle of a lookup would leave its lock held in the child."""
    program = (
        "import sys, threading; from chassis.mongo import close_before_fork, connect\n"
        "database = connect(sys.argv[1], 'test_fork', app='test'); database.client.admin.command('ping')\n"
        "before = threading.active_count(); close_before_fork(database); print(before > 1, threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", program, mongo_uri], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "1"]
