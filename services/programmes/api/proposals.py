"""Proposals, marks and the publication, for those who run a programme."""

from typing import Any

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.parsing import Blueprint
from chassis.http.said import documented, example, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.languages import IN_LANGUAGE, language_of
from services.programmes.api.waiting import wait_for_solve
from services.programmes.commands import proposals as commands
from services.programmes.commands.publication import publish
from services.programmes.commands.showing import show_proposal
from services.programmes.config import Config
from services.programmes.model.solves import SOLVING
from services.programmes.views.proposals import version_of

LOOK_AGAIN_S = 2
PATH = "/api/programmes/<programme_id>"


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("proposals", __name__)

    def shown(programme_id: str, actor: Actor) -> Document:
        latest = store.latest_solve(work.database, programme_id)
        standing = store.standing(work.database, programme_id, actor)
        standing.check_runs()
        return show_proposal(work.database, latest, standing, language_of(standing))

    @blueprint.post(f"{PATH}/proposal")
    @signed_in("client")
    @refuses("wrong-state", "infeasible")
    @blueprint.response(200, schemas.ProposalSchema)
    @blueprint.alt_response(202, schema=schemas.ProposalSchema, success=True)
    @documented(parameters=IN_LANGUAGE)
    def propose(programme_id: str, *, actor: Actor) -> Any:
        """Pairs everybody anew with the fewest changes. 202 while the solver is at work: read the proposal again."""
        command(work, actor, lambda unit: commands.request_proposal(unit, actor, programme_id, config))
        wait_for_solve(work.database, programme_id, config.proposal_wait.total_seconds())
        body = shown(programme_id, actor)
        if body["state"] == SOLVING:
            place = f"/api/programmes/{programme_id}/proposal"
            return body, 202, {"Location": place, "Retry-After": str(LOOK_AGAIN_S)}
        return body, {"ETag": f'"{version_of(body)}"'}

    @blueprint.get(f"{PATH}/proposal")
    @signed_in("client")
    @refuses("proposal-missing", "infeasible")
    @blueprint.response(200, schemas.ProposalSchema)
    @documented(parameters=IN_LANGUAGE)
    @shows_version
    def read_proposal(programme_id: str, *, actor: Actor) -> tuple[Document, int, dict[str, str]]:
        """The present proposal, or how far the solver is with the next one."""
        body = shown(programme_id, actor)
        later = {"Retry-After": str(LOOK_AGAIN_S)} if body["state"] == SOLVING else {}
        return body, version_of(body), later

    @blueprint.put(f"{PATH}/pairs/<mentor_ref>/<mentee_ref>")
    @signed_in("client")
    @refuses("wrong-kind", "wrong-state")
    @blueprint.arguments(schemas.MarkBody)
    @blueprint.response(200, schemas.MarkSchema)
    @takes_version
    @shows_version
    def mark_pair(body: Document, programme_id: str, mentor_ref: str, mentee_ref: str, *, actor: Actor,
                  expected: IfMatch) -> Versioned:  # fmt: skip
        """Locks or forbids a pair by hand, whether it is proposed or not; the next proposal respects it."""
        refs = (mentor_ref, mentee_ref)
        answer = command(work, actor, lambda unit: commands.mark_pair(unit, actor, programme_id, refs, body, expected))
        return answer, answer["version"]

    @blueprint.post(f"{PATH}/publication")
    @signed_in("client")
    @refuses("wrong-state", "infeasible", "proposal-missing", "proposal-stale")
    @blueprint.arguments(schemas.PublicationBody)
    @blueprint.response(200, schemas.PublicationSchema)
    @shows_version
    @example(answer={"state": "published"})
    def publish_programme(body: Document, programme_id: str, *, actor: Actor) -> Versioned:
        """Publishes the proposal: everybody is told at once, and both sides of a pair are asked to accept it."""
        answer = command(
            work, actor, lambda unit: publish(unit, actor, programme_id, with_unpaired=body["with_unpaired"])
        )
        return answer, answer["version"]

    return blueprint
