"""What the chassis needs of a Kafka client, whichever library does the work. Records and errors are our own.

`chassis.broker.with_kafka_python` and `chassis.broker.with_librdkafka` implement it; no other module of a service's
process imports a Kafka library.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

RECONNECT_MS = 1_000
"""Maximum pause between two connection attempts, in milliseconds. The libraries' 10 to 30 s would prolong an outage."""
ANSWER_MS = 10_000
"""Timeout for each answer of a broker, in milliseconds. The libraries would wait longer for a broker that hangs."""
SEND_TIMEOUT_S = 10
"""Timeout of a send in seconds; beyond it the send has failed."""
MAX_RECORDS = 500
"""Maximum number of records of one poll."""
FETCH_BYTES = 8 * 1024 * 1024
"""Maximum size of a fetch in bytes. It keeps memory use the same, however large the backlog is."""
SESSION_TIMEOUT_MS = 6_000
"""Time without a heartbeat, in milliseconds; beyond it the group evicts the member."""
HEARTBEAT_MS = 1_000
MAX_POLL_INTERVAL_MS = 90_000
"""Maximum time between two polls, in milliseconds; beyond it the group evicts the consumer.

It also limits how long an abandoned client (`chassis.watchdog`) keeps its partitions, and how long a request to join
the group waits. It must exceed `chassis.consumer.POLL_BUDGET_S` plus the longest transaction.
"""


SIGN_IN = "SCRAM-SHA-512"


class BrokerError(Exception):
    """A Kafka client failed: no broker answers, one refused the request, or it timed out.

    ``behind`` is the library's own error and ``code`` its number, as far as there are any; both are for logs.
    """

    def __init__(self, text: str, behind: Exception | None = None, code: int | None = None) -> None:
        super().__init__(text)
        self.behind = behind
        self.code = code


class Partition(NamedTuple):
    """One partition of a topic."""

    topic: str
    partition: int


class Record(NamedTuple):
    """A message as it was read. ``timestamp`` is in milliseconds since 1970, or at most 0 where there is none."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int


class Place(NamedTuple):
    """The place that an acknowledged message has received."""

    topic: str
    partition: int
    offset: int


class Sent(Protocol):
    """A message that is on its way."""

    def get(self, timeout: float) -> Place:
        """Waits up to ``timeout`` seconds for the acknowledgement. Raises `BrokerError`."""


class Producer(Protocol):
    """Sends messages. A key always selects the same partition, with every library."""

    def send(
        self,
        topic: str,
        *,
        value: bytes | None,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> Sent:
        """Begins to send a message; it is acknowledged by every in-sync replica or fails within `SEND_TIMEOUT_S`.

        Raises `BrokerError` if it cannot even begin.
        """

    def close(self, timeout: float) -> None:
        """Closes the connections, after ``timeout`` seconds at the latest. Raises `BrokerError`."""


class SteadyProducer(Producer, Protocol):
    """A producer that sends only on the connections opened at its creation, so that a message reaches no later log.

    A broker that returns may have lost its data. Its log is then a new one, to which the events of the old log must be
    published first. A send that would need a new connection fails, and the caller checks the log before it creates a
    new producer.
    """

    def whole(self) -> bool:
        """Whether this producer can still send. Either side closes idle connections after some minutes."""


class Listener(Protocol):
    """Learns which partitions a member gets and loses. It is called inside ``poll``."""

    def on_partitions_assigned(self, assigned: Collection[Partition], /) -> None:
        """The member owns these from now on. There may be none: other members have all the partitions."""

    def on_partitions_revoked(self, revoked: Collection[Partition], /) -> None:
        """The group is about to redistribute these. Their offsets may still be committed."""

    def on_partitions_lost(self, lost: Collection[Partition], /) -> None:
        """The group has evicted the member: others may own these already."""


class Member(Protocol):
    """A member of a consumer group. Every method raises `BrokerError`. Offsets are committed on request only."""

    def topics(self) -> set[str]:
        """The topics that exist and that this user may read."""

    def subscribe(self, topics: Sequence[str], listener: Listener) -> None:
        """Joins the group. A partition without a committed offset starts at its beginning."""

    def rebalancing(self) -> bool:
        """Whether a broker holds this member's request to join while it waits for other members."""

    def poll(self, timeout_ms: int) -> Mapping[Partition, Sequence[Record]]:
        """Up to `MAX_RECORDS` records, as soon as there are any; empty after ``timeout_ms`` milliseconds."""

    def assignment(self) -> set[Partition]:
        """The partitions that this member owns."""

    def paused(self) -> set[Partition]:
        """Those of them that are paused."""

    def pause(self, partition: Partition) -> None:
        """Stops reading an owned partition until `resume`."""

    def resume(self, partition: Partition) -> None:
        """Reads a paused partition again."""

    def seek(self, partition: Partition, offset: int) -> None:
        """Continues an owned partition at this offset."""

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Commits the next offset to read of each partition, and waits until the group has it."""

    def committed(self, partition: Partition, timeout_ms: int) -> int | None:
        """The group's committed offset; None if there is none."""

    def position(self, partition: Partition, timeout_ms: int) -> int | None:
        """The offset that the next poll continues at; None if it is not known yet."""

    def end_offsets(self, partitions: Collection[Partition], timeout_ms: int) -> Mapping[Partition, int]:
        """The offset behind the last message of each partition."""

    def close(self, timeout_ms: int) -> None:
        """Leaves the group without committing anything."""


class Reader(Protocol):
    """Reads partitions of a topic without being a member of a group. Every method raises `BrokerError`."""

    def partitions(self, topic: str) -> set[int]:
        """The numbers of the topic's partitions; empty if it does not exist."""

    def start(self, offsets: Mapping[Partition, int | None]) -> None:
        """Reads these partitions from these offsets on; None stands for the beginning."""

    def poll(self, timeout_ms: int, max_records: int = MAX_RECORDS) -> Sequence[Record]:
        """The next records, as soon as there are any; empty after ``timeout_ms`` milliseconds."""

    def at_end(self) -> bool:
        """Whether everything that the brokers have at this moment was read."""

    def close(self, timeout_ms: int) -> None:
        """Closes the connections."""


class Clients(Protocol):
    """Creates the clients of one cluster, with one library. Every method raises `BrokerError`."""

    def producer(self) -> Producer:
        """A producer that reconnects as often as it has to."""

    def steady_producer(self, topics: Iterable[str]) -> SteadyProducer:
        """The relay's producer, connected to every reachable broker, for messages to these topics."""

    def member(self, group: str) -> Member:
        """A member of this group, once it subscribes."""

    def reader(self, group: str) -> Reader:
        """A reader. It does not join ``group``, commits nothing and shows it to the brokers at most as a name."""

    def logs(self, topics: Sequence[str]) -> dict[str, str]:
        """The id of each topic's log, ``<cluster>/<topic's UUID>``, the same with every library.

        Raises `BrokerError` also if one of the topics does not exist.
        """

    def answers(self) -> bool:
        """Whether a broker answers a new client."""


def protocol(user: str, ca: str) -> str:
    """How clients of every library connect: with or without signing in, and with or without TLS."""
    return f"{'SASL_' if user else ''}{'SSL' if ca else 'PLAINTEXT'}"


def missing(topic: str) -> BrokerError:
    """The error for a topic that does not exist."""
    return BrokerError(f"topic {topic} does not exist (provision the topics)")
