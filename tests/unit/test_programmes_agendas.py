"""The agendas of the first six meetings: complete in both languages, well formed, ordered by the mentee's wants."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.vocabulary import exists
from services.programmes.model.agendas import LANGUAGES, MINUTES, catalogue, meetings_for

USUAL = [
    "community-platform",
    "online-discussion",
    "opinion-leader",
    "data",
    "artificial-intelligence",
    "social-networks-crm",
]
ENGLISH = """
    the and your you with what which how why when where who of from that this is are they their there have has would
    could should about meeting mentee feedback post posts feed prompt prompts data chatbot chat hashtag like share
    follower followers tips call team leader manager deadline brief slide email mail online business storytelling
"""
FRENCH = """
    le la les et vous votre vos une des du avec pour dans qui que quoi est sont ce cette ces sur pas plus ne
    rencontre données mentoré accompagnée
"""
ADDRESSED = re.compile(r"\b(tu|toi|te|ta|tes|t'as)\b", re.IGNORECASE)
LENGTHS = {
    "title": (20, 75),
    "aim": (70, 170),
    "attempt": (100, 260),
    "mentor_note": (350, 650),
    "before": (100, 330),
    "what": (30, 190),
    "questions": (30, 150),
}


def texts_of(part: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text below this part with the path of its keys."""
    if isinstance(part, str):
        yield path, part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from texts_of(value, f"{path}/{key}")
    elif isinstance(part, list):
        for value in part:
            yield from texts_of(value, path)


def shape_of(part: Any) -> Any:
    """The same structure with each text replaced by its type; numbers stay."""
    if isinstance(part, dict):
        return {key: shape_of(value) for key, value in part.items()}
    if isinstance(part, list):
        return [shape_of(value) for value in part]
    return str if isinstance(part, str) else part


def texts_in(language: str) -> list[tuple[str, str]]:
    """All texts in one language, with their paths."""
    whole = catalogue()
    return [
        *texts_of([whole["first"][language], whole["last"][language]], "/what"),
        *(found for row in whole["meetings"] for found in texts_of(row[language], row["id"])),
    ]


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text.lower()))


def test_six_meetings_have_the_same_structure_in_both_languages() -> None:
    for row in catalogue()["meetings"]:
        assert shape_of(row["fr"]) == shape_of(row["en"]), row["id"]
    assert [row["id"] for row in catalogue()["meetings"]] == USUAL


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_of_another_length_than_planned(language: str) -> None:
    for path, text in texts_in(language):
        assert text == text.strip(), path
        assert "  " not in text, path
        keys = [key for key in LENGTHS if f"/{key}" in path]
        least, most = LENGTHS[keys[0]] if keys and text != catalogue()["first"][language] else (8, 300)
        assert least <= len(text) <= most, (path, len(text), text)
        assert text[0].isupper(), (path, text)


@pytest.mark.parametrize(("language", "other"), [("fr", ENGLISH), ("en", FRENCH)])
def test_texts_hold_no_word_of_the_other_language(language: str, other: str) -> None:
    for path, text in texts_in(language):
        assert not words(text) & set(other.split()), (path, text)


def test_french_texts_say_vous_and_quote_with_guillemets() -> None:
    for path, text in texts_in("fr"):
        assert not ADDRESSED.search(text), (path, text)
        assert not set(text) & set("“”\"'"), (path, text)
        for mark in "?!:;»":
            assert re.search(rf"[^\s»]{re.escape(mark)}", text) is None, (path, text)
        assert not re.search(r"«(?! )", text), (path, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_meeting_takes_an_hour_and_asks_six_to_eight_questions(language: str) -> None:
    for meeting in meetings_for([], language):
        assert sum(step.minutes for step in meeting.steps) == MINUTES
        assert meeting.steps[0].starts_at == 0
        assert meeting.steps[-1].starts_at + meeting.steps[-1].minutes == MINUTES
        asked = [*meeting.questions_of_mentor, *meeting.questions_of_mentee]
        assert 6 <= len(asked) <= 8
        assert min(len(meeting.questions_of_mentor), len(meeting.questions_of_mentee)) >= 3
        assert all(question.endswith("?") for question in asked)
        assert 3 <= len(meeting.exercise_steps) <= 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_question_can_be_answered_by_yes_or_no_alone(language: str) -> None:
    closed = re.compile(r"^(Est-ce|Pouvez|Savez|Aimez|Do |Does |Is |Are |Can )")
    for path, text in texts_in(language):
        assert "/questions" not in path or not closed.search(text), text


def test_topics_of_the_meetings_are_in_the_vocabulary() -> None:
    for row in catalogue()["meetings"]:
        assert all(exists(topic) for topic in row["topics"]), row["id"]


@pytest.mark.parametrize(
    ("wants", "first"),
    [
        ([], USUAL),
        (["data-literacy"], ["data", "community-platform"]),
        (["chatgpt", "linkedin"], ["artificial-intelligence", "social-networks-crm", "community-platform"]),
        (["salesforce", "crm", "fact-checking"], ["social-networks-crm", "community-platform", "online-discussion"]),
        (["intelligence artificielle"], ["artificial-intelligence", "community-platform"]),
        (["devenir leader d'opinion"], ["opinion-leader", "community-platform"]),
        (["apiculture"], USUAL),
    ],
)
def test_meetings_follow_the_wants_of_the_mentee(wants: list[str], first: list[str]) -> None:
    found = [meeting.id for meeting in meetings_for(wants, "fr")]
    assert found[: len(first)] == first
    assert sorted(found) == sorted(USUAL)
    assert [meeting.number for meeting in meetings_for(wants, "en")] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_meeting_agrees_on_rules_and_last_looks_back(language: str) -> None:
    whole = catalogue()
    for wants in ([], ["data-literacy"], ["crm", "prompting"]):
        steps = [step.what for meeting in meetings_for(wants, language) for step in meeting.steps]
        assert steps[0] == whole["first"][language]
        assert steps[-1] == whole["last"][language]
        assert len(steps) - len(set(steps)) == 2 * 4  # the usual check-in and end of the meetings between
