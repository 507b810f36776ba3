"""Prints a story as a timeline: each step when it is done, and the events that it caused."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kafka import TopicPartition

from chassis.broker import Broker
from chassis.events import Envelope, Undecodable, decode
from contracts.topics import EVENT_TOPICS

PATIENCE_S = 40.0


class Watcher:
    """Collects the events of every topic, from its creation on."""

    def __init__(self, kafka: str | Broker) -> None:
        broker = kafka if isinstance(kafka, Broker) else Broker(kafka)
        self._consumer = broker.consumer(group_id=None)
        partitions = [TopicPartition(t, p) for t in EVENT_TOPICS for p in self._consumer.partitions_for_topic(t) or ()]
        self._consumer.assign(partitions)
        ends = self._consumer.end_offsets(partitions)
        for partition in partitions:
            self._consumer.seek(partition, ends[partition])
        self._seen: list[Envelope] = []
        self._arrived = threading.Condition()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, name="watcher", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while not self._stop.is_set():
            for records in self._consumer.poll(timeout_ms=200).values():
                for record in records:
                    try:
                        envelope = decode(record.value, record.headers)
                    except Undecodable:
                        continue
                    with self._arrived:
                        self._seen.append(envelope)
                        self._arrived.notify_all()
        self._consumer.close(autocommit=False, timeout_ms=1000)

    def of(self, subject: str) -> list[Envelope]:
        """The events of one subject so far."""
        with self._arrived:
            return [event for event in self._seen if event.subject == subject]

    def wait_for(self, subject: str, names: list[str], patience: float = PATIENCE_S) -> bool:
        """Waits until the subject has these events, each as often as listed; returns False after ``patience`` s."""
        wanted = Counter(names)

        def complete() -> bool:
            return not wanted - Counter(event.name for event in self._seen if event.subject == subject)

        with self._arrived:
            return self._arrived.wait_for(complete, timeout=patience)

    def close(self) -> None:
        """Stops reading."""
        self._stop.set()
        self._thread.join(5)


class Timeline:
    """Prints the steps of a story. ``held`` tells whether every step has succeeded so far."""

    def __init__(self, watcher: Watcher, out: Callable[[str], None]) -> None:
        self._watcher = watcher
        self._out = out
        self._began = time.monotonic()
        self._shown: set[str] = set()
        self._expected: list[str] = []
        self.subject = ""
        self.held = True

    @contextmanager
    def step(self, text: str, *events: str) -> Iterator[list[str]]:
        """Runs one step and waits for the ``events`` that it must cause.

        Lines added to the yielded list are shown below the step. A step that fails is shown with its reason and ends
        the story: raises `StoryBroken`.
        """
        lines: list[str] = []
        try:
            yield lines
            self._expected += events
            if events and not self._watcher.wait_for(self.subject, self._expected):
                raise AssertionError(f"some of these events did not arrive: {', '.join(events)}")
        except Exception as error:
            self.held = False
            self._line("✗", text)
            self._out(f"            {type(error).__name__}: {error}")
            raise StoryBroken(text) from error
        self._line("✓", text)
        for line in lines:
            self._out(f"            {line}")
        self._show_events()

    def _line(self, mark: str, text: str) -> None:
        self._out(f"  {time.monotonic() - self._began:5.1f} s  {mark} {text}")

    def _show_events(self) -> None:
        fresh = [event for event in self._watcher.of(self.subject) if event.id not in self._shown]
        self._shown |= {event.id for event in fresh}
        for name, count in Counter(event.type for event in fresh).items():
            publisher = next(event.source.rsplit(":", 1)[-1] for event in fresh if event.type == name)
            times = f" ×{count}" if count > 1 else ""
            self._out(f"            ↳ {publisher} published {name}{times}")


class StoryBroken(Exception):
    """A step failed."""
