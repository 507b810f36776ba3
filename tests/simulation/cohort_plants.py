"""Bugs of programmes that are planted one at a time; the histories of programmes must find each."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from unittest import mock

from chassis.http.auth import Actor
from chassis.unit import Unit, UnitOfWork
from contracts.facts import MessagesRequested
from services.programmes.api import sessions as sessions_api
from services.programmes.commands import answers as answering
from services.programmes.commands import telling
from services.programmes.model import answers, messages, rematching
from services.programmes.model.messages import Message
from services.programmes.model.pairs import Pair
from tests.simulation.cohorts import PLANTED
from tests.simulation.plants import Plant, Planted


def room_not_counted() -> Planted:
    return mock.patch.object(rematching, "room", return_value=1)


def requested_again() -> Planted:
    def twice(made: Sequence[Message]) -> list[MessagesRequested]:
        return [*messages.request(made), *messages.request(made)]

    return mock.patch.object(telling, "request", twice)


def somebody_named() -> Planted:
    def careless(made: Sequence[Message]) -> list[MessagesRequested]:
        return messages.request([replace(one, account=f"{PLANTED}-{one.kind}") for one in made])

    return mock.patch.object(telling, "request", careless)


def declined_pair_kept() -> Planted:
    end = answers.end

    def keep(pair: Pair, *args: Any, **named: Any) -> None:
        state = pair.state
        end(pair, *args, **named)
        pair.state = state

    return mock.patch.object(answers, "end", keep)


def nobody_rematched() -> Planted:
    return mock.patch.object(answering, "request_rematch", return_value=None)


def session_forgotten() -> Planted:
    def command(work: UnitOfWork, _actor: Actor, effect: Callable[[Unit], Any]) -> Any:
        return work.run(effect)

    return mock.patch.object(sessions_api, "command", command)


PLANTS = (
    Plant("a rematch does not count who has a pair already", room_not_counted, "pairs at once"),
    Plant("messages are requested twice", requested_again, "requested 2 times|has two mails"),
    Plant("an event names somebody", somebody_named, "names somebody"),
    Plant(
        "a declined pair stays live", declined_pair_kept, "a declined pair is live|neither accepted nor ended", near=1
    ),
    Plant("nobody looks for new partners", nobody_rematched, "never settled", near=2),
    Plant("a planned session is not stored under its key", session_forgotten, "the same request is answered", near=5),
)
