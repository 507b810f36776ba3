"""Which recipients are notified of what, in any order of events."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events import EVENTS
from services.notify.handlers import HANDLERS
from services.notify.model.audience import notices_of
from services.notify.model.project import NEAR_MOST, Project, working_days_after

START = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)
WINDOW = timedelta(hours=48)
Step = Callable[[Project], Any]


def posted(**changes: Any) -> Step:
    data = {"title": "CRM", "client": "client", "posted_at": START, "window": WINDOW}
    return lambda project: project.post(data | {"close_early": True, "auto_extend": False} | changes)


def invited(*accounts: str, at: datetime | None = None) -> Step:
    return lambda project: project.invite(accounts, at)


def asked(question_id: str) -> Step:
    return lambda project: project.ask(question_id)


def answered(question_id: str, at: datetime = START + timedelta(hours=1)) -> Step:
    return lambda project: project.answer(question_id, at)


def declined(account: str) -> Step:
    return lambda project: project.decline(account, START)


def received(account: str, number: int, at: datetime = START) -> Step:
    return lambda project: project.receive(account, number, at)


def claimed(account: str, at: datetime = START, hours: float = 8) -> Step:
    return lambda project: project.claim(account, at, at + timedelta(hours=hours))


def completed(project: Project) -> None:
    project.complete(START + 2 * WINDOW)


def reviewed(reviews: int) -> Step:
    return lambda project: project.show_reviews(reviews)


def ended(reason: str, *accounts: str) -> Step:
    return lambda project: project.end(reason, accounts, START + WINDOW)


def extended(project: Project) -> None:
    project.extended_to = START + WINDOW * 1.5


def cancelled(project: Project) -> None:
    project.cancelled = "The budget was cut."


def settled(**outcomes: str) -> Step:
    return lambda project: project.settle(outcomes)


def after(*steps: Step) -> Project:
    project = Project("p")
    for step in steps:
        step(project)
    return project


def told(project: Project) -> set[tuple[str, str, int | str]]:
    return {(news.kind, news.account, news.step) for news in notices_of(project)}


FULL = [
    posted(),
    invited("a", "b", "c"),
    invited("d", "e", "f", "g"),
    declined("g"),
    *(received(account, number) for number, account in enumerate("abcde", start=1)),
    ended("full", *"abcde"),
    settled(a="accepted"),
    settled(a="accepted", b="not_chosen", c="not_chosen", d="not_chosen", e="not_chosen"),
]
EXTENDED = [posted(auto_extend=True), invited("a", "b"), extended, received("a", 1), ended("deadline", "a")]
EMPTY = [posted(), invited("a", "b"), declined("b"), ended("deadline")]
CANCELLED = [posted(), invited("a", "b", "c"), declined("c"), received("a", 1), cancelled, settled(a="destroyed")]
ASKED = [
    posted(),
    invited("a", "b", "c", at=START),
    *(asked("q1"), asked("q2"), asked("q3"), answered("q1"), declined("c")),
    invited("b", "d", at=START + timedelta(hours=2)),
    answered("q2", START + timedelta(hours=3)),
    answered("q1", START + timedelta(hours=4)),
]
DONE = [posted(), invited("a", "b"), ended("deadline", "a", "b"), settled(a="accepted", b="not_chosen"), completed,
        reviewed(1), reviewed(2)]  # fmt: skip
MODERATED = [posted(), invited("a"), lambda project: project.cancel("Annulé.", "moderation", START)]
CROSSED = [posted(), invited("a", "b"), received("a", 1), ended("deadline", "a"), cancelled]


def test_notify_handles_exactly_the_events_that_list_it() -> None:
    assert set(HANDLERS) == {event.kind for event in EVENTS.values() if "notify" in event.consumers}


@given(st.data())
@pytest.mark.parametrize("history", [FULL, EXTENDED, EMPTY, CANCELLED, CROSSED, ASKED, DONE, MODERATED])
def test_notifications_do_not_depend_on_order_or_redelivery(history: list[Step], data: st.DataObject) -> None:
    order = data.draw(st.permutations(history))
    again = data.draw(st.lists(st.sampled_from(history), max_size=4))
    in_order = {news.id: news for news in notices_of(after(*history))}
    assert len(in_order) == len(notices_of(after(*history)))
    assert {news.id: news for news in notices_of(after(*order, *again))} == in_order
    assert after(*order, *again).due_at == after(*history).due_at


def test_full_round_notifies_client_and_mentors() -> None:
    assert told(after(*FULL)) == {
        *(("invited", account, 0) for account in "abcdefg"),
        *(("quote-received", "client", number) for number in (1, 2, 3, 4)),
        ("window-ended", "client", 0),
        ("round-over", "f", 0),
        ("chosen", "a", 0),
        *(("not-chosen", account, 0) for account in "bcde"),
    }


def test_no_notifications_before_the_title_is_known() -> None:
    waiting = after(*FULL[1:])
    assert told(waiting) == set()
    posted()(waiting)
    assert told(waiting) == told(after(*FULL))


def test_window_without_quotes_is_reported_as_unfilled() -> None:
    assert told(after(*EMPTY)) == {
        ("invited", "a", 0),
        ("invited", "b", 0),
        ("project-unfilled", "client", 0),
        ("round-over", "a", 0),
    }


def test_cancellation_notifies_mentors_who_quoted_but_not_decliners() -> None:
    project = after(*CANCELLED)
    assert {account for kind, account, _ in told(project) if kind == "project-cancelled"} == {"a", "b"}
    project.decline("a", START)
    assert ("project-cancelled", "a", 0) in told(project)


def test_cancellation_retracts_notifications_of_the_window_end() -> None:
    before, crossed = told(after(*CROSSED[:-1])), told(after(*CROSSED))
    assert before - crossed == {("window-ended", "client", 0), ("round-over", "b", 0)}


def test_fifth_quote_notifies_only_if_the_window_stays_open() -> None:
    five = [received(account, number) for number, account in enumerate("abcde", start=1)]
    assert ("quote-received", "client", 5) not in told(after(posted(), *five))
    late = after(posted(close_early=False), *five)
    assert ("quote-received", "client", 5) in told(late)
    assert [news.step for news in notices_of(late) if news.mailed] == [5]


def test_withdrawn_and_resubmitted_quote_is_notified_once() -> None:
    project = after(posted(), received("a", 1), received("b", 1))
    assert told(project) == {("quote-received", "client", 1)}


def test_mentor_who_withdrew_is_notified_of_the_rounds_end() -> None:
    project = after(posted(), invited("a", "b"), received("a", 1), received("b", 1), ended("deadline", "b"))
    assert ("round-over", "a", 0) in told(project)


@pytest.mark.parametrize(("hours", "left"), [(48, 6), (24, 6), (8, 2), (1, 0.25)])
def test_reminder_precedes_the_end_by_quarter_or_six_hours(hours: float, left: float) -> None:
    project = after(posted(window=timedelta(hours=hours)))
    assert project.due_at == START + timedelta(hours=hours - left)
    assert timedelta(hours=left) <= NEAR_MOST


def test_mentors_who_can_still_quote_are_reminded_once() -> None:
    project = after(posted(), invited("a", "b", "c"), received("a", 1), declined("b"))
    project.remind(START + WINDOW - timedelta(hours=6))
    assert {key for key in told(project) if key[0] == "deadline-near"} == {("deadline-near", "c", 0)}
    assert project.due_at is None


def test_extension_sends_one_more_reminder() -> None:
    project = after(posted(auto_extend=True), invited("a"))
    project.remind(START + WINDOW - timedelta(hours=6))
    extended(project)
    assert project.due_at == START + WINDOW * 1.5 - timedelta(hours=6)
    project.remind(project.due_at)
    ends = [news.data["closes_at"] for news in notices_of(project) if news.kind == "deadline-near"]
    assert ends == [START + WINDOW, START + WINDOW * 1.5]
    assert project.due_at is None


@pytest.mark.parametrize(
    "over", [ended("full", *"abcde"), cancelled, received("e", 5), lambda project: project.remind(START + WINDOW)]
)
def test_no_reminder_of_an_ended_or_full_window(over: Step) -> None:
    project = after(posted(), invited("a", "b"), over)
    project.remind(START + WINDOW - timedelta(hours=1) if not project.reminded else START + WINDOW)
    assert not {key for key in told(project) if key[0] == "deadline-near"}


def test_mentors_notifications_never_hold_the_clients_account() -> None:
    for history in (FULL, EXTENDED, EMPTY, CANCELLED, ASKED, DONE, MODERATED):
        for news in notices_of(after(*history)):
            if news.account != "client":
                assert "client" not in str(news.data)


CLAIM_NEAR = START + timedelta(hours=6)
"""A quarter of eight hours is left."""


def endings(project: Project) -> list[tuple[str, datetime]]:
    return [(news.account, news.data["until"]) for news in notices_of(project) if news.kind == "claim-ending"]


def test_mentor_is_reminded_once_when_a_quarter_of_the_claim_is_left() -> None:
    project = after(posted(), invited("a", "b"), claimed("a"), claimed("b", START + timedelta(hours=1)))
    assert project.due_at == CLAIM_NEAR
    project.remind(CLAIM_NEAR - timedelta(seconds=1))
    assert endings(project) == []
    project.remind(CLAIM_NEAR)
    assert endings(project) == [("a", START + timedelta(hours=8))]
    assert project.due_at == CLAIM_NEAR + timedelta(hours=1)
    claimed("a")(project)  # redelivered
    for hours in (1, 1.5, 48):
        project.remind(CLAIM_NEAR + timedelta(hours=hours))
    assert endings(project) == [("a", START + timedelta(hours=8)), ("b", START + timedelta(hours=9))]
    assert len({news.id for news in notices_of(project) if news.kind == "claim-ending"}) == 2


@pytest.mark.parametrize(
    "over",
    [
        received("a", 1), declined("a"), lambda one: one.release("a", START), ended("full", *"bcdef"), cancelled,
        lambda one: one.remind(START + timedelta(hours=8)),
    ],
)  # fmt: skip
def test_no_reminder_of_a_claim_that_is_over(over: Step) -> None:
    project = after(posted(), invited("a"), claimed("a"), over)
    project.remind(CLAIM_NEAR)
    assert endings(project) == []


@pytest.mark.parametrize(
    "end",
    [
        lambda at: received("a", 1, at),
        lambda at: lambda one: one.decline("a", at),
        lambda at: lambda one: one.release("a", at),
        lambda at: lambda one: one.cancel("Non.", "client", at),
        lambda at: lambda one: one.end("full", "bcdef", at),
    ],
)
def test_reminder_is_taken_back_if_the_claim_had_ended_before(end: Callable[[datetime], Step]) -> None:
    for minutes, told_of in ((-1, 0), (1, 1)):
        project = after(posted(), invited("a"), claimed("a"))
        project.remind(CLAIM_NEAR)
        end(CLAIM_NEAR + timedelta(minutes=minutes))(project)
        assert len(endings(project)) == told_of, "one that was true then stays"


def test_claim_known_before_its_project_is_reminded_all_the_same() -> None:
    project = after(claimed("a"))
    assert project.due_at is None
    posted()(project)
    assert project.due_at == CLAIM_NEAR


def test_completion_and_reviews_notify_both_sides_and_nobody_else() -> None:
    found = {(news.kind, news.account, news.data.get("side") or news.data["reviews"])
             for news in notices_of(after(*DONE)) if news.kind in ("project-completed", "review-shown")}  # fmt: skip
    assert found == {
        ("project-completed", "client", "client"), ("project-completed", "a", "mentor"),
        *(("review-shown", account, reviews) for account in ("client", "a") for reviews in (1, 2)),
    }  # fmt: skip


def test_project_completed_before_this_was_kept_notifies_nobody() -> None:
    project = after(*DONE[:4])
    project.completed = True
    assert "project-completed" not in {kind for kind, _, _ in told(project)}


def test_client_is_told_that_moderation_cancelled_and_mentors_as_ever() -> None:
    found = {(news.kind, news.account): news.data for news in notices_of(after(*MODERATED)) if "cancelled" in news.kind}
    assert found == {
        ("project-cancelled", "a"): {"title": "CRM", "reason": "Annulé."},
        ("cancelled-by-moderation", "client"): {"title": "CRM"},
    }
    for by in ("client", "departure", None):
        project = after(*MODERATED[:2])
        project.cancel("Non.", by, START)
        assert {kind for kind, _, _ in told(project)} == {"invited", "project-cancelled"}


def test_questions_notify_the_client_and_answers_the_invited_mentors() -> None:
    assert {(news.kind, news.account, news.step) for news in notices_of(after(*ASKED)) if "question" in news.kind} == {
        *(("question-asked", "client", question) for question in ("q1", "q2", "q3")),
        *(("question-answered", account, "q1") for account in "ab"),
        *(("question-answered", account, "q2") for account in "abd"),
    }
    assert all(news.mailed for news in notices_of(after(*ASKED)) if "question" in news.kind)


def test_mentor_who_declines_is_not_notified_of_answers() -> None:
    project = after(posted(), invited("a", "b", at=START), asked("q"), declined("a"), answered("q"))
    assert {account for kind, account, _ in told(project) if kind == "question-answered"} == {"b"}


def test_question_notifications_hold_only_the_title() -> None:
    questions = [news for news in notices_of(after(*ASKED)) if "question" in news.kind]
    assert [news.data for news in questions] == [{"title": "CRM"}] * 8


def refused(project: Project) -> None:
    project.refused = "Too dear."


def expired(project: Project) -> None:
    project.expired = True


def test_refusal_notifies_mentors_who_quoted_with_its_reason() -> None:
    project = after(posted(), invited("a", "b", "c"), received("a", 1), ended("deadline", "a", "b"), refused)
    told_of = [news for news in notices_of(project) if news.kind == "project-refused"]
    assert {news.account for news in told_of} == {"a", "b"}
    assert {news.data["reason"] for news in told_of} == {"Too dear."}


def test_lapsed_choice_notifies_client_and_mentors_who_quoted() -> None:
    project = after(posted(), invited("a", "b", "c"), ended("deadline", "a", "b"), expired)
    told = {news.account: news.data.get("side") for news in notices_of(project) if news.kind == "project-expired"}
    assert told == {"client": "client", "a": None, "b": None}, "the client reads a text of their own"


def reopened(account: str, quotes: int) -> Callable[[Project], None]:
    return lambda project: project.reopen(account, quotes)


def test_client_is_told_that_the_chosen_mentor_left() -> None:
    chosen = (posted(), invited("a", "b"), ended("deadline", "a", "b"))
    project = after(*chosen, lambda one: one.settle({"a": "accepted"}), reopened("a", 1))
    (news,) = [one for one in notices_of(project) if one.kind == "choice-reopened"]
    assert (news.account, news.data["quotes"], news.data["left"]) == ("client", 1, "some")
    assert not [one for one in notices_of(project) if one.kind == "chosen"], "nobody is chosen any more"
    assert project.due_at is not None, "the client is reminded again"
    project.settle({"b": "accepted"})
    assert [one.account for one in notices_of(project) if one.kind == "chosen"] == ["b"]
    empty = after(*chosen, lambda one: one.settle({"a": "accepted"}), reopened("a", 1), reopened("b", 0))
    assert [one.data["left"] for one in notices_of(empty) if one.kind == "choice-reopened"] == ["some", "none"]
    assert empty.due_at is None, "there is nothing left to choose"


def test_client_is_reminded_to_choose_after_two_and_five_days() -> None:
    project = after(posted(), invited("a"), ended("deadline", "a"))  # on Wednesday the 25th at 9:42 UTC
    friday, wednesday = START + timedelta(days=4), START + timedelta(days=9)
    assert project.due_at == friday
    project.remind(friday - timedelta(seconds=1))
    assert not project.nudged
    project.remind(friday)
    assert project.due_at == wednesday
    project.remind(wednesday)
    assert [news.step for news in notices_of(project) if news.kind == "choice-reminder"] == [2, 5]
    assert project.due_at is None


def test_client_is_reminded_once_after_an_outage() -> None:
    project = after(posted(), ended("deadline", "a"))
    project.remind(START + timedelta(days=30))
    assert project.nudged == [5]
    assert project.due_at is None


@pytest.mark.parametrize("end", [refused, expired, cancelled, settled(a="accepted")])
def test_no_reminder_after_the_choice(end: Step) -> None:
    assert after(posted(), ended("deadline", "a"), end).due_at is None
    assert after(posted(), ended("deadline")).due_at is None


def test_mentor_who_withdrew_is_reminded_before_the_end() -> None:
    project = after(posted(), invited("a"), received("a", 1), lambda project: project.withdraw("a"))
    project.remind(START + WINDOW - NEAR_MOST)
    assert ("deadline-near", "a", 0) in told(project)


@pytest.mark.parametrize(
    ("moment", "days", "expected"),
    [
        (datetime(2026, 11, 26, 9, tzinfo=UTC), 2, datetime(2026, 11, 30, 9, tzinfo=UTC)),  # Thursday to Monday
        (datetime(2026, 11, 28, 9, tzinfo=UTC), 2, datetime(2026, 12, 1, 9, tzinfo=UTC)),  # Saturday to Tuesday
        (datetime(2026, 3, 27, 9, tzinfo=UTC), 1, datetime(2026, 3, 30, 8, tzinfo=UTC)),  # ten o'clock in Paris, both
    ],
)
def test_working_days_keep_the_hour_in_paris(moment: datetime, days: int, expected: datetime) -> None:
    assert working_days_after(moment, days) == expected
