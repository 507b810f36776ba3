"""Questions and answers on a real MongoDB: who may ask and read, what each sees, and what asking does not reveal."""

from typing import Any

import pytest

from chassis.mongo import Documents, database_now
from services.projects.model import scanning
from tests.kit.answers import body, problem
from tests.kit.examples import ORGANISATION
from tests.kit.projects import Projects
from tests.kit.racing import together

GUESS, WRONG = "Est-ce pour Nestlé Waters ?", "Est-ce pour Danone Waters ?"


@pytest.fixture
def projects(database: Documents) -> Projects:
    return Projects(database)


# Asking and answering.


def test_mentor_asks_under_a_pseudonym_and_events_hold_only_ids(projects: Projects) -> None:
    projects.invite("thomas")
    question = projects.asked("thomas")
    assert question == {
        "id": question["id"],
        "asker": "Mentor 1",
        "text": "Combien de personnes ?",
        "question": None,
        "answer": None,
        "created_at": question["created_at"],
        "answered_at": None,
    }
    row = projects.outbox(projects.id)[-1]
    assert (row["name"], row["sequence"]) == ("question.asked", 2)
    assert row["payload"] == {"question_id": question["id"], "account": "thomas"}


def test_invited_mentors_read_the_answer_and_its_event_holds_ids(projects: Projects) -> None:
    projects.invite("thomas", "ines")
    question_id = projects.asked("thomas")["id"]
    answered = projects.answer(question_id)
    assert answered.status_code == 200
    assert (body(answered)["answer"], body(answered)["asker"]) == ("Une douzaine.", "Mentor 1")
    for who in ("thomas", "ines", "client"):
        page = body(projects.read(who))
        assert page == {"items": [body(answered)], "next_cursor": None}
    assert [(row["name"], row["sequence"]) for row in projects.outbox(projects.id)][1:] == [
        ("question.asked", 2),
        ("question.answered", 3),
    ]
    assert projects.outbox(projects.id)[-1]["payload"] == {"question_id": question_id}
    version = body(projects.call("client", "GET", f"/api/projects/{projects.id}"))
    assert version["state"] == "collecting"


def test_question_is_404_until_the_invitation_has_arrived(projects: Projects) -> None:
    assert problem(projects.ask("thomas")) == problem(projects.read("thomas")) == (404, "not-found")
    projects.invite("thomas")
    assert projects.read("thomas").status_code == 200
    assert projects.ask("thomas").status_code == 201


def test_redelivered_or_early_invitation_is_recorded_once(projects: Projects) -> None:
    projects.invite("thomas", project_id="not-posted-yet")
    assert problem(projects.ask("thomas", project_id="not-posted-yet")) == (404, "not-found")
    projects.invite("thomas", "ines")
    projects.asked("thomas")
    projects.invite("ines", "thomas")
    assert projects.asked("thomas")["asker"] == "Mentor 1"
    assert projects.database.invitations.count_documents({"project_id": projects.id}) == 2


def test_others_can_neither_read_nor_ask_nor_answer(projects: Projects) -> None:
    projects.invite("thomas")
    question_id = projects.asked("thomas")["id"]
    for stranger in ("eve", "other-client"):
        assert problem(projects.read(stranger)) == (404, "not-found")
    assert problem(projects.ask("eve")) == (404, "not-found")
    assert problem(projects.answer(question_id, who="other-client")) == (404, "not-found")
    assert problem(projects.answer("no-such-question")) == (404, "not-found")
    assert problem(projects.ask("client")) == problem(projects.answer(question_id, who="thomas")) == (403, "forbidden")


def test_question_of_another_project_cannot_be_answered_here(projects: Projects) -> None:
    projects.invite("thomas")
    question_id = projects.asked("thomas")["id"]
    other = projects.post()
    path = f"/api/projects/{other}/questions/{question_id}/answer"
    assert problem(projects.call("client", "POST", path, {"text": "Douze."})) == (404, "not-found")


def test_answer_naming_the_client_and_second_answer_are_refused(projects: Projects) -> None:
    projects.invite("thomas")
    question_id = projects.asked("thomas")["id"]
    refused = projects.answer(question_id, "Chez Nestlé Waters, douze.")
    assert problem(refused) == (422, "identity-leak")
    assert body(refused)["leaks"] == [
        {"field": "text", "start": 5, "end": 18, "kind": "name", "text": "Nestlé Waters", "certain": True}
    ]
    assert body(projects.read("thomas"))["items"][0]["answer"] is None
    assert projects.answer(question_id).status_code == 200
    assert problem(projects.answer(question_id, "Treize.")) == (409, "already-answered")
    assert body(projects.read("thomas"))["items"][0]["answer"] == "Une douzaine."


