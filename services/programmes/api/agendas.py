"""Agendas of a pair's meetings, and each person's own self-assessment."""

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.http.commands import command
from chassis.http.parsing import Blueprint
from chassis.http.said import documented, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import taking_part
from services.programmes.api.languages import IN_LANGUAGE, headers, language_of
from services.programmes.commands.assessments import answer_assessment
from services.programmes.model import assessment
from services.programmes.model.agendas import meetings_for
from services.programmes.views.agendas import assessment_view, comparison_view, meeting_view

Said = tuple[Document, dict[str, str]]


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("agendas", __name__)

    @blueprint.get("/api/programmes/<programme_id>/pairs/<mentor_ref>/<mentee_ref>/agendas")
    @taking_part
    @blueprint.response(200, schemas.AgendasSchema)
    @documented(parameters=IN_LANGUAGE)
    def read_agendas(programme_id: str, mentor_ref: str, mentee_ref: str, *, actor: Actor) -> Said:
        """The agendas of a pair's first six meetings, the topics that the mentee wants first."""
        standing = store.standing(work.database, programme_id, actor)
        couple = store.couple_by_refs(work.database, standing, mentor_ref, mentee_ref)
        language = language_of(standing)
        with_note = standing.runs or couple.caller == couple.pair.mentor
        meetings = meetings_for(couple.mentee.wants if couple.mentee else [], language)
        items = [meeting_view(one, with_note=with_note) for one in meetings]
        return {"language": language, "items": items}, headers(language)

    @blueprint.get("/api/programmes/<programme_id>/assessment")
    @taking_part
    @blueprint.response(200, schemas.AssessmentSchema)
    @documented(parameters=IN_LANGUAGE)
    def read_assessment(programme_id: str, *, actor: Actor) -> Said:
        """The statements of the caller's self-assessment, and when they may answer."""
        standing = store.standing(work.database, programme_id, actor)
        participant, language = standing.taking_part(), language_of(standing)
        over_at = store.pairs_over_at(work.database, programme_id, participant.id)
        opened = assessment.open_moments(standing.programme, participant, over_at, work.now())
        statements = assessment.statements(participant.side, language)
        return assessment_view(participant, statements, opened, language), headers(language)

    @blueprint.put("/api/programmes/<programme_id>/assessment/<moment>")
    @taking_part
    @refuses("assessment-closed")
    @blueprint.arguments(schemas.AnswersBody)
    @blueprint.response(200, schemas.OwnAnswersSchema)
    @documented(parameters=IN_LANGUAGE)
    def answer(body: Document, programme_id: str, moment: str, *, actor: Actor) -> Said:
        """Stores the caller's answers at the start or at the end. Nobody else reads them."""
        if moment not in assessment.MOMENTS:
            raise not_found()
        language = language_of(store.standing(work.database, programme_id, actor))
        found = command(
            work,
            actor,
            lambda unit: answer_assessment(unit, actor, programme_id, moment, body["answers"], language),
        )
        return found, headers(language)

    @blueprint.get("/api/programmes/<programme_id>/assessment/mine")
    @taking_part
    @blueprint.response(200, schemas.OwnAnswersSchema)
    @documented(parameters=IN_LANGUAGE)
    def read_answers(programme_id: str, *, actor: Actor) -> Said:
        """The caller's own answers, before and after."""
        standing = store.standing(work.database, programme_id, actor)
        participant, language = standing.taking_part(), language_of(standing)
        return comparison_view(participant, assessment.compare(participant, language)), headers(language)

    return blueprint
