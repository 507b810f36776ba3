"""Order and redelivery: each aggregate's events reach topic and handlers in sequence, whichever process dies."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from chassis.broker import Broker
from chassis.broker.clients import BrokerError, Clients, Place, Producer, SteadyProducer
from chassis.consumer import Consumer
from chassis.events import Event
from chassis.inbox import Handler
from chassis.lease import Lease
from chassis.mongo import Document
from chassis.relay import Relay
from chassis.unit import Unit, UnitOfWork
from tests.kit.lamps import Lamps, length, published, sequences, switch
from tests.kit.threads import running
from tests.kit.waiting import until

LAMPS = "abcde"
SHORT = timedelta(seconds=1)


class Lost:
    """The future of a message that was lost."""

    def get(self, timeout: float) -> Place:
        raise BrokerError("lost")


class FailingOnce(Broker):
    """A broker whose producer loses one message and accepts all later ones."""

    def lose(self, lamp: str, sequence: int) -> "FailingOnce":
        object.__setattr__(self, "_lost", (lamp.encode(), str(sequence).encode()))
        return self

    def clients(self) -> Clients:
        clients = super().clients()
        steady_producer = clients.steady_producer

        def losing_producer(topics: Iterable[str]) -> SteadyProducer:
            producer, lost = steady_producer(topics), self._lost  # type: ignore[attr-defined]
            object.__setattr__(self, "_lost", None)
            send = producer.send

            def losing(topic: str, **message: Any) -> Any:
                if (message["key"], dict(message["headers"])["ce_sequence"]) != lost:
                    return send(topic, **message)
                return Lost()

            producer.send = losing  # type: ignore[method-assign]
            return producer

        clients.steady_producer = losing_producer  # type: ignore[method-assign]
        return clients


def noting() -> tuple[dict[str, list[int]], Handler]:
    """Returns a handler and what it has seen: the sequences of each subject whose effect has been committed."""
    seen: dict[str, list[int]] = defaultdict(list)

    def handler(event: Event, unit: Unit, _config: Any) -> None:
        row = {"_id": f"{event.subject}:{event.sequence}", "at": time.monotonic_ns()}
        unit.collection("seen").insert_one(row)
        seen[event.subject].append(event.sequence)

    return seen, handler


def test_failed_send_within_a_batch_stops_later_events_of_its_subject(
    work: UnitOfWork, lamps: Lamps, kafka: str, broker: Broker
) -> None:
    for lamp in LAMPS:
        switch(work, lamp, *[True] * 6)
    stop = threading.Event()
    broker = FailingOnce(kafka, client=broker.client).lose("c", 3)
    with running(Relay(work.database, broker, [lamps.name], stop, timedelta(seconds=6)).run, stop=stop):
        until(published(work))
    assert sequences(kafka, lamps) == {lamp: [1, 2, 3, 4, 5, 6] for lamp in LAMPS}


def test_two_relays_contending_for_the_lease_publish_in_order(
    work: UnitOfWork, lamps: Lamps, kafka: str, broker: Broker
) -> None:
    stop = threading.Event()
    relays = [Relay(work.database, broker, [lamps.name], stop, SHORT) for _ in range(2)]
    with running(*(relay.run for relay in relays), stop=stop):
        for turn in range(8):
            for lamp in LAMPS:
                switch(work, lamp, True, False)
            if turn % 3 == 2:  # the leader loses the lease to the other relay, or to itself
                work.database.leases.update_one({"_id": "relay"}, {"$set": {"holder": "nobody"}})
        until(published(work))
    assert sequences(kafka, lamps) == {lamp: list(range(1, 17)) for lamp in LAMPS}


def test_returning_old_leader_changes_no_order(work: UnitOfWork, lamps: Lamps, kafka: str, broker: Broker) -> None:
    """It reads its rows, is paused until a new leader has published them, then sends its own batch."""
    asleep, awake = threading.Event(), threading.Event()
    stop = threading.Event()
    old = Relay(work.database, broker, [lamps.name], stop, SHORT)
    send = old._send

    def slowly(producer: Producer, rows: list[Document]) -> None:
        asleep.set()
        assert awake.wait(60)
        send(producer, rows)

    old._send = slowly  # type: ignore[method-assign]
    for lamp in LAMPS:
        switch(work, lamp, True, False)
    new_stop = threading.Event()
    with running(old.run, stop=stop):
        assert asleep.wait(60)
        new = Relay(work.database, broker, [lamps.name], new_stop, timedelta(seconds=10))
        with running(new.run, stop=new_stop):
            until(published(work))
            for lamp in LAMPS:
                switch(work, lamp, True)
            until(published(work))
            awake.set()
            until(lambda: length(kafka, lamps.name) == 20)  # fifteen, and the five of the old leader's batch
            assert Lease(work.database, "relay", SHORT).hold() is False
        until(published(work))
    seen, handler = noting()
    consuming = threading.Event()
    consumer = Consumer(broker, work, lamps, lamps.group, {"lamp.switched": handler}, None, consuming)
    with running(consumer.run, stop=consuming):
        until(lambda: work.database.seen.count_documents({}) == 15)
    assert seen == {lamp: [1, 2, 3] for lamp in LAMPS}


def test_rebalances_within_a_batch_reorder_and_duplicate_nothing(
    work: UnitOfWork, lamps: Lamps, broker: Broker
) -> None:
    stop = threading.Event()
    done = 20
    for _ in range(done // 2):
        for lamp in LAMPS * 2:
            switch(work, lamp, True)
    _, handler = noting()

    def slow(event: Event, unit: Unit, config: Any) -> None:
        stop.wait(0.005)  # so that members join and leave while batches are in flight
        handler(event, unit, config)

    def member(until_set: threading.Event) -> Callable[[], None]:
        return Consumer(broker, work, lamps, lamps.group, {"lamp.switched": slow}, None, until_set).run

    relay = Relay(work.database, broker, [lamps.name], stop, timedelta(seconds=6))
    with running(relay.run, member(stop), stop=stop):
        for joining in range(3):
            leave = threading.Event()
            with running(member(leave), stop=leave):
                want = (joining + 1) * 25
                until(lambda want=want: work.database.seen.count_documents({}) >= want)  # type: ignore[misc]
        until(lambda: work.database.seen.count_documents({}) == 5 * done)
    assert work.database.inbox.count_documents({}) == 5 * done
    rows = sorted(work.database.seen.find(), key=lambda row: row["at"])
    for lamp in LAMPS:
        order = [int(row["_id"].partition(":")[2]) for row in rows if row["_id"].startswith(lamp)]
        assert order == list(range(1, done + 1))
