"""Questions of invited mentors and the client's answers."""

from collections.abc import Sequence
from functools import partial

from chassis.http.auth import Actor
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from contracts.scan import Leak
from services.projects import store
from services.projects.model.questions import answer, ask
from services.projects.model.scanning import Scanned
from services.projects.views.questions import question_view


def ask_question(unit: Unit, actor: Actor, project_id: str, text: str, contacts: Sequence[Leak]) -> Document:
    """Asks the client under a per-project pseudonym. ``contacts`` is the contact data found in the text."""
    project = store.invited_project(unit, project_id, actor)
    earlier = store.my_questions(unit, project_id, actor)
    question, facts = ask(project, new_id(), actor.id, text, contacts, earlier, unit.now)
    store.save_question(unit, question)
    store.save_project(unit, project, facts)
    return question_view(question, actor.id, client=False)


def answer_question(
    unit: Unit, actor: Actor, project_id: str, question_id: str, text: str, wording: str | None, scanned: Scanned
) -> Document:
    """Answers a question, once, and publishes it as asked or in the client's ``wording``.

    ``scanned`` holds the answer (field ``text``) and the question to publish (``question``). Raises ``identity-leak``
    if one of them names the client.
    """
    project = store.my_project(unit, project_id, actor)
    question = store.find_question(unit, project_id, question_id)
    identity = store.identity_within(unit, project)
    facts = answer(project, question, text, wording, partial(scanned.clean_for, identity), unit.now)
    store.save_question(unit, question)
    store.save_project(unit, project, facts)
    return question_view(question, actor.id, client=True)
