"""Bugs of leaving that are planted one at a time; the histories of departures must find each."""

from datetime import datetime
from typing import Any
from unittest import mock

from chassis.events import Event
from chassis.facts import Fact
from chassis.unit import Unit
from contracts.facts import ProjectReopened, QuoteWithdrawn
from services.accounts import handlers as accounts_handlers
from services.notify.store import notifications
from services.projects import store as projects_store
from services.projects.model.project import Project
from services.quotes import handlers as quotes_handlers
from services.quotes import store as quotes_store
from services.quotes.model import Round, accepted
from tests.simulation.plants import Plant, Planted


def everybody_let_go() -> Planted:
    return mock.patch.object(projects_store, "is_bound", return_value=False)


def refused_and_erased() -> Planted:
    erase = accounts_handlers.HANDLERS["departure.granted"]
    return mock.patch.dict(accounts_handlers.HANDLERS, {"departure.refused": erase})


def refusal_ignored() -> Planted:
    def ignore(_event: Event, _unit: Unit, _config: Any) -> None:
        """The departure stays."""

    return mock.patch.dict(accounts_handlers.HANDLERS, {"departure.refused": ignore})


def missing_quote_settled() -> Planted:
    def settle(event: Event, unit: Unit, _config: Any) -> None:
        quote = quotes_store.find_quote(unit, event.data["quote_id"])
        round = quotes_store.find_round(unit, event.subject)
        if round is not None:
            facts: list[Fact] = round.award(event.data["quote_id"])
            facts += [accepted(quote)] if facts and quote else []
            quotes_store.save_round(unit, round, facts)
            quotes_store.settle_quotes(unit, facts)

    return mock.patch.dict(quotes_handlers.HANDLERS, {"project.awarded": settle})


def confirmed_too_early() -> Planted:
    return mock.patch.object(projects_store, "hold_erasure", return_value=None)


def too_many_quotes_told() -> Planted:
    end_window = Project.end_window

    def silent(self: Project, *args: Any) -> list[Fact]:
        return [fact for fact in end_window(self, *args) if not isinstance(fact, ProjectReopened)]

    return mock.patch.object(Project, "end_window", silent)


def notified_after_the_erasure() -> Planted:
    return mock.patch.object(notifications, "erased_of", return_value=set())


def withdrawn_without_an_event() -> Planted:
    remove_mentor = Round.remove_mentor

    def silent(self: Round, account: str, now: datetime) -> list[Fact]:
        return [fact for fact in remove_mentor(self, account, now) if not isinstance(fact, QuoteWithdrawn)]

    return mock.patch.object(Round, "remove_mentor", silent)


PLANTS = (
    Plant("projects lets everybody go", everybody_let_go, "an award binds"),
    Plant("accounts erases although projects refuses", refused_and_erased, "has not let go"),
    Plant("accounts drops a refusal", refusal_ignored, "never ended"),
    Plant("quotes settles an award whose quote is missing", missing_quote_settled, "has no order", near=22),
    Plant(
        "projects confirms an erasure while an order needs the identity",
        confirmed_too_early,
        "after the receipt",
        near=9,
    ),
    Plant(
        "projects counts quotes of mentors who left", too_many_quotes_told, "notified of nothing: window-ended", near=9
    ),
    Plant("notify writes to people who were erased", notified_after_the_erasure, "notified of nothing"),
)
EARLY_PLANTS = (
    Plant("quotes does not tell that a mentor took a quote along", withdrawn_without_an_event, "from the events"),
)
"""Found only where people leave while the windows are open."""
