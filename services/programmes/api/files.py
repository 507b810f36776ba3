"""A programme as CSV files that a spreadsheet opens."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from flask import Response

from chassis import audit
from chassis.facts import not_found
from chassis.http.auth import Actor, signed_in
from chassis.http.parsing import Blueprint
from chassis.http.said import answers, documented
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.model.access import Standing
from services.programmes.model.progress.progress import Progress
from services.programmes.views import files
from services.programmes.views.file_words import HEADERS, PAIRS, PARTICIPANTS, PROGRESS, SESSIONS, TEAMS, TITLES
from services.programmes.views.progress import progress_view
from services.programmes.views.spreadsheets import Cell, attachment, spreadsheet

TEXT = {"type": "string"}
LINES = "Référence;Prénom et nom;Adresse e-mail\nE-001;Inès Moreau;ines.moreau@pwn.example\n"
Rows = Callable[[Standing, str], Iterator[Sequence[Cell]]]


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("files", __name__)

    def participants(standing: Standing, language: str) -> Iterator[Sequence[Cell]]:
        return files.participant_rows(store.each_participant(work.database, standing), language)

    def pairs(standing: Standing, language: str) -> Iterator[Sequence[Cell]]:
        return files.pair_rows(store.each_pair(work.database, standing), standing, language)

    def sessions(standing: Standing, language: str) -> Iterator[Sequence[Cell]]:
        return files.session_rows(store.each_pair(work.database, standing), standing, language)

    def progress(standing: Standing, language: str) -> Iterator[Sequence[Cell]]:
        programme = standing.programme.id
        found = store.find_progress(work.database, programme) or Progress(programme)
        mine = None if standing.runs else standing.organisation
        return files.progress_rows(progress_view(found, mine, language, titles(programme)))

    def teams(standing: Standing, language: str) -> Iterator[Sequence[Cell]]:
        found = store.each_member(work.database, standing)
        return files.team_rows(found, titles(standing.programme.id), standing, language)

    def titles(programme: str) -> Mapping[str, str]:
        return {one.id: one.title for one in store.challenges_of(work.database, programme)}

    made: Mapping[str, Rows] = {
        PARTICIPANTS: participants,
        PAIRS: pairs,
        SESSIONS: sessions,
        TEAMS: teams,
        PROGRESS: progress,
    }

    @blueprint.get("/api/programmes/<programme_id>/files/<name>.csv")
    @signed_in("client", "mentor")
    @blueprint.arguments(schemas.LocaleQuery, location="query")
    @documented(responses=answers("text/csv", TEXT, LINES))
    def read_file(query: Document, programme_id: str, name: str, *, actor: Actor) -> Response:
        """A spreadsheet of participants, pairs, sessions, teams or progress; an organiser's holds their own people.

        In French it has semicolons and decimal commas. Downloads of people are recorded in the audit trail.
        """
        standing = store.standing(work.database, programme_id, actor)
        standing.check_organises()
        if name not in made:
            raise not_found()
        if name != PROGRESS:
            audit.record_reading(work, actor, f"{name}.exported", [programme_id])
        language = query["locale"] or standing.programme.language
        lines = spreadsheet(HEADERS[language][name], made[name](standing, language), language)
        answer = Response(lines, mimetype="text/csv")
        title = f"{standing.programme.name} - {TITLES[language][name]}.csv"
        answer.headers["Content-Disposition"] = attachment(title)
        answer.headers["Content-Language"] = language
        return answer

    return blueprint
