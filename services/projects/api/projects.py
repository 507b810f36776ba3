"""Posting, reading, cancelling and relaunching."""

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
from services.projects.api.ending import save_with_reason, scanned_reason
from services.projects.api.views import project_view, reviewed_view, timed
from services.projects.config import Config
from services.projects.model import check_lengths, check_window
from services.projects.posting import body_of, post_project
from services.projects.scanning import Scanned


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("projects", __name__)

    @blueprint.post("/api/projects")
    @signed_in("client")
    @blueprint.arguments(schemas.ProjectBody)
    @blueprint.response(201, schemas.ProjectSchema)
    def post(body: Document, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """Posts a project without showing who asks. A brief that tells is refused, or redacted on request."""
        body["window"] = config.window_default if body["window"] is None else body["window"]
        check_window(body["window"], config.window_min, config.window_max)
        scanned = _scanned(body)
        scanned.prepare(store.own_identity(work.database, actor))

        def effect(unit: Unit) -> Document:
            organisation = store.find_organisation(unit, actor)
            if organisation is None:
                raise Refusal("organisation-missing", "Describe your organisation first.")
            return _post(unit, body, scanned, organisation, actor, new_id(), None)

        answer = timed(command(work, actor, effect))
        return answer, etag(answer["version"])

    @blueprint.post("/api/projects/<project_id>/relaunch")
    @signed_in("client")
    @blueprint.response(201, schemas.ProjectSchema)
    def relaunch(project_id: str, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """Posts a project again that ended without quotes or choice: the same brief, a new id, a new window."""

        def effect(unit: Unit) -> Document:
            ended, again = store.my_project(unit, project_id, actor), new_id()
            ended.relaunch(again)
            store.save_project(unit, ended, [])
            organisation = store.my_organisation(unit, actor)
            body = body_of(ended) | {"redact": False}
            return _post(unit, body, _scanned(body), organisation, actor, again, ended.id)

        answer = timed(command(work, actor, effect))
        return answer, etag(answer["version"])

    def _post(
        unit: Unit,
        body: Document,
        scanned: Scanned,
        organisation: Document,
        actor: Actor,
        project_id: str,
        before: str | None,
    ) -> Document:
        clean = scanned.clean_for(store.identity_of(organisation))
        check_lengths(clean)
        written, secret = {**body, **clean}, config.blind_secret
        project, facts = post_project(project_id, written, organisation, actor.id, secret, unit.now, before)
        store.rely_on_people(unit, organisation)
        store.save_project(unit, project, facts)
        store.lock_in_vault(unit, project.id, organisation)
        return {**project_view(project), "version": 1}

    @blueprint.get("/api/projects")
    @signed_in("client")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, schemas.ProjectPage)
    def read_projects(query: Document, *, actor: Actor) -> Document:
        """The caller's projects, newest first."""
        now, period = database_now(work.database), config.review_period
        answer = store.read_projects(work.database, actor, query, lambda one: reviewed_view(one, now, period))
        return {**answer, "items": [timed(item) for item in answer["items"]]}

    @blueprint.get("/api/projects/<project_id>")
    @signed_in("client", "mentor")
    @blueprint.response(200, schemas.ProjectSchema)
    def read_project(project_id: str, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """A project, to its client and its chosen mentor."""
        project = store.read_project(work.database, project_id, actor)
        shown = reviewed_view(project, database_now(work.database), config.review_period)
        return timed(shown), etag(project.version)

    @blueprint.post("/api/projects/<project_id>/cancellation")
    @signed_in("client")
    @blueprint.arguments(schemas.ReasonBody)
    @blueprint.response(200, schemas.ProjectSchema)
    def cancel(body: Document, project_id: str, *, actor: Actor) -> Document:
        """Takes a project back while quotes are collected; every mentor reads the reason."""

        reason = scanned_reason(work, project_id, actor, body["reason"])

        def effect(unit: Unit) -> Document:
            project = store.my_project(unit, project_id, actor)
            check_if_match({"version": project.version})
            facts = project.cancel(body["reason"], unit.now)
            return save_with_reason(unit, project, facts, reason)

        return timed(command(work, actor, effect))

    return blueprint


def _scanned(body: Document) -> Scanned:
    return Scanned({"title": body["title"], "brief": body["brief"]}, redacting=body["redact"])