def test_contact_data_and_texts_of_wrong_length_are_refused(projects: Projects) -> None:
    projects.invite("thomas")
    contact = projects.ask("thomas", "Écrivez-moi : thomas@example.org")
    assert problem(contact) == (422, "contact-data")
    assert [(error["code"], error["message"]) for error in body(contact)["errors"]] == [("contact-data", "email at 14")]
    for text in ("", "  ", "a" * 2001):
        assert problem(projects.ask("thomas", text)) == (422, "invalid")
    assert projects.database.questions.count_documents({}) == 0
    assert [row["name"] for row in projects.outbox(projects.id)] == ["project.posted"]
    assert projects.ask("thomas", "a" * 2000).status_code == 201


@pytest.mark.parametrize("ended", [{"closes_at": 0}, {"state": "choosing"}, {"state": "cancelled"}])
def test_after_the_window_questions_can_only_be_read(projects: Projects, ended: dict[str, Any]) -> None:
    projects.invite("thomas")
    question_id = projects.asked("thomas")["id"]
    change = {"closes_at": database_now(projects.database)} if "closes_at" in ended else ended
    projects.database.projects.update_one({"_id": projects.id}, {"$set": change})
    rule = (409, "already-ended" if ended == {"state": "cancelled"} else "window-ended")
    assert problem(projects.ask("thomas")) == problem(projects.answer(question_id)) == rule
    assert projects.texts("thomas") == projects.texts("client") == ["Combien de personnes ?"]


def test_request_repeated_with_its_key_asks_once(projects: Projects) -> None:
    projects.invite("thomas")
    first, again = (projects.ask("thomas", **{"Idempotency-Key": "k"}) for _ in "12")
    assert (first.status_code, body(first)) == (again.status_code, body(again))
    assert len(projects.texts("client")) == 1


# Visibility.


def test_other_mentors_read_a_question_only_once_it_is_published(projects: Projects) -> None:
    projects.invite("thomas", "ines")
    guess = projects.asked("thomas", GUESS)
    wrong = projects.asked("ines", WRONG)
    assert guess["text"] == GUESS
    assert (projects.texts("thomas"), projects.texts("ines")) == ([GUESS], [WRONG])
    assert projects.texts("client") == [GUESS, WRONG]
    assert projects.answer(wrong["id"], "Nous n'en disons rien.").status_code == 200
    assert (projects.texts("thomas"), projects.texts("ines")) == ([GUESS, WRONG], [WRONG])


def test_question_naming_the_client_is_published_only_when_reworded(projects: Projects) -> None:
    projects.invite("thomas", "ines")
    guess = projects.asked("thomas", GUESS)
    refused = projects.answer(guess["id"], "Cela reste entre nous.")
    assert problem(refused) == (422, "identity-leak")
    assert [(leak["field"], leak["text"]) for leak in body(refused)["leaks"]] == [("question", "Nestlé Waters")]
    assert problem(projects.answer(guess["id"], "Oui.", question="Pour Nestlé Waters ?")) == (422, "identity-leak")
    assert projects.texts("ines") == []
    wording = "Pouvez-vous dire qui vous êtes ?"
    answered = projects.answer(guess["id"], "Cela reste entre nous.", question=wording)
    assert (body(answered)["text"], body(answered)["question"]) == (GUESS, wording)
    assert (projects.texts("thomas"), projects.texts("client"), projects.texts("ines")) == ([GUESS], [GUESS], [wording])


def test_innocent_words_of_a_question_are_never_changed(projects: Projects) -> None:
    projects.call("client", "PUT", "/api/organisations/me", ORGANISATION | {"aliases": ["Zyrqual Total"]})
    projects.invite("thomas", "ines")
    question = projects.asked("thomas", "Combien de personnes au total ?")
    projects.answer(question["id"])
    assert projects.texts("thomas") == projects.texts("ines") == ["Combien de personnes au total ?"]


def test_list_of_guesses_tells_nobody_anything(projects: Projects) -> None:
    """An attack that masking gave away: one question with many names, read from a second account."""
    projects.invite("thomas", "second")
    names = [f"Entreprise {number}" for number in range(100)] + ["Nestlé Waters"]
    projects.asked("thomas", f"Est-ce l'une de celles-ci : {', '.join(names)} ?")
    assert projects.texts("second") == []
    assert "[…]" not in projects.read("thomas").text


