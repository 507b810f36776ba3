"""Mentors ask before they quote, the client answers anonymously, and questions reveal nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stories.nestle_waters import ORGANISATION, expect
from stories.people import Person, about, client, mentor, pause
from stories.timeline import Watcher
from tests.kit.waiting import until
from tests.stories.mails import mails_to, text_of
from tests.stories.running import Running

TOPICS = ["wikipedia-contribution", "enterprise-social-network"]
GUESS = "Quorvexil : est-ce pour Nestlé Waters, par hasard ?"
WORDING = "Pouvez-vous nous dire qui vous êtes ?"
WRONG = "Quorvexil : est-ce pour Danone Eaux, par hasard ?"
ANSWER = "Une douzaine de personnes, en deux groupes."


class Cast:
    """A client, three invited mentors, and a project open to questions."""

    def __init__(self, url: str) -> None:
        self.mentors = [mentor(url, "Inès", TOPICS), mentor(url, "Emma", TOPICS, "en"), mentor(url, "Karim", TOPICS)]
        self.ines, self.emma, self.karim = self.mentors
        self.client = client(url, ORGANISATION, "Hélène", "en")
        self.uninvited = Person(url, "mentor", "Eve").join()
        body = {"title": "Écrire ensemble", **about(TOPICS), "languages": ["fr"], "window": "PT1H"}
        self.project_id: str = expect(self.client.post("/api/projects", body), 201)["id"]
        self.path = f"/api/projects/{self.project_id}/questions"
        for person in self.mentors:
            person.invitation(self.project_id)
            person.until(self.path, lambda page: "items" in page)

    def texts(self, person: Person) -> list[str]:
        """The texts of the questions as the person sees them, oldest first."""
        return [item["text"] for item in reversed(expect(person.get(self.path), 200)["items"])]


@pytest.fixture
def cast(system: Running) -> Iterator[Cast]:
    cast = Cast(system.url)
    yield cast
    pause(cast.mentors)


def kind_of(answer: Any) -> str:
    return str(answer.json()["type"]).removeprefix("urn:releve:problem:")


def test_questions_are_published_with_answers_and_notified_in_both_languages(
    cast: Cast, system: Running, watcher: Watcher, mails: Path
) -> None:
    guess = expect(cast.ines.post(cast.path, {"text": GUESS}), 201)
    plain = expect(cast.emma.post(cast.path, {"text": "Combien de personnes ?"}), 201)
    assert guess.items() >= {"asker": "Mentor 1", "text": GUESS, "answer": None}.items()
    assert plain["asker"] == "Mentor 2"
    assert cast.texts(cast.ines) == [GUESS]
    assert cast.texts(cast.emma) == ["Combien de personnes ?"]
    assert cast.texts(cast.karim) == []
    assert cast.texts(cast.client) == [GUESS, "Combien de personnes ?"]

    told = cast.client.notification("question-asked", cast.project_id)
    assert told["title"] == "A question about “Écrire ensemble”"
    leaky = cast.client.post(f"{cast.path}/{plain['id']}/answer", {"text": "Nestlé Waters en inscrit douze."})
    assert expect(leaky, 422)["leaks"][0]["text"] == "Nestlé Waters"
    answered = expect(cast.client.post(f"{cast.path}/{plain['id']}/answer", {"text": ANSWER}), 200)
    assert (answered["answer"], answered["asker"]) == (ANSWER, "Mentor 2")
    as_asked = cast.client.post(f"{cast.path}/{guess['id']}/answer", {"text": "Cela reste entre nous."})
    assert [leak["field"] for leak in expect(as_asked, 422)["leaks"]] == ["question"]
    again = cast.client.post(f"{cast.path}/{plain['id']}/answer", {"text": "Treize."})
    assert (again.status_code, kind_of(again)) == (409, "already-answered")

    titles = {"fr": "Une réponse sur « Écrire ensemble »", "en": "An answer about “Écrire ensemble”"}
    for person in cast.mentors:
        assert person.notification("question-answered", cast.project_id)["title"] == titles[person.locale]
        answers = [item["answer"] for item in expect(person.get(cast.path), 200)["items"] if item["answer"]]
        assert answers == [ANSWER]
        mail = until(lambda p=person: [m for m in mails_to(mails, p.email) if m["Subject"] == titles[p.locale]])  # type: ignore[misc]
        assert "Quorvexil" not in text_of(mail[0])  # type: ignore[index]

    assert watcher.wait_for(cast.project_id, ["question.asked", "question.asked", "question.answered"])
    events = [event for event in watcher.of(cast.project_id) if event.name.startswith("question.")]
    assert [event.payload for event in events] == [
        {"question_id": guess["id"], "account": cast.ines.id},
        {"question_id": plain["id"], "account": cast.emma.id},
        {"question_id": plain["id"]},
    ]
    assert [event.sequence for event in events] == [2, 3, 4]
    assert not [path.name for path in system.logs.glob("*.log") if "Quorvexil" in path.read_text(errors="replace")]
    reworded = {"text": "Cela reste entre nous.", "question": WORDING}
    expect(cast.client.post(f"{cast.path}/{guess['id']}/answer", reworded), 200)
    assert cast.texts(cast.ines) == [GUESS, "Combien de personnes ?"]
    for person in (cast.emma, cast.karim):
        assert cast.texts(person) == [WORDING, "Combien de personnes ?"]
        assert not [text for text in person.heard if "Quorvexil" in text]
    for person in (cast.client, cast.emma, cast.karim):
        assert not [text for text in person.heard if cast.ines.id in text]


def test_right_and_wrong_guesses_are_indistinguishable(cast: Cast) -> None:
    right, wrong = (person.post(cast.path, {"text": text}) for person, text in ((cast.ines, GUESS), (cast.emma, WRONG)))
    assert right.status_code == wrong.status_code == 201
    assert sorted(right.headers.keys()) == sorted(wrong.headers.keys())
    shapes = [{name: type(value) for name, value in answer.json().items()} for answer in (right, wrong)]
    assert shapes[0] == shapes[1]
    assert (right.json()["text"], wrong.json()["text"]) == (GUESS, WRONG)
    lists = [person.get(cast.path) for person in (cast.ines, cast.emma)]
    assert lists[0].status_code == lists[1].status_code == 200
    assert sorted(lists[0].headers.keys()) == sorted(lists[1].headers.keys())
    assert cast.texts(cast.ines) == [GUESS]
    assert cast.texts(cast.client) == [GUESS, WRONG]


def test_only_invited_mentors_ask_and_only_the_client_answers(cast: Cast, system: Running) -> None:
    question = expect(cast.ines.post(cast.path, {"text": "Combien de personnes ?"}), 201)
    stranger = client(system.url, ORGANISATION)
    for person in (cast.uninvited, stranger):
        assert kind_of(person.get(cast.path)) == "not-found"
    assert kind_of(cast.uninvited.post(cast.path, {"text": "Et moi ?"})) == "not-found"
    assert kind_of(stranger.post(f"{cast.path}/{question['id']}/answer", {"text": ANSWER})) == "not-found"
    contact = cast.ines.post(cast.path, {"text": "Appelez-moi au 06 12 34 56 78."})
    assert (contact.status_code, kind_of(contact)) == (422, "contact-data")
    assert [error["message"] for error in contact.json()["errors"]] == ["phone at 15"]

    expect(cast.client.post(f"/api/projects/{cast.project_id}/cancellation", {"reason": "Le budget manque."}), 200)
    late = cast.ines.post(cast.path, {"text": "Encore une question ?"})
    assert (late.status_code, kind_of(late)) == (409, "already-ended")
    assert cast.texts(cast.karim) == []
    assert cast.texts(cast.client) == ["Combien de personnes ?"]
