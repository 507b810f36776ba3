"""Passes: the link in a mail is exchanged for a session of one programme."""

from functools import cache

from flask import Flask

from chassis.http.origin import caller_network
from chassis.http.parsing import Blueprint
from chassis.http.said import KEY_SET, answers, documented, key_set, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import PASS_KEY, caller_if_any
from services.programmes.clients.passes import ROLE, jwks, sign
from services.programmes.commands.joining import renew
from services.programmes.commands.passes import open_link
from services.programmes.config import Config
from services.programmes.model.access import PassKey


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("passes", __name__)

    @cache
    def pass_key() -> PassKey:
        """Read once: it does not change."""
        return store.pass_key(work)

    @blueprint.record
    def keep_key(state: object) -> None:
        app: Flask = state.app  # type: ignore[attr-defined]
        app.extensions[PASS_KEY] = pass_key

    @blueprint.post("/api/programmes/passes")
    @refuses("not-found", "already-taking-part")
    @blueprint.arguments(schemas.LinkBody)
    @blueprint.response(201, schemas.PassSchema)
    def exchange_link(body: Document) -> Document:
        """Exchanges the link of a mail for a pass. An account that sends its token is tied to the person, too."""
        account = caller_if_any()
        known = account if account is not None and account.role != ROLE else None
        with config.guesses.of_failures(work.database, caller_network()):
            participant = work.run(lambda unit: open_link(unit, body["token"], known))
        token = sign(pass_key(), participant.id, participant.programme, work.now(), config.pass_life)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(config.pass_life.total_seconds()),
            "programme_id": participant.programme,
            "ref": participant.ref,
        }

    @blueprint.post("/api/programmes/passes/renewal")
    @refuses("not-found")
    @blueprint.arguments(schemas.LinkBody)
    @blueprint.response(202, schemas.NothingBody)
    def renew_link(body: Document) -> Document:
        """Mails a new link to whoever's mail held this one, even if it has expired. The answer is always the same."""
        config.mail_requests.count(work.database, caller_network())
        work.run(lambda unit: renew(unit, body["token"], config))
        return {}

    @blueprint.get("/.well-known/programmes-jwks.json")
    @documented(responses=answers("application/json", KEY_SET, key_set("passes-1")))
    def read_pass_keys() -> Document:
        """The public key that verifies passes."""
        return jwks(pass_key())

    return blueprint
