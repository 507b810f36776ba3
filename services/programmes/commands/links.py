"""Invitation links of a programme."""

from chassis.facts import Refusal, not_found, wrong
from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.config import Config
from services.programmes.model.access import Standing
from services.programmes.model.enrolling.fields import organisation_in
from services.programmes.model.enrolling.links import MOST_LINKS, Link, link_token
from services.programmes.model.enrolling.people import expected_of
from services.programmes.model.enrolling.problems import problem
from services.programmes.model.messages import digest_of
from services.programmes.model.programme import BEFORE_PUBLICATION
from services.programmes.views.links import link_view


def make_link(unit: Unit, actor: Actor, programme_id: str, link_id: str, body: Document, config: Config) -> Document:
    """Creates a link; returns it without its token, which `link_token` derives from the id."""
    standing = store.standing(unit, programme_id, actor)
    standing.check_organises()
    standing.programme.check_state(*BEFORE_PUBLICATION)
    if store.count_links(unit, programme_id) >= MOST_LINKS:
        raise Refusal("too-many-links", f"At most {MOST_LINKS} links are open at a time; delete one first.")
    link = Link(
        link_id,
        programme_id,
        body["side"],
        digest_of(link_token(config.blind_secret, link_id)),
        actor.id,
        unit.now,
        unit.now + body["expires_in"],
        _organisation(standing, body["organisation"]),
        body["cap"],
        body["domain"],
    )
    store.add_link(unit, link)
    return link_view(link, 0)


def drop_link(unit: Unit, actor: Actor, programme_id: str, link_id: str) -> Document:
    """Deletes a link; who has joined by it stays."""
    standing = store.standing(unit, programme_id, actor)
    standing.check_organises()
    if not store.drop_link(unit, programme_id, {"_id": link_id, **mine(standing)}):
        raise not_found()
    return {}


def mine(standing: Standing) -> Document:
    """The condition for the links that the caller may see: an organiser those of the own organisation."""
    return {} if standing.runs else {"organisation": standing.organisation}


def _organisation(standing: Standing, text: str) -> str:
    """The organisation of those who join; an organiser's own. Refused as ``invalid`` if the programme lacks it."""
    name, code = organisation_in(text, expected_of(standing))
    if code:
        message = problem(1, "organisation", code).message(standing.programme.language)
        raise Refusal("invalid", errors=[wrong("organisation", code, message)])
    return name
