"""The processes of a system, by name: engines with their members, and services."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from contracts.parts import PARTS
from deploy.local.process import Engine, Process

NAMES = frozenset(part.name for part in PARTS)


class Parts:
    """Resolves names: `quotes-worker-2` or `kafka-1` is one process, `quotes` or `kafka` is all of its kind."""

    def __init__(self) -> None:
        self.engines: dict[str, Engine] = {}
        self.services: dict[str, Process] = {}

    def every(self) -> dict[str, Process]:
        """Every process by name: engines first, then services."""
        return {name: member.process for name, member in self.members().items()} | self.services

    def members(self) -> dict[str, Engine]:
        """The engines that are single processes, by name."""
        return {name: member for engine in self.engines.values() for name, member in engine.members.items()}

    def named(self, *names: str) -> list[str]:
        """The processes that `names` refer to, without duplicates; raises KeyError for an unknown name."""
        every, found = self.every(), dict[str, None]()
        for name in names:
            if name in self.engines:
                parts = list(self.engines[name].members)
            elif name in NAMES:
                parts = [part for part in every if part.startswith(f"{name}-")]
            else:
                parts = [name] if name in every else []
            if not parts:
                raise KeyError(f"{name}: not among {', '.join(every)}")
            found |= dict.fromkeys(parts)
        return list(found)

    def wanted(self, *names: str) -> dict[str, Engine]:
        """The engines to start for `names`: a whole cluster if named as such, otherwise the named members."""
        whole = {name: self.engines[name] for name in names if name in self.engines}
        covered = {part for engine in whole.values() for part in engine.members}
        members = self.members()
        return whole | {part: members[part] for part in self.named(*names) if part in members and part not in covered}

    def each(self, names: Iterable[str], action: Callable[[Process], None]) -> None:
        """Applies the action to all processes of `names` concurrently."""
        every, names = self.every(), list(names)
        if names:
            with ThreadPoolExecutor(len(names)) as pool:
                list(pool.map(lambda name: action(every[name]), names))
