"""Hints of changes go to those who can read something new, and to nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.market import SLOTS
from services.notify.model.project import Project
from services.notify.model.sights import news, sights

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LEASE = timedelta(hours=8)
MENTORS = [f"m{number}" for number in range(7)]


def project(**changes: Any) -> Project:
    usual: dict[str, Any] = {"clients": ["client"], "posted_at": NOW, "invited": MENTORS, "title": "CRM"}
    return Project("p", **usual | changes)


def told(about: Project, change: Any) -> list[str]:
    before = sights(about)
    change(about)
    return news(before, sights(about))


def quoted(*names: str) -> Project:
    return project(ended={"reason": "deadline", "quoted": list(names), "at": NOW}, quoted=list(names))


def test_a_claim_is_news_for_its_mentor_and_the_client() -> None:
    assert told(project(), lambda one: one.claim("m0", NOW, NOW + LEASE)) == ["client", "m0"]
    assert told(project(claimed=["m0"]), lambda one: one.release("m0", NOW)) == ["client", "m0"]


@pytest.mark.parametrize("taken", range(SLOTS - 1))
def test_a_quote_is_no_news_for_other_mentors_while_slots_are_free(taken: int) -> None:
    about = project(quoted=MENTORS[:taken])
    assert told(about, lambda one: one.receive("m6", taken + 1, NOW)) == ["client", "m6"]


def test_the_last_slot_taken_or_freed_is_news_for_all() -> None:
    about = project(quoted=MENTORS[:4])
    assert told(about, lambda one: one.claim("m5", NOW, NOW + LEASE)) == ["client", *MENTORS]
    assert told(about, lambda one: one.receive("m5", 5, NOW)) == ["client", "m5"], "a slot stays taken by its quote"
    assert told(about, lambda one: one.withdraw("m5")) == ["client", *MENTORS]


def test_a_question_is_news_for_the_client_and_its_answer_for_all() -> None:
    assert told(project(), lambda one: one.ask("q")) == ["client"]
    assert told(project(asked=["q"]), lambda one: one.answer("q", NOW)) == ["client", *MENTORS]


def test_a_choice_is_no_news_for_those_who_did_not_quote() -> None:
    outcomes = {"m0": "accepted", "m1": "not_chosen"}
    assert told(quoted("m0", "m1"), lambda one: one.settle(outcomes)) == ["client", "m0", "m1"]
    assert told(quoted("m0", "m1"), lambda one: setattr(one, "refused", "Non.")) == ["client", "m0", "m1"]
    assert told(quoted("m0"), lambda one: setattr(one, "expired", True)) == ["client", "m0"]
    done = quoted("m0", "m1")
    done.settle(outcomes)
    assert told(done, lambda one: one.complete(NOW)) == ["client", "m0"]
    assert told(done, lambda one: one.show_reviews(2)) == ["client", "m0"]


def test_ends_and_extensions_are_news_for_everybody() -> None:
    assert told(project(), lambda one: one.end("deadline", [], NOW)) == ["client", *MENTORS]
    assert told(project(), lambda one: setattr(one, "cancelled", "Non.")) == ["client", *MENTORS]
    assert told(project(), lambda one: setattr(one, "extended_to", NOW + timedelta(1))) == ["client", *MENTORS]


def test_a_repeated_event_is_no_news() -> None:
    about = project(claimed=["m0"], asked=["q"])
    assert told(about, lambda one: (one.claim("m0", NOW, NOW + LEASE), one.ask("q"))) == []
