"""Enrolling people from a file, reading, correcting and removing them."""

from typing import Any

from flask import Request, request
from marshmallow import Schema

from chassis.facts import Refusal, wrong
from chassis.http.auth import Actor
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.parsing import Blueprint, StrictParser, strict_value
from chassis.http.said import documented, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import taking_part
from services.programmes.commands import enrolling as commands
from services.programmes.config import Config
from services.programmes.model.access import Standing
from services.programmes.model.enrolling.checking import read_fields
from services.programmes.model.enrolling.listed import read_list
from services.programmes.model.enrolling.objections import shown_reasons
from services.programmes.model.enrolling.people import expected_of
from services.programmes.model.enrolling.problems import Unreadable
from services.programmes.model.enrolling.rows import Rows
from services.programmes.model.enrolling.spreadsheet import read_spreadsheet
from services.programmes.model.programme import CLOSED
from services.programmes.views.participants import counts_view, participant_view, rows_view

CSV = ("text/csv", "application/csv", "application/vnd.ms-excel", "text/tab-separated-values", "text/plain")
"""Content types that browsers give to a CSV file, depending on the machine."""
FILES: dict[str, Any] = {
    "content": {
        "text/csv": {
            "schema": {"type": "string", "description": "As a spreadsheet exports it; headings in French or English."},
            "example": schemas.CSV_EXAMPLE,
        }
    }
}


class _FileParser(StrictParser):
    """Leaves a list of people to `_file`, so that what is wrong is reported line by line; checks other bodies."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        return [] if schema.many else super().load_json(req, schema)


class _Files(Blueprint):
    ARGUMENTS_PARSER = _FileParser()


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = _Files("participants", __name__)

    @blueprint.post("/api/programmes/<programme_id>/participants")
    @taking_part
    @refuses("wrong-state", "too-many-participants")
    @documented(requestBody=FILES)
    @blueprint.arguments(schemas.EnrolQuery, location="query")
    @blueprint.arguments(schemas.PersonBody(many=True))
    @blueprint.response(200, schemas.EnrolmentSchema)
    def enrol_people(query: Document, _body: Any, programme_id: str, *, actor: Actor) -> Document:
        """Enrols people from a list or a CSV file and tells each by mail: all or none, unless ``partial``."""
        body = _body_of()
        standing = store.standing(work.database, programme_id, actor)
        standing.check_organises()
        file = _file(body, query["side"] or "", standing.programme.language)
        read = read_fields(file, expected_of(standing))
        wish = commands.Wish(query["some"], query["check"])
        answer = command(work, actor, lambda unit: commands.enrol(unit, actor, programme_id, read, wish, config))
        return {**answer, "rows": rows_view(file)} if query["check"] else answer

    @blueprint.get("/api/programmes/<programme_id>/participants")
    @taking_part
    @blueprint.arguments(schemas.ParticipantQuery, location="query")
    @blueprint.response(200, schemas.ParticipantPage)
    def read_participants(query: Document, programme_id: str, *, actor: Actor) -> Document:
        """The people of a programme: an organiser reads the own organisation's, a participant only themselves."""
        standing = store.standing(work.database, programme_id, actor)
        visible = {"programme": programme_id, "confirmed": True, **_visible(standing)}
        wanted = visible | {name: query[name] for name in ("side", "state") if query[name] is not None}
        found = store.read_participants(work.database, wanted, query, participant_view)
        return {**found, "counts": _counts(standing, visible)}

    @blueprint.get("/api/programmes/<programme_id>/participants/<ref>")
    @taking_part
    @blueprint.response(200, schemas.ParticipantSchema)
    @shows_version
    def read_participant(programme_id: str, ref: str, *, actor: Actor) -> Versioned:
        """One participant, for those who may see them."""
        participant = store.seen_participant(work.database, programme_id, ref, actor)
        return participant_view(participant), participant.version

    @blueprint.patch("/api/programmes/<programme_id>/participants/<ref>")
    @taking_part
    @refuses("wrong-state")
    @blueprint.arguments(schemas.CorrectionBody)
    @blueprint.response(200, schemas.ParticipantSchema)
    @takes_version
    @shows_version
    def correct_person(body: Document, programme_id: str, ref: str, *, actor: Actor, expected: IfMatch) -> Versioned:
        """Corrects a participant's data before the publication; a proposal is then outdated. A new address is told."""
        answer = command(
            work, actor, lambda unit: commands.correct_person(unit, actor, programme_id, ref, body, config, expected)
        )
        return answer, answer["version"]

    @blueprint.delete("/api/programmes/<programme_id>/participants/<ref>")
    @taking_part
    @refuses("wrong-state")
    @blueprint.response(204)
    @takes_version
    def remove_person(programme_id: str, ref: str, *, actor: Actor, expected: IfMatch) -> None:
        """Removes a participant and their data before the publication; a proposal is then outdated.

        From the publication on they leave: their pairs end, and the other half of each gets a new partner.
        """
        command(work, actor, lambda unit: commands.remove_person(unit, actor, programme_id, ref, expected))

    def _counts(standing: Standing, visible: Document) -> Document | None:
        programme = standing.programme
        if not standing.runs and standing.organisation is None:
            return None
        counts = store.count_participants(work.database, visible)
        if not standing.runs:
            return counts_view(counts, None, {})
        objected = len(store.objections_of(work.database, programme.id))
        reasons = store.objection_reasons(work.database, programme.id)
        return counts_view(counts, objected, shown_reasons(reasons, closed=programme.state == CLOSED))

    return blueprint


def _visible(standing: Standing) -> Document:
    """The condition for the participants whom the caller may see."""
    if standing.runs:
        return {}
    if standing.organisation is not None:
        return {"organisation": standing.organisation}
    return {"_id": standing.taking_part().id}


def _body_of() -> bytes | list[Any]:
    """The list or the bytes of the file. Refuses ``malformed``, ``invalid`` for JSON that is no list, ``not-json``."""
    raw = request.get_data()
    if request.mimetype in CSV:
        return raw
    if raw and not request.is_json:
        raise Refusal("not-json", "Send a JSON list, or a spreadsheet as Content-Type: text/csv.")
    value = strict_value(raw)
    if isinstance(value, dict):
        raise Refusal("invalid", errors=[wrong("file", "not-a-list", "Send a list of people.")])
    if not isinstance(value, list) or not value:
        raise Refusal("malformed", "The body must be a JSON list of people.")
    return value


def _file(body: bytes | list[Any], side: str, language: str) -> Rows:
    try:
        return read_spreadsheet(body, side) if isinstance(body, bytes) else read_list(body, side)
    except Unreadable as unreadable:
        raise unreadable.refusal(language) from unreadable
