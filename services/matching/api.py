"""HTTP routes: profiles, cards, skills and invitations."""

import json
from functools import lru_cache

from flask import Blueprint as FlaskBlueprint
from flask import Response, request

from chassis import audit
from chassis.http import flow, letters, trail
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint, OptionalBodies
from chassis.http.proofs import Proof
from chassis.http.said import documented, example, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from contracts.flow import FlowSchema
from contracts.letters import LETTERS
from contracts.story import OPERATOR
from contracts.trail import AuditEntrySchema
from contracts.vocabulary import search
from services.matching import commands, schemas, store
from services.matching.config import Config
from services.matching.model import BY_HAND, LEFT_OUT_BY_HAND, Written, check_profile
from services.matching.views import (
    card_view,
    chance_view,
    cut,
    decision_view,
    export_view,
    exposure_view,
    invitation_view,
    profile_view,
    unlikely_view,
)

BY_HAND_EXAMPLE = {"kind": BY_HAND, "by": OPERATOR, "reason": "Le client cherche ce logiciel précis."}


def blueprints(work: UnitOfWork, config: Config) -> list[FlaskBlueprint]:
    """The routes of this service."""
    return [
        _mentors(work),
        _skills(),
        _invitations(work, config),
        _operations(work, config),
        trail.routes(work, "/api/operations/matching/audit", AuditEntrySchema),
        letters.routes(work, "/api/operations/matching/dead-letters", *LETTERS),
        flow.routes(work, "/api/operations/matching/events", FlowSchema),
    ]


def _mentors(work: UnitOfWork) -> Blueprint:
    routes = Blueprint("mentors", __name__)

    @routes.put("/api/mentors/me")
    @signed_in("mentor")
    @refuses("contact-data")
    @routes.arguments(schemas.ProfileBody)
    @routes.response(200, schemas.ProfileSchema)
    @takes_version
    @shows_version
    def write_profile(body: Document, *, actor: Actor, expected: IfMatch) -> Versioned:
        """Replaces the mentor's profile. Open windows are not affected."""
        written = Written(**body)
        check_profile(written, work.now())  # its scan is too slow for an open transaction
        profile = command(work, actor, lambda unit: commands.write_profile(unit, actor, written, expected))
        return profile, profile["version"]

    @routes.get("/api/mentors/me")
    @signed_in("mentor")
    @refuses("not-found")
    @routes.response(200, schemas.ProfileSchema)
    @shows_version
    def read_profile(*, actor: Actor) -> Versioned:
        """The mentor's own profile."""
        profile = store.read_profile(work.database, actor)
        return profile_view(profile), profile.version

    @routes.get("/api/mentors")
    @signed_in("client")
    @refuses("not-found")
    @routes.arguments(schemas.CardQuery, location="query")
    @routes.response(200, schemas.CardPage)
    def read_cards(query: Document, *, actor: Actor) -> Document:
        """The cards of the mentors who quoted, for the project's client once the window is over.

        ``project_id`` may be repeated: then projects that answer nothing are left out, and each card comes once.
        """
        found = store.read_cards(work.database, query["project_id"], actor)
        return cut([card_view(profile) for profile in found], query)

    @routes.get("/api/mentors/chance")
    @signed_in("client")
    @refuses("not-found")
    @routes.arguments(schemas.ChanceQuery, location="query")
    @routes.response(200, schemas.ChanceSchema)
    def read_chance(query: Document, *, actor: Actor) -> Document:
        """The chance that a project gets five quotes in time, for its client; 0 or 1 once it is over."""
        return chance_view(*work.run(lambda unit: store.read_chance(unit, query["project_id"], actor)))

    def exposure(actor: Actor) -> Document:
        return exposure_view(store.read_own_exposure(work.database, actor), work.now())

    @routes.get("/api/mentors/exposure")
    @signed_in("mentor")
    @routes.response(200, schemas.ExposureSchema)
    def read_exposure(*, actor: Actor) -> Document:
        """How often the mentor was eligible and invited, and why not, by month; the current month is left out."""
        return exposure(actor)

    @routes.get("/api/mentors/export")
    @signed_in()
    @routes.response(200, schemas.ExportSchema)
    def export_mine(*, actor: Actor) -> Document:
        """All data that matching stores of the caller."""
        profile = store.find_own_profile(work.database, actor)
        invited = store.read_every_invitation(work.database, actor)
        account = store.read_account(work.database, actor)
        record = store.read_own_record(work.database, actor)
        known, posted = record and record.at(work.now()), store.read_posted(work.database, actor)
        return export_view(profile, account, invited, posted, known, exposure(actor), _locale())

    return routes


@lru_cache(maxsize=256)  # 20 kB each at most; the vocabulary never changes
def _skills_page(query: str, limit: int, cursor: str | None) -> bytes:
    page = cut(search(query), {"limit": limit, "cursor": cursor})
    return json.dumps(schemas.SkillPage().dump(page), separators=(",", ":")).encode() + b"\n"


