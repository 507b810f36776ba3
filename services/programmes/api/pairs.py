"""Published pairs, and the answers of both sides."""

from chassis.http.auth import Actor
from chassis.http.commands import command
from chassis.http.etags import Versioned, shows_version
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint
from chassis.http.said import documented, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import taking_part
from services.programmes.api.languages import IN_LANGUAGE, language_of
from services.programmes.commands.answers import answer_pair as answer
from services.programmes.config import Config
from services.programmes.views.pairs import pair_view

PATH = "/api/programmes/<programme_id>/pairs"


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("pairs", __name__)

    @blueprint.get(PATH)
    @taking_part
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, schemas.PairPage)
    @documented(parameters=IN_LANGUAGE)
    def read_pairs(query: Document, programme_id: str, *, actor: Actor) -> Document:
        """Published pairs, newest first: all for who runs the programme, those of their own people for an organiser,
        their own for a participant."""
        standing = store.standing(work.database, programme_id, actor)
        language = language_of(standing)
        found = store.page_of_couples(work.database, standing, query)
        return {**found, "items": [pair_view(couple, standing, language) for couple in found["items"]]}

    @blueprint.post(f"{PATH}/<mentor_ref>/<mentee_ref>/answer")
    @taking_part
    @refuses("wrong-state", "pair-active", "pair-ended")
    @blueprint.arguments(schemas.AnswerBody)
    @blueprint.response(200, schemas.PairSchema)
    @documented(parameters=IN_LANGUAGE)
    @shows_version
    def answer_pair(body: Document, programme_id: str, mentor_ref: str, mentee_ref: str, *, actor: Actor) -> Versioned:
        """Accepts one's own pair, or asks for another partner. The pair is active once both have accepted."""
        refs = (mentor_ref, mentee_ref)
        given = command(work, actor, lambda unit: answer(unit, actor, programme_id, refs, body, config))
        standing = store.standing(work.database, programme_id, actor)
        couple = store.couple_of_pair(work.database, standing, given["pair"])
        return pair_view(couple, standing, language_of(standing)), couple.pair.version

    return blueprint
