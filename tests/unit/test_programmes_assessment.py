"""The self-assessments at the start and at the end: complete in both languages, and each person's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.facts import Refusal
from services.programmes.model import assessment
from services.programmes.model.participants import LEFT, Participant
from services.programmes.model.programme import CLOSED, RUNNING, Programme
from services.programmes.model.programme import PROPOSED as BEFORE

NOW = datetime(2031, 6, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def programme(state: str = RUNNING) -> Programme:
    return Programme("p", "owner-1", "Vingt avec vingt", "pairing", NOW - 90 * DAY, organisation="org-1", state=state)


def participant(side: str = "mentee") -> Participant:
    return Participant("b", "p", "E01", "Anne", "anne@pwn.example", side, NOW - 80 * DAY, state="agreed")


def refused(name: str) -> Any:
    return pytest.raises(Refusal, match=f"^{name}$")


@pytest.mark.parametrize("side", ["mentor", "mentee"])
def test_self_assessment_has_six_to_eight_statements_in_both_languages(side: str) -> None:
    french, english = (assessment.statements(side, language) for language in ("fr", "en"))
    assert [one.id for one in french] == [one.id for one in english]
    assert len({one.id for one in french}) == len(french)
    assert 6 <= len(french) <= 8
    for one, other in zip(french, english, strict=True):
        assert 30 <= len(one.text) <= 110, one.text
        assert 30 <= len(other.text) <= 110, other.text
        assert (one.text[-1], other.text[-1]) == (".", "."), one.id
        assert one.text != other.text
    assert all(len(words) == assessment.HIGHEST for words in assessment.SCALE.values())


def answers(side: str, value: int) -> dict[str, int]:
    return {one.id: value for one in assessment.statements(side, "fr")}


def test_start_is_open_from_the_publication_until_the_end_is_answered() -> None:
    person = participant()
    assert assessment.open_moments(programme(BEFORE), person, None, NOW) == []
    assert assessment.open_moments(programme(), person, None, NOW) == ["start"]
    person.assessments = {"end": answers("mentee", 3)}
    assert assessment.open_moments(programme(), person, None, NOW) == []


def test_end_is_open_for_thirty_days_after_the_closing() -> None:
    person, closed = participant(), programme(CLOSED)
    closed.closed_at = NOW
    assert assessment.open_moments(closed, person, None, NOW + 29 * DAY) == ["end"]
    assert assessment.open_moments(closed, person, None, NOW + 30 * DAY) == []
    person.state = LEFT
    assert assessment.open_moments(closed, person, None, NOW) == []


def test_end_is_open_once_the_last_pair_is_over() -> None:
    assert assessment.open_moments(programme(), participant(), NOW - DAY, NOW) == ["start", "end"]
    assert assessment.open_moments(programme(), participant(), NOW - 31 * DAY, NOW) == ["start"]


def test_person_reads_their_own_answers_before_and_after() -> None:
    person = participant()
    assessment.answer(person, "start", answers("mentee", 2), ["start"])
    assessment.answer(person, "end", {**answers("mentee", 4), "data": 1}, ["start", "end"])
    found = {one.id: (one.before, one.after, one.change) for one in assessment.compare(person, "fr")}
    assert found["asking"] == (2, 4, 2)
    assert found["data"] == (2, 1, -1)


def test_comparison_before_the_end_shows_no_change() -> None:
    person = participant("mentor")
    assessment.answer(person, "start", answers("mentor", 2), ["start"])
    assert {(one.before, one.after, one.change) for one in assessment.compare(person, "en")} == {(2, None, None)}


@pytest.mark.parametrize("wrong", [0, 6, 2.5, "3", True, None])
def test_answer_outside_the_scale_is_refused(wrong: object) -> None:
    person = participant()
    with refused("invalid") as refusal:
        assessment.answer(person, "start", {**answers("mentee", 3), "data": wrong}, ["start"])
    assert [error["field"] for error in refusal.value.errors] == ["answers.data"]
    assert person.assessments == {}


def test_missing_and_unknown_statements_are_named() -> None:
    given = answers("mentor", 3)
    del given["listening"]
    with refused("invalid") as refusal:
        assessment.answer(participant("mentor"), "start", {**given, "data": 3}, ["start"])
    assert {error["field"] for error in refusal.value.errors} == {"answers.data", "answers.listening"}


def test_answer_at_a_moment_that_is_not_open_is_refused() -> None:
    with refused("assessment-closed"):
        assessment.answer(participant(), "end", answers("mentee", 3), ["start"])
