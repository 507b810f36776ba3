"""Questions of invited mentors, and the client's answers."""

from functools import partial

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork
from contracts.scan import contact_data
from services.projects import question_store, questions, schemas, store
from services.projects.scanning import Scanned


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("questions", __name__)

    @blueprint.post("/api/projects/<project_id>/questions")
    @signed_in("mentor")
    @blueprint.arguments(schemas.QuestionBody)
    @blueprint.response(201, schemas.QuestionSchema)
    def ask(body: Document, project_id: str, *, actor: Actor) -> Document:
        """Asks the client, under a pseudonym of this project; every invited mentor reads it."""

        contacts = contact_data(body["text"])

        def effect(unit: Unit) -> Document:
            project = store.invited_project(unit, project_id, actor)
            earlier = question_store.my_questions(unit, project_id, actor)
            question, facts = questions.ask(project, new_id(), actor.id, body["text"], contacts, earlier, unit.now)
            question_store.save_question(unit, question)
            store.save_project(unit, project, facts)
            return _view(question, question.text)

        return command(work, actor, effect)

    @blueprint.get("/api/projects/<project_id>/questions")
    @signed_in("client", "mentor")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, schemas.QuestionPage)
    def read_questions(query: Document, project_id: str, *, actor: Actor) -> Document:
        """The questions and answers, newest first, to the client and every invited mentor."""
        project = store.read_discussed_project(work.database, project_id, actor)
        found, cursor = question_store.read_questions(work.database, project_id, query)
        texts = questions.texts_for(actor.id, found, store.identity_now(work.database, project))
        return {"items": [_view(question, texts[question.id]) for question in found], "next_cursor": cursor}

    @blueprint.post("/api/projects/<project_id>/questions/<question_id>/answer")
    @signed_in("client")
    @blueprint.arguments(schemas.AnswerBody)
    @blueprint.response(200, schemas.QuestionSchema)
    def answer(body: Document, project_id: str, question_id: str, *, actor: Actor) -> Document:
        """Answers a question, once; an answer that tells who asks is refused with the places."""

        scanned = Scanned({"text": body["text"]})
        scanned.prepare(store.client_identity(work.database, project_id, actor))

        def effect(unit: Unit) -> Document:
            project = store.my_project(unit, project_id, actor)
            question = question_store.find_question(unit, project_id, question_id)
            identity = store.identity_within(unit, project)
            facts = questions.answer(project, question, body["text"], partial(scanned.clean_for, identity), unit.now)
            question_store.save_question(unit, question)
            store.save_project(unit, project, facts)
            return _view(question, questions.texts_for(actor.id, [question], identity)[question.id])

        return command(work, actor, effect)

    return blueprint


def _view(question: questions.Question, text: str) -> Document:
    return {
        "id": question.id,
        "asker": question.pseudonym,
        "text": text,
        "answer": question.answer,
        "created_at": question.created_at,
        "answered_at": question.answered_at,
    }
