"""The rules of questions and answers."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from chassis.facts import Refusal
from contracts.events import CONTRACT
from contracts.facts import QuestionAnswered, QuestionAsked
from contracts.scan import contact_data
from services.projects.model.leaks import Identity
from services.projects.model.project import Project
from services.projects.model.questions import MOST_QUESTIONS, Question, answer, ask
from services.projects.model.scanning import Scanned

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
END = NOW + timedelta(hours=48)
IDENTITY = Identity(name="Nestlé Waters", aliases=("NWMT",))
GUESS = "Est-ce pour Nestlé Waters ?"


def project(**changes: Any) -> Project:
    written: dict[str, Any] = {"title": "Titre", "brief": "Un brief.", "topics": ["crm"], "languages": ["fr"]}
    written |= {"budget": None, "window": END - NOW, "close_early": True, "auto_extend": False}
    return Project(id="p", client="client", created_at=NOW, closes_at=END, **(written | changes))


def asked(
    about: Project, account: str = "a", text: str = "Combien ?", earlier: Any = (), at: datetime = NOW
) -> Question:
    return ask(about, f"q-{account}-{len(earlier)}", account, text, contact_data(text), earlier, at)[0]


def checked(text: str, question: str = "Combien ?") -> Any:
    """The leak check that a command passes to `answer`."""
    return partial(Scanned({"text": text, "question": question}).clean_for, IDENTITY)


def reads(reader: str, *questions: Question) -> list[str | None]:
    """The questions as this person reads them."""
    return [question.text_for(reader, client=reader == "client") for question in questions]


def refused(action: Any, *args: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        action(*args)
    return refusal.value


def test_question_events_hold_no_text() -> None:
    question, [first] = ask(project(), "q", "a", "Combien de personnes ?", [], [], NOW)
    [second] = answer(project(), question, "Une douzaine.", None, checked("Une douzaine."), NOW)
    assert first == QuestionAsked(question_id="q", account="a")
    assert second == QuestionAnswered(question_id="q")
    for fact in (first, second):
        assert CONTRACT.dump(fact.name, fact.data) == fact.data


def test_mentors_are_numbered_by_their_first_question_per_project() -> None:
    one, other = project(), project()
    first, second = asked(one, "a"), asked(one, "b")
    again, third = asked(one, "a", earlier=[first]), asked(one, "c")
    assert [q.pseudonym for q in (first, second, again, third)] == ["Mentor 1", "Mentor 2", "Mentor 1", "Mentor 3"]
    assert asked(other, "c").pseudonym == "Mentor 1"


@pytest.mark.parametrize(
    ("changes", "at", "name"),
    [
        ({}, END, "window-ended"),
        ({"state": "choosing"}, NOW, "window-ended"),
        ({"state": "cancelled"}, NOW, "already-ended"),
        ({"state": "refused"}, NOW, "already-ended"),
        ({"state": "unfilled"}, NOW, "already-ended"),
        ({"state": "expired"}, NOW, "already-ended"),
        ({"state": "awarded"}, NOW, "already-awarded"),
        ({"state": "completed"}, NOW, "already-awarded"),
    ],
)
def test_questions_and_answers_are_for_open_windows_only(changes: Any, at: datetime, name: str) -> None:
    question, over = asked(project()), project(**changes)
    assert refused(ask, over, "q", "a", "Combien ?", [], [], at).name == name
    assert refused(answer, over, question, "Douze.", None, checked("Douze."), at).name == name
    assert (over.askers, question.answer) == (0, None)


def test_questions_and_answers_are_accepted_until_the_deadline() -> None:
    last = END - timedelta(milliseconds=1)
    question = asked(project(), at=last)
    answer(project(), question, "Douze.", None, checked("Douze."), last)
    assert (question.created_at, question.answered_at, question.answer) == (last, last, "Douze.")


def test_mentor_may_ask_twenty_questions_per_project() -> None:
    about, earlier = project(), list[Question]()
    for _ in range(MOST_QUESTIONS):
        earlier.append(asked(about, earlier=earlier))
    assert len({question.id for question in earlier}) == MOST_QUESTIONS == 20
    assert refused(ask, about, "q", "a", "Encore ?", [], earlier, NOW).name == "too-many-questions"
    assert asked(about, "b").pseudonym == "Mentor 2"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Écrivez-moi : thomas@example.org", "email at 14"),
        ("Mon numéro : 06 12 34 56 78", "phone at 13"),
        ("Voir linkedin.com/in/thomas-m", "handle at 5"),
        ("Est-ce nestle-waters.com ?", "url at 7"),
        ("Est-ce la SIREN 552 100 554 ?", "registration at 16"),
        ("Joignable au 0475/12.34.56", "phone at 13"),
    ],
)
def test_contact_data_in_a_question_is_refused_with_its_position(text: str, place: str) -> None:
    about = project()
    refusal = refused(ask, about, "q", "a", text, contact_data(text), [], NOW)
    (error,) = refusal.errors
    assert (refusal.name, error["field"], error["message"]) == ("contact-data", "text", place)
    kind, _, start = place.partition(" at ")
    assert (error["params"]["kind"], error["params"]["start"]) == (kind, int(start))
    assert about.askers == 0


def test_unpublished_question_is_read_by_its_author_and_the_client_alone() -> None:
    mine, other = asked(project(), "a", GUESS), asked(project(), "b", "Est-ce pour Danone ?")
    assert reads("a", mine, other) == [GUESS, None]
    assert reads("b", mine, other) == [None, "Est-ce pour Danone ?"]
    assert reads("client", mine, other) == [GUESS, "Est-ce pour Danone ?"]
    assert reads("c", mine, other) == [None, None]


def test_published_question_is_read_as_asked_by_everybody() -> None:
    question = asked(project())
    answer(project(), question, "Douze.", None, checked("Douze."), NOW)
    assert [reads(reader, question) for reader in ("a", "b", "client")] == [["Combien ?"]] * 3


def test_reworded_question_is_read_as_reworded_but_for_author_and_client() -> None:
    question, wording = asked(project(), "a", GUESS), "Pouvez-vous décrire votre secteur ?"
    answer(project(), question, "L'alimentaire.", wording, checked("L'alimentaire.", wording), NOW)
    assert [reads(reader, question)[0] for reader in ("a", "client", "b")] == [GUESS, GUESS, wording]


@pytest.mark.parametrize("published", [GUESS, "Au sujet de NWMT : combien ?"])
def test_question_naming_the_client_is_never_published(published: str) -> None:
    question = asked(project(), "a", GUESS)
    refusal = refused(answer, project(), question, "Douze.", published, checked("Douze.", published), NOW)
    assert refusal.name == "identity-leak"
    assert [leak["field"] for leak in refusal.extra["leaks"]] == ["question"]
    assert (question.answer, question.published, reads("b", question)) == (None, None, [None])


def test_answer_naming_the_client_is_refused_and_another_accepted() -> None:
    question = asked(project())
    text = "Chez Nestlé Waters, douze."
    refusal = refused(answer, project(), question, text, None, checked(text), NOW)
    [leak] = refusal.extra["leaks"]
    assert refusal.name == "identity-leak"
    assert leak == {"field": "text", "start": 5, "end": 18, "kind": "name", "text": "Nestlé Waters", "certain": True}
    assert question.answer is None
    answer(project(), question, "Chez nous, douze.", None, checked("Chez nous, douze."), NOW)


def test_question_can_be_answered_once() -> None:
    question = asked(project())
    answer(project(), question, "Douze.", None, checked("Douze."), NOW)
    assert refused(answer, project(), question, "Treize.", None, checked("Treize."), NOW).name == "already-answered"
    assert question.answer == "Douze."
