"""Questions of invited mentors and the client's answers."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint
from chassis.http.said import example, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from contracts.scan import contact_data
from services.projects import schemas, store
from services.projects.commands import questions as commands
from services.projects.commands import scans
from services.projects.views.questions import question_view


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("questions", __name__)

    @blueprint.post("/api/projects/<project_id>/questions")
    @signed_in("mentor")
    @refuses("window-ended", "already-awarded", "already-ended", "too-many-questions", "contact-data")
    @blueprint.arguments(schemas.QuestionBody)
    @blueprint.response(201, schemas.QuestionSchema)
    @example(answer={"answer": None, "answered_at": None})
    def ask(body: Document, project_id: str, *, actor: Actor) -> Document:
        """Asks the client under a per-project pseudonym. Other mentors read the question once it is published."""
        text, contacts = body["text"], contact_data(body["text"])
        return command(work, actor, lambda unit: commands.ask_question(unit, actor, project_id, text, contacts))

    @blueprint.get("/api/projects/<project_id>/questions")
    @signed_in("client", "mentor")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, schemas.QuestionPage)
    def read_questions(query: Document, project_id: str, *, actor: Actor) -> Document:
        """Questions and answers, newest first: the client reads all, a mentor their own and the published ones."""
        project = store.read_discussed_project(work.database, project_id, actor)
        client = actor.id in project.clients
        found, cursor = store.read_questions(work.database, project_id, query, None if client else actor)
        return {"items": [question_view(one, actor.id, client=client) for one in found], "next_cursor": cursor}

    @blueprint.post("/api/projects/<project_id>/questions/<question_id>/answer")
    @signed_in("client")
    @refuses("window-ended", "already-awarded", "already-ended", "already-answered", "identity-leak")
    @blueprint.arguments(schemas.AnswerBody)
    @blueprint.response(200, schemas.QuestionSchema)
    def answer(body: Document, project_id: str, question_id: str, *, actor: Actor) -> Document:
        """Answers a question, once, and publishes it as asked or as reworded in ``question``.

        If the answer or the published question names the client, it is refused with the places.
        """
        text, wording = body["text"], body["question"]
        scanned = scans.answer(work.database, actor, project_id, question_id, body)
        return command(
            work,
            actor,
            lambda unit: commands.answer_question(unit, actor, project_id, question_id, text, wording, scanned),
        )

    return blueprint
