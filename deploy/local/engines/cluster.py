"""Engines of one kind that are one together: brokers of a Kafka, members of a MongoDB replica set."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from deploy.local.process import Engine


def at_once(engines: Iterable[Engine], action: Callable[[Engine], None]) -> None:
    """Does it to all of them at the same time; raises the first error once all are done."""
    engines = list(engines)
    if engines:
        with ThreadPoolExecutor(len(engines)) as pool:
            list(pool.map(action, engines))


class Cluster(Engine):
    """Started at once, ready once the whole is; each member can be killed and started by itself."""

    def __init__(self, members: Iterable[Engine]) -> None:
        self._members = {member.process.name: member for member in members}

    @property
    def members(self) -> dict[str, Engine]:
        return self._members

    def start(self) -> None:
        """Starts the members that do not run; returns once the whole of them serves. Raises StartError."""
        resting = [member for member in self.members.values() if member.process.pid is None]
        at_once(resting, lambda member: member.launch())
        self.join()

    def join(self) -> None:
        """Makes one of the members that were launched, and returns once it serves."""
        raise NotImplementedError

    def stop(self) -> None:
        at_once(self.members.values(), lambda member: member.stop())

    def kill(self) -> None:
        at_once(self.members.values(), lambda member: member.kill())
