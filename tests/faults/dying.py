"""A worker that can be ordered to kill itself between two steps: `python -m tests.faults.dying ORDERS -m MODULE SIDE`.

It runs the service's own program with functions of the outbox and of the Kafka clients wrapped. While the file ORDERS
names a step, the process removes the file and kills itself just before that function is called.
"""

import os
import runpy
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from chassis import outbox
from chassis.broker.with_kafka_python import KafkaPythonMember, KafkaPythonProducer
from chassis.broker.with_librdkafka import LibrdkafkaMember

BEFORE_PUBLISH, BEFORE_MARK, BEFORE_COMMIT = "before-publish", "before-mark", "before-commit"


class Orders:
    """A file that names the step before which to die; usually absent."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def give(self, step: str) -> None:
        """Orders the process to die before this step."""
        draft = self._path.with_suffix(".part")
        draft.write_text(step)
        draft.replace(self._path)

    def withdraw(self) -> None:
        """Withdraws the order."""
        self._path.unlink(missing_ok=True)

    def obey(self, step: str) -> None:
        """Kills this process if the order names this step."""
        with suppress(FileNotFoundError):
            if self._path.read_text() == step:
                self._path.unlink()
                os.kill(os.getpid(), signal.SIGKILL)


def wrap(owner: Any, name: str, step: str, orders: Orders) -> None:
    """Checks the orders before each call of the function; raises AttributeError if it does not exist."""
    usual: Callable[..., Any] = getattr(owner, name)

    def obedient(*args: Any, **options: Any) -> Any:
        orders.obey(step)
        return usual(*args, **options)

    setattr(owner, name, obedient)


def command(orders: Path, usual: list[str]) -> list[str]:
    """The command that runs the same worker, but obeying orders."""
    return [usual[0], "-m", "tests.faults.dying", str(orders), *usual[1:]]


def main() -> None:
    """Becomes the service."""
    path, _, module, *arguments = sys.argv[1:]
    orders = Orders(Path(path))
    wrap(KafkaPythonProducer, "send", BEFORE_PUBLISH, orders)  # the relay's, whichever library is set
    wrap(outbox, "mark_published", BEFORE_MARK, orders)
    for member in (KafkaPythonMember, LibrdkafkaMember):
        wrap(member, "commit", BEFORE_COMMIT, orders)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