def _skills() -> Blueprint:
    routes = Blueprint("skills", __name__)

    @routes.get("/api/skills")
    @signed_in()
    @routes.arguments(schemas.SkillQuery, location="query")
    @routes.response(200, schemas.SkillPage)
    def read_skills(query: Document, *, actor: Actor) -> Response:
        """The vocabulary of skills, or the matches of a query in French or English, best first."""
        return Response(_skills_page(**query), mimetype="application/json")

    return routes


def _invitations(work: UnitOfWork, config: Config) -> Blueprint:
    routes = OptionalBodies("invitations", __name__)

    @routes.get("/api/invitations")
    @signed_in("mentor")
    @routes.arguments(schemas.InvitationQuery, location="query")
    @routes.response(200, schemas.InvitationPage)
    def read_invitations(query: Document, *, actor: Actor) -> Document:
        """The mentor's invitations, newest first: all, those still open, or that to one project."""
        placed, cursor = store.read_invitations(work.database, query, actor)
        return {"items": [invitation_view(row, of, _locale()) for row, of in placed], "next_cursor": cursor}

    @routes.get("/api/invitations/<invitation_id>")
    @signed_in("mentor")
    @routes.response(200, schemas.InvitationSchema)
    @example(answer={"state": "seen"})
    def see_invitation(invitation_id: str, *, actor: Actor) -> Document:
        """One invitation; reading it marks it as seen."""
        invitation, shortlist = store.see_invitation(work.database, invitation_id, actor)
        return invitation_view(invitation, shortlist, _locale())

    @routes.post("/api/invitations/<invitation_id>/decline")
    @signed_in("mentor")
    @refuses("already-quoted", "window-ended")
    @routes.arguments(schemas.DeclineBody)
    @routes.response(200, schemas.InvitationSchema)
    @documented(requestBody={"required": False})
    @example(answer={"state": "declined"})
    def decline_invitation(body: Document, invitation_id: str, *, actor: Actor) -> Document:
        """Declines an invitation. It never counts against the mentor, and another may be invited."""
        reason, locale = body["reason"], _locale()
        return command(
            work,
            actor,
            lambda unit: commands.decline_invitation(unit, actor, invitation_id, reason, locale, config),
        )

    return routes


def _operations(work: UnitOfWork, config: Config) -> Blueprint:
    routes = Blueprint("operations", __name__)

    @routes.get("/api/operations/matching/unlikely")
    @signed_in("operator")
    @routes.arguments(PageQuery, location="query")
    @routes.response(200, schemas.UnlikelyPage)
    def read_unlikely(query: Document, *, actor: Actor) -> Document:
        """Open rounds in which five quotes are unlikely, as of their last wave, the least likely first."""
        found = [unlikely_view(shortlist) for shortlist in store.read_unlikely(work.database)]
        audit.record_reading(work, actor, "rounds.read")
        return cut(found, query)

    @routes.get("/api/operations/matching/decisions/<project_id>")
    @signed_in("operator")
    @routes.arguments(PageQuery, location="query")
    @routes.response(200, schemas.DecisionPage)
    def read_decisions(query: Document, project_id: str, *, actor: Actor) -> Document:
        """Who was considered and invited in a round, on what and by which rules, newest decision first."""
        found = store.read_decisions(work.database, project_id, query, decision_view)
        people = {mentor["account"] for decision in found["items"] for mentor in decision["mentors"]}
        audit.record_reading(work, actor, "decisions.read", [project_id, *(people - {""})])
        return found

    @routes.post("/api/operations/matching/rounds/<project_id>/invitations")
    @signed_in("operator", proof=Proof.RECENT)
    @refuses("not-found", "window-ended", "already-invited", "not-invitable")
    @routes.arguments(schemas.OverrideBody)
    @routes.response(200, schemas.DecisionSchema)
    @example(answer=BY_HAND_EXAMPLE)
    def invite_mentor(body: Document, project_id: str, *, actor: Actor) -> Document:
        """Invites a mentor to an open round by hand; the rules that protect people hold, and the log says why."""
        said = project_id, body["account"], body["reason"], config
        return command(work, actor, lambda unit: commands.invite_mentor(unit, actor, *said))

    @routes.post("/api/operations/matching/rounds/<project_id>/left-out")
    @signed_in("operator", proof=Proof.RECENT)
    @refuses("not-found", "window-ended", "already-invited")
    @routes.arguments(schemas.OverrideBody)
    @routes.response(200, schemas.DecisionSchema)
    @example(answer=BY_HAND_EXAMPLE | {"kind": LEFT_OUT_BY_HAND})
    def leave_mentor_out(body: Document, project_id: str, *, actor: Actor) -> Document:
        """Leaves a mentor out of an open round who is not invited yet; the log says why."""
        said = project_id, body["account"], body["reason"], config
        return command(work, actor, lambda unit: commands.leave_mentor_out(unit, actor, *said))

    return routes


def _locale() -> str:
    """The caller's preferred language, ``fr`` or ``en``."""
    return request.accept_languages.best_match(("fr", "en"), default="fr") or "fr"
