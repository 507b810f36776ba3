"""Sessions of pairs: planned, moved, logged, cancelled, and put into calendars."""

from flask import Response

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint
from chassis.http.said import answers, documented, example, refuses
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import taking_part
from services.programmes.api.languages import IN_LANGUAGE, headers, language_of
from services.programmes.clients.calendar import TYPE, calendar
from services.programmes.commands import sessions as commands
from services.programmes.config import Config
from services.programmes.model.agendas import title_of
from services.programmes.model.visibility import shows_name
from services.programmes.views.sessions import meetings_view, session_view

PAIR = "/api/programmes/<programme_id>/pairs/<mentor_ref>/<mentee_ref>/sessions"
SESSION = "/api/programmes/<programme_id>/sessions/<session_id>"


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("sessions", __name__)

    @blueprint.post(PAIR)
    @taking_part
    @refuses("pair-not-active", "too-many-sessions")
    @blueprint.arguments(schemas.SessionBody)
    @blueprint.response(201, schemas.SessionSchema)
    @shows_version
    def plan_session(body: Document, programme_id: str, mentor_ref: str, mentee_ref: str, *, actor: Actor) -> Versioned:
        """Plans a session of a pair, or logs one that was held. The other half is told of a planned one."""
        session_id, refs = new_id(), (mentor_ref, mentee_ref)
        answer = command(
            work, actor, lambda unit: commands.plan_session(unit, actor, programme_id, refs, session_id, body, config)
        )
        return answer, answer["version"]

    @blueprint.get(PAIR)
    @taking_part
    @blueprint.response(200, schemas.SessionList)
    def read_sessions(programme_id: str, mentor_ref: str, mentee_ref: str, *, actor: Actor) -> Document:
        """The sessions of a pair, by time, for the two and, without notes, for those who run the programme."""
        standing = store.standing(work.database, programme_id, actor)
        couple = store.couple_by_refs(work.database, standing, mentor_ref, mentee_ref)
        found = store.sessions_of(work.database, [couple.pair.id])
        return {"items": [session_view(one, couple) for one in found]}

    @blueprint.patch(SESSION)
    @taking_part
    @refuses("session-over", "too-many-sessions")
    @blueprint.arguments(schemas.SessionChangeBody)
    @blueprint.response(200, schemas.SessionSchema)
    @takes_version
    @shows_version
    @example(answer={"state": "moved", "moved_from": ["2026-12-01T13:00:00.000Z"]})
    def change_session(
        body: Document, programme_id: str, session_id: str, *, actor: Actor, expected: IfMatch
    ) -> Versioned:
        """Moves a session, says that it was held or cancelled, or completes what is noted. The other half is told."""
        answer = command(
            work,
            actor,
            lambda unit: commands.change_session(unit, actor, programme_id, session_id, body, config, expected),
        )
        return answer, answer["version"]

    @blueprint.get(f"{SESSION}/calendar")
    @taking_part
    @documented(parameters=IN_LANGUAGE, responses=answers("text/calendar", {"type": "string"}, "BEGIN:VCALENDAR …"))
    @shows_version
    def read_calendar(programme_id: str, session_id: str, *, actor: Actor) -> tuple[Response, int]:
        """The session as an iCalendar file, for the two. Read again after a change, it replaces the entry."""
        standing = store.standing(work.database, programme_id, actor)
        session = store.find_session(work.database, programme_id, session_id)
        couple = store.couple_of_pair(work.database, standing, session.pair)
        if couple.caller is None:
            raise not_found()
        language = language_of(standing)
        partner = next((one.name for one in couple.others if shows_name(couple.pair, one)), "")
        made = calendar(
            session,
            partner=partner,
            programme=standing.programme.name,
            topic=title_of(session.agenda, language),
            page=f"{config.public_url}/pair",
            language=language,
            stamp=work.now(),
        )
        answer = Response(made, content_type=TYPE, headers=headers(language))
        answer.headers.set("Content-Disposition", "attachment", filename="session.ics")
        return answer, session.version

    @blueprint.get("/api/programmes/<programme_id>/sessions")
    @taking_part
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, schemas.MeetingsPage)
    def read_meetings(query: Document, programme_id: str, *, actor: Actor) -> Document:
        """How often each pair has met: all pairs, those of one's own people, or one's own with the sessions."""
        standing = store.standing(work.database, programme_id, actor)
        found = store.page_of_couples(work.database, standing, query)
        couples = found["items"]
        sessions = store.sessions_of(work.database, [one.pair.id for one in couples])
        return {
            **found,
            "items": [meetings_view(one, [each for each in sessions if each.pair == one.pair.id]) for one in couples],
        }

    return blueprint
