"""What teams contribute to a challenge, and the board that shows it."""

import base64
import binascii

from flask import Response

from chassis.facts import Refusal, wrong
from chassis.http.auth import Actor
from chassis.http.commands import command
from chassis.http.parsing import Blueprint
from chassis.http.said import documented, refuses
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import taking_part
from services.programmes.commands import contributions as commands
from services.programmes.model.contributions import check_content
from services.programmes.model.pictures import BadPicture, Picture, cleaned
from services.programmes.model.teamwork import Teamwork
from services.programmes.views.board import board_view

SHOWN_AS_IS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
"""Somebody else's picture is shown and nothing else: it loads nothing, runs nothing and is not kept."""
BYTES = {"schema": {"type": "string", "format": "binary"}, "example": "…"}
PICTURE = {
    "200": {
        "description": "OK",
        "content": dict.fromkeys(("image/jpeg", "image/png", "image/webp"), BYTES),
    }
}


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("contributions", __name__)

    @blueprint.post("/api/programmes/<programme_id>/challenges/<challenge_id>/contributions")
    @taking_part
    @refuses("wrong-state", "not-in-team", "too-many-contributions")
    @blueprint.arguments(schemas.ContributionBody)
    @blueprint.response(201, schemas.ContributionSchema)
    def contribute(body: Document, programme_id: str, challenge_id: str, *, actor: Actor) -> Document:
        """Adds a link, a text or a picture of the caller's team. A picture loses its metadata, such as its place."""
        picture, contribution_id = _picture(body), new_id()
        return command(
            work,
            actor,
            lambda unit: commands.contribute(unit, actor, programme_id, challenge_id, contribution_id, body, picture),
        )

    @blueprint.delete("/api/programmes/<programme_id>/challenges/<challenge_id>/contributions/<contribution_id>")
    @taking_part
    @blueprint.response(204)
    def withdraw(programme_id: str, challenge_id: str, contribution_id: str, *, actor: Actor) -> None:
        """Withdraws one's own contribution; those who run the programme may remove any."""
        command(work, actor, lambda unit: commands.withdraw(unit, actor, programme_id, challenge_id, contribution_id))

    @blueprint.get("/api/programmes/<programme_id>/challenges/<challenge_id>/contributions/<contribution_id>/picture")
    @taking_part
    @documented(responses=PICTURE)
    def read_picture(programme_id: str, challenge_id: str, contribution_id: str, *, actor: Actor) -> Response:
        """The picture of a contribution, for everybody in the programme and nobody else."""
        store.standing(work.database, programme_id, actor).check_inside()
        held = store.find_contribution(work.database, programme_id, challenge_id, contribution_id)
        content = store.read_picture(work.database, held)
        return Response(content, mimetype=held.media_type, headers=SHOWN_AS_IS)

    @blueprint.get("/api/programmes/<programme_id>/challenges/<challenge_id>/board")
    @taking_part
    @blueprint.response(200, schemas.BoardSchema)
    def read_board(programme_id: str, challenge_id: str, *, actor: Actor) -> Document:
        """What was done, by milestone and team, in the order of time. It names, counts and ranks nobody."""
        standing = store.standing(work.database, programme_id, actor)
        standing.check_inside()
        challenge = store.find_challenge(work.database, programme_id, challenge_id)
        teamwork = store.teamwork_of(work.database, programme_id) or Teamwork(())
        teams = [team for team in teamwork.teams if team.published and team.challenge == challenge_id]
        return board_view(challenge, teams, store.contributions_to(work.database, challenge_id), standing)

    return blueprint


def _picture(body: Document) -> Picture | None:
    """The body's picture, decoded and cleaned; raises ``invalid``."""
    errors = check_content(body)
    if errors:
        raise Refusal("invalid", errors=errors)
    if "picture" not in body:
        return None
    try:
        return cleaned(base64.b64decode(body["picture"], validate=True))
    except (binascii.Error, ValueError) as error:
        message = str(error) if isinstance(error, BadPicture) else "Give the picture's bytes in base64."
        raise Refusal("invalid", errors=[wrong("picture", "bad-picture", message)]) from error
