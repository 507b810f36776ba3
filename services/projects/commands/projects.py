"""Posting and relaunching projects."""

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.projects import store
from services.projects.commands import scans
from services.projects.config import Config
from services.projects.model import posting
from services.projects.model.organisation import Organisation
from services.projects.model.scanning import Scanned, check_lengths
from services.projects.views.projects import project_view


def post_project(unit: Unit, actor: Actor, body: Document, scanned: Scanned, config: Config) -> Document:
    """Posts a project without revealing the client; returns the project and its ``version``.

    ``scanned`` is the brief. If it names the client, it is redacted on request; otherwise raises ``identity-leak``.
    Raises ``organisation-missing``.
    """
    organisation = store.find_organisation(unit, actor)
    if organisation is None:
        raise Refusal("organisation-missing", "Describe your organisation first.")
    return _post(unit, actor, body, scanned, organisation, new_id(), None, config)


def relaunch_project(unit: Unit, actor: Actor, project_id: str, config: Config) -> Document:
    """Reposts a project that ended without quotes or without a choice: same brief, new id, new window."""
    ended, again = store.my_project(unit, project_id, actor), new_id()
    ended.relaunch(again)
    store.save_project(unit, ended, [])
    organisation = store.my_organisation(unit, actor)
    body = posting.body_of(ended) | {"redact": False}
    return _post(unit, actor, body, scans.brief(body), organisation, again, ended.id, config)


def _post(
    unit: Unit,
    actor: Actor,
    body: Document,
    scanned: Scanned,
    organisation: Organisation,
    project_id: str,
    before: str | None,
    config: Config,
) -> Document:
    clean = scanned.clean_for(organisation.identity)
    check_lengths(clean)
    written, secret = {**body, **clean}, config.blind_secret
    project, facts = posting.post_project(project_id, written, organisation, actor.id, secret, unit.now, before)
    store.rely_on_members(unit, organisation)
    store.save_project(unit, project, facts)
    store.lock_in_vault(unit, project.id, organisation)
    return {**project_view(project), "version": 1}
