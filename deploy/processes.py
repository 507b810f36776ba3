"""What each of our processes gets wherever it runs in a container: compose and Kubernetes are derived from this."""

from collections.abc import Mapping

from contracts.events import CONTRACT, EVENTS
from contracts.parts import Part, variable_of
from contracts.topics import TOPICS

LIMITS: Mapping[str, str] = {"http": "384m", "worker": "256m", "solver": "1g", "shelf": "512m"}
"""Memory limits in compose's notation, by side, or by the kind of a worker (`Part.memory`)."""
STOP_S = 10
"""Seconds from the stop signal to the kill. HTTP sides and workers end within five."""
SECRETS = "/run/secrets"
"""The folder in which a process finds its secrets, each as a file."""


def kind_of(part: Part, side: str) -> str:
    """The kind of a process's memory limit: a key of `LIMITS`."""
    return part.memory if side == "worker" else side


def files_of(part: Part) -> dict[str, str]:
    """The settings that name the files of a part's own secrets."""
    return {f"{variable_of(secret)}_FILE": f"{SECRETS}/{secret}" for secret in part.secrets}


def most_workers(part: Part) -> int:
    """The most workers of a part that receive events: the partitions of the topic with the most that it reads."""
    read = {topic for kind, event in EVENTS.items() if part.name in event.consumers for topic in CONTRACT.topics(*kind)}
    return max((topic.partitions for topic in TOPICS if topic.name in read), default=1)
