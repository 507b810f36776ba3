"""A cluster of engines of one kind: Kafka brokers, or members of a MongoDB replica set."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from deploy.local.process import Engine


def at_once(engines: Iterable[Engine], action: Callable[[Engine], None]) -> None:
    """Applies the action to all members concurrently; raises the first error once all are done."""
    engines = list(engines)
    if engines:
        with ThreadPoolExecutor(len(engines)) as pool:
            list(pool.map(action, engines))


class Cluster(Engine):
    """A cluster whose members start concurrently; each can be killed and started separately."""

    def __init__(self, members: Iterable[Engine]) -> None:
        self._members = {member.process.name: member for member in members}

    @property
    def members(self) -> dict[str, Engine]:
        return self._members

    def start(self) -> None:
        """Starts the members that are not running; returns once the cluster serves. Raises StartError."""
        resting = [member for member in self.members.values() if member.process.pid is None]
        at_once(resting, lambda member: member.launch())
        self.join()

    def join(self) -> None:
        """Forms the cluster from the launched members, and returns once it serves."""
        raise NotImplementedError

    def stop(self) -> None:
        at_once(self.members.values(), lambda member: member.stop())

    def kill(self) -> None:
        at_once(self.members.values(), lambda member: member.kill())
