"""Relève as the rehearsal runs it, for stories that know a system by its address."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from chassis.broker import Broker
from chassis.settings import broker, environment


@dataclass(frozen=True)
class Running:
    """What these stories ask of a system: where it is, its brokers, and the mails that it sent."""

    url: str
    kafka: Broker
    mails: Path


@pytest.fixture(scope="session")
def system() -> Running:
    """The containers, seen from their network."""
    settings = environment(os.environ)
    return Running(settings["RELEVE_TEST_GATEWAY"], broker(settings), Path("/mails"))
