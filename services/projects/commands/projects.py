"""Posting and relaunching projects."""

from collections.abc import Sequence

from chassis.datakeys import DataKey
from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit
from services.projects import store
from services.projects.commands import scans
from services.projects.config import Config
from services.projects.model import posting
from services.projects.model.organisation import Organisation
from services.projects.model.scanning import Scanned, check_lengths
from services.projects.views.projects import project_view


def post_project(unit: Unit, actor: Actor, body: Document, scanned: Scanned, key: DataKey, config: Config) -> Document:
    """Posts a project without revealing the client; returns the project and its ``version``.

    ``key`` seals the client's identity, and its id becomes the project's. ``scanned`` is the brief. If it names the
    client, it is redacted on request; otherwise raises ``identity-leak``. A place in it that may name the client raises
    it too, unless the body confirms it. Raises ``organisation-missing``.
    """
    organisation = store.find_organisation(unit, actor)
    if organisation is None:
        raise Refusal("organisation-missing", "Describe your organisation first.")
    return _post(unit, actor, body, scanned, organisation, key, None, config)


def relaunch_project(
    unit: Unit, actor: Actor, project_id: str, confirmed: Sequence[Document], key: DataKey, config: Config
) -> Document:
    """Reposts a project that ended without quotes or without a choice: same brief, new id (the key's), new window.

    Places that its client confirmed stay so. Raises ``identity-leak`` if the client's names have changed since, and the
    brief has one of them that is not among the ``confirmed`` places either.
    """
    ended = store.my_project(unit, project_id, actor)
    ended.relaunch(key.id)
    store.save_project(unit, ended, [])
    organisation = store.my_organisation(unit, actor)
    body = posting.body_of(ended) | {"redact": False, "confirmed": [*ended.confirmed, *confirmed]}
    return _post(unit, actor, body, scans.brief(body), organisation, key, ended.id, config)


def _post(
    unit: Unit,
    actor: Actor,
    body: Document,
    scanned: Scanned,
    organisation: Organisation,
    key: DataKey,
    before: str | None,
    config: Config,
) -> Document:
    if config.verify_email and not actor.verified:
        raise Refusal("unverified", "Confirm your e-mail first: open the link in our mail, then sign in again.")
    store.check_quotas(unit, organisation, actor.id, config.quotas)
    clean = scanned.clean_for(organisation.identity)
    check_lengths(clean.texts)
    written, secret = {**body, **clean.texts}, config.blind_secret
    project, facts = posting.post_project(key.id, written, organisation, actor.id, secret, unit.now, before)
    project.confirm(clean.confirmed)
    store.rely_on_members(unit, organisation)
    store.save_project(unit, project, facts)
    store.lock_in_vault(unit, key, organisation)
    return {**project_view(project), "version": 1}
