"""HTTP in: organisations, posting, the choice and the reveal."""

from datetime import timedelta

from flask import Blueprint as FlaskBlueprint
from flask import Response, jsonify

from chassis.facts import Refusal
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import check_if_match, etag
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint
from chassis.ids import new_id
from chassis.mongo import Document, database_now
from chassis.unit import Unit, UnitOfWork
from services.projects import schemas, store
from services.projects.config import Config
from services.projects.model import Project, check_window, scan
from services.projects.posting import body_of, post_project

SLOTS = 5


def blueprints(work: UnitOfWork, config: Config) -> list[FlaskBlueprint]:
    """The routes of this service."""
    return [_organisations(work), _projects(work, config), _choice(work, config), _export(work)]


def _organisations(work: UnitOfWork) -> Blueprint:
    routes = Blueprint("organisations", __name__)

    @routes.get("/api/organisations/me")
    @signed_in("client")
    @routes.response(200, schemas.OrganisationSchema)
    def read_organisation(*, actor: Actor) -> tuple[Document, dict[str, str]]:
        """The caller's organisation."""
        organisation = store.read_organisation(work.database, actor)
        return organisation, etag(organisation["version"])

    @routes.put("/api/organisations/me")
    @signed_in("client")
    @routes.arguments(schemas.OrganisationBody)
    @routes.response(200, schemas.OrganisationSchema)
    def describe_organisation(body: Document, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """Describes the organisation: what posting compares with, and what a chosen mentor will see."""

        def effect(unit: Unit) -> Document:
            kept = store.find_organisation(unit, actor) or {"version": 0, "verified": False}
            check_if_match(kept)
            organisation = {**body, "_id": actor.id, "verified": kept["verified"], "version": kept["version"]}
            scan({"sector": body["sector"]}, store.identity_of(organisation), redacting=False)
            store.save_organisation(unit, organisation)
            return {**organisation, "version": kept["version"] + 1}

        organisation = command(work, actor, effect)
        return organisation, etag(organisation["version"])

    return routes


def _projects(work: UnitOfWork, config: Config) -> Blueprint:
    routes = Blueprint("projects", __name__)

    @routes.post("/api/projects")
    @signed_in("client")
    @routes.arguments(schemas.ProjectBody)
    @routes.response(201, schemas.ProjectSchema)
    def post(body: Document, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """Posts a project without showing who asks. A brief that tells is refused, or redacted on request."""
        body["window"] = config.window_default if body["window"] is None else body["window"]
        check_window(body["window"], config.window_min, config.window_max)

        def effect(unit: Unit) -> Document:
            organisation = store.find_organisation(unit, actor)
            if organisation is None:
                raise Refusal("organisation-missing", "Describe your organisation first.")
            return _post(unit, body, organisation, actor, None)

        answer = _timed(command(work, actor, effect))
        return answer, etag(answer["version"])

    @routes.post("/api/projects/<project_id>/relaunch")
    @signed_in("client")
    @routes.response(201, schemas.ProjectSchema)
    def relaunch(project_id: str, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """Posts a project again that ended without quotes or choice: the same brief, a new id, a new window."""

        def effect(unit: Unit) -> Document:
            ended = store.my_project(unit, project_id, actor)
            ended.check_relaunchable()
            organisation = store.find_organisation(unit, actor) or {}
            return _post(unit, body_of(ended) | {"redact": False}, organisation, actor, ended.id)

        answer = _timed(command(work, actor, effect))
        return answer, etag(answer["version"])

    def _post(unit: Unit, body: Document, organisation: Document, actor: Actor, before: str | None) -> Document:
        identity = store.identity_of(organisation)
        clean = scan({"title": body["title"], "brief": body["brief"]}, identity, redacting=body["redact"])
        written, secret = {**body, **clean}, config.blind_secret
        project, facts = post_project(new_id(), written, organisation, actor.id, secret, unit.now, before)
        store.save_project(unit, project, facts)
        store.lock_in_vault(unit, project.id, organisation)
        return {**_view(project), "version": 1}

    @routes.get("/api/projects")
    @signed_in("client")
    @routes.arguments(PageQuery, location="query")
    @routes.response(200, schemas.ProjectPage)
    def read_projects(query: Document, *, actor: Actor) -> Document:
        """The caller's projects, newest first."""
        answer = store.read_projects(work.database, actor, query, _view)
        return {**answer, "items": [_timed(item) for item in answer["items"]]}

    @routes.get("/api/projects/<project_id>")
    @signed_in("client", "mentor")
    @routes.response(200, schemas.ProjectSchema)
    def read_project(project_id: str, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """A project, to its client and its chosen mentor."""
        project = store.read_project(work.database, project_id, actor)
        reviews = project.shown_reviews(database_now(work.database), config.review_period)
        shown = _view(project) | ({"reviews": reviews} if reviews else {})
        return _timed(shown), etag(project.version)

    @routes.post("/api/projects/<project_id>/cancellation")
    @signed_in("client")
    @routes.arguments(schemas.ReasonBody)
    @routes.response(200, schemas.ProjectSchema)
    def cancel(body: Document, project_id: str, *, actor: Actor) -> Document:
        """Takes a project back while quotes are collected; every mentor reads the reason."""

        def effect(unit: Unit) -> Document:
            project = store.my_project(unit, project_id, actor)
            facts = project.cancel(body["reason"], unit.now)
            identity = store.identity_of(store.find_organisation(unit, actor) or {})
            scan({"reason": body["reason"]}, identity, redacting=False)
            store.save_project(unit, project, facts)
            return _view(project)

        return _timed(command(work, actor, effect))

    return routes


def _choice(work: UnitOfWork, config: Config) -> Blueprint:
    routes = Blueprint("choice", __name__)

    @routes.post("/api/projects/<project_id>/acceptance")
    @signed_in("client")
    @routes.arguments(schemas.AcceptanceBody)
    @routes.response(200, schemas.AcceptanceSchema)
    def accept(body: Document, project_id: str, *, actor: Actor) -> Document:
        """Chooses a quote; its mentor, and nobody else, may then learn who the client is."""

        def effect(unit: Unit) -> Document:
            project = store.my_project(unit, project_id, actor)
            check_if_match({"version": project.version})
            facts = project.accept(body["quote_id"], unit.now)
            if facts:
                store.save_project(unit, project, facts)
            return {"id": project.id, "state": project.state, "quote_id": project.quote_id}

        return command(work, actor, effect)

    @routes.post("/api/projects/<project_id>/refusal")
    @signed_in("client")
    @routes.arguments(schemas.ReasonBody)
    @routes.response(200, schemas.ProjectSchema)
    def refuse(body: Document, project_id: str, *, actor: Actor) -> Document:
        """Takes none of the quotes; every mentor reads the reason."""

        def effect(unit: Unit) -> Document:
            project = store.my_project(unit, project_id, actor)
            facts = project.refuse(body["reason"], unit.now)
            identity = store.identity_of(store.find_organisation(unit, actor) or {})
            scan({"reason": body["reason"]}, identity, redacting=False)
            store.save_project(unit, project, facts)
            return _view(project)

        return _timed(command(work, actor, effect))

    @routes.get("/api/projects/<project_id>/client")
    @signed_in("client", "mentor")
    @routes.response(200, schemas.ClientSchema)
    def reveal(project_id: str, *, actor: Actor) -> Document:
        """Who the client is: to the chosen mentor and the client, 404 to everybody else, always."""
        return store.open_vault(work.database, project_id, actor)

    @routes.post("/api/projects/<project_id>/completion")
    @signed_in("client", "mentor")
    @routes.arguments(schemas.ReviewBody)
    @routes.response(200, schemas.ProjectSchema)
    def complete(body: Document, project_id: str, *, actor: Actor) -> Document:
        """One side's review; the client's completes the project."""

        def effect(unit: Unit) -> Document:
            project = store.party_project(unit, project_id, actor)
            facts = project.complete(actor.id, body["rating"], body["comment"], unit.now)
            store.save_project(unit, project, facts)
            reviews = project.shown_reviews(unit.now, config.review_period)
            return _view(project) | ({"reviews": reviews} if reviews else {})

        return _timed(command(work, actor, effect))

    return routes


def _export(work: UnitOfWork) -> Blueprint:
    routes = Blueprint("export", __name__)

    @routes.get("/api/projects/export")
    @signed_in()
    def export(*, actor: Actor) -> Response:
        """All that this service holds of the caller."""
        return jsonify(store.everything_of(work.database, actor))

    return routes


def _view(project: Project) -> Document:
    """What is shown of a project. The window is in seconds here: an answer is kept as BSON, which has no durations."""
    optional = {
        "budget": project.budget,
        "relaunched_from": project.relaunched_from,
        "ended": project.ended,
        "quote_id": project.quote_id,
    }
    return {
        "id": project.id,
        "state": project.state,
        "title": project.title,
        "brief": project.brief,
        "topics": project.topics,
        "languages": project.languages,
        "window": project.window.total_seconds(),
        "closes_at": project.closes_at,
        "slots": SLOTS,
        "created_at": project.created_at,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _timed(view: Document) -> Document:
    return {**view, "window": timedelta(seconds=view["window"])}