def test_right_and_wrong_guesses_get_the_same_answer(projects: Projects) -> None:
    projects.invite("right", "wrong")
    answers = [projects.ask("right", GUESS), projects.ask("wrong", WRONG)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [name for name, _ in answers[0].headers] == [name for name, _ in answers[1].headers]
    shapes = [{name: type(value) for name, value in body(answer).items()} for answer in answers]
    assert shapes[0] == shapes[1]
    assert [body(answer)["text"] for answer in answers] == [GUESS, WRONG]


def test_asking_and_reading_compare_nothing_with_the_identity(
    projects: Projects, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects.invite("thomas")
    compared: list[dict[str, str]] = []
    find_leaks = scanning.find_leaks

    def note(texts: dict[str, str], identity: Any) -> Any:
        compared.append(dict(texts))
        return find_leaks(texts, identity)

    monkeypatch.setattr(scanning, "find_leaks", note)
    question = projects.asked("thomas", WRONG)
    projects.texts("thomas")
    projects.texts("client")
    assert compared == []
    projects.answer(question["id"], "Non.")
    assert compared == [{"text": "Non.", "question": WRONG}]


def test_pseudonyms_follow_the_first_question_and_differ_per_project(projects: Projects) -> None:
    projects.invite("thomas", "ines")
    assert [projects.asked(who)["asker"] for who in ("thomas", "ines", "thomas")] == [
        "Mentor 1",
        "Mentor 2",
        "Mentor 1",
    ]
    items = body(projects.read("client"))["items"]
    assert [item["asker"] for item in items] == ["Mentor 1", "Mentor 2", "Mentor 1"]
    for item in items:
        projects.answer(item["id"])
    assert body(projects.read("client"))["items"] == body(projects.read("ines"))["items"]
    assert not {"thomas", "ines"} & set(str(items).replace("'", " ").split())
    other = projects.post()
    projects.invite("ines", project_id=other)
    assert body(projects.ask("ines", project_id=other))["asker"] == "Mentor 1"


def test_questions_are_paged_newest_first(projects: Projects) -> None:
    projects.invite("thomas", "ines")
    for number in range(5):
        projects.asked("thomas", f"Question {number} ?")
    cursor, seen = "", []
    while cursor is not None:
        page = body(projects.read("thomas", f"?limit=2{cursor and '&cursor=' + cursor}"))
        seen += [item["text"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"Question {number} ?" for number in (4, 3, 2, 1, 0)]
    assert problem(projects.read("thomas", "?limit=0")) == (422, "invalid")


def test_export_holds_own_questions_verbatim_and_the_clients_answers(projects: Projects) -> None:
    projects.invite("thomas", "ines")
    guess = projects.asked("thomas", GUESS)
    projects.asked("ines", WRONG)
    projects.answer(guess["id"], question="Qui êtes-vous ?")
    of_thomas, of_ines, of_client = (
        body(projects.call(who, "GET", "/api/projects/export")) for who in ("thomas", "ines", "client")
    )
    assert [
        (held["invited_to"], [q["text"] for q in held["questions"]]) for held in (of_thomas, of_ines, of_client)
    ] == [
        ([projects.id], [GUESS]),
        ([projects.id], [WRONG]),
        ([], []),
    ]
    [answer] = of_client["answers"]
    assert (answer["question_id"], answer["answer"]) == (guess["id"], "Une douzaine.")
    assert "thomas" not in str(of_client)
    assert of_thomas["answers"] == of_ines["answers"] == []


# Concurrency.


def test_concurrent_questions_get_distinct_numbers_and_events_without_a_gap(projects: Projects) -> None:
    mentors = [f"m{n}" for n in range(6)]
    projects.invite(*mentors)
    answers = together(*[lambda who=who: projects.ask(who) for who in mentors])
    assert [answer.status_code for answer in answers] == [201] * 6
    assert sorted(body(answer)["asker"] for answer in answers) == [f"Mentor {n}" for n in range(1, 7)]
    assert [row["sequence"] for row in projects.outbox(projects.id)] == list(range(1, 8))


def test_twentieth_question_is_accepted_once_among_concurrent_ones(projects: Projects) -> None:
    projects.invite("thomas", "ines")
    for _ in range(19):
        projects.asked("thomas")
    answers = together(*[lambda: projects.ask("thomas")] * 4)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {problem(answer)[1] for answer in answers if answer.status_code == 409} == {"too-many-questions"}
    assert projects.ask("ines").status_code == 201


def test_one_of_two_concurrent_answers_is_stored(projects: Projects) -> None:
    projects.invite("thomas")
    question_id = projects.asked("thomas")["id"]
    answers = together(*[lambda text=text: projects.answer(question_id, text) for text in ("Dix.", "Onze.", "Douze.")])
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    [stands] = [body(answer)["answer"] for answer in answers if answer.status_code == 200]
    assert body(projects.read("thomas"))["items"][0]["answer"] == stands
    assert [row["name"] for row in projects.outbox(projects.id)].count("question.answered") == 1
