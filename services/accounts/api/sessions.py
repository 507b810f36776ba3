"""Signing in, refreshing and signing out."""

from chassis import telemetry
from chassis.facts import Refusal
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork
from services.accounts import schemas, store
from services.accounts.api.views import NO_STORE, ring
from services.accounts.config import Config
from services.accounts.model import email_key
from services.accounts.passwords import Passwords
from services.accounts.tokens import access_token, digest_of, new_token


def routes(work: UnitOfWork, config: Config, passwords: Passwords) -> Blueprint:
    """The routes of sessions."""
    blueprint = Blueprint("sessions", __name__)

    @blueprint.post("/api/sessions")
    @blueprint.arguments(schemas.CredentialsBody)
    @blueprint.response(201, schemas.TokensSchema)
    def sign_in(body: Document) -> tuple[Document, dict[str, str]]:
        """Opens a session. After ten failures for one e-mail each further attempt has to wait longer."""
        key = email_key(body["email"])
        store.count_attempt(work.database, key)
        account = store.find_account(work.database, key)
        right = passwords.check(account.password_hash if account else None, body["password"])
        if account is None or not right:
            raise store.bad_credentials()
        store.forget_attempts(work.database, key)
        fresh_hash = passwords.hash(body["password"]) if passwords.outdated(account.password_hash) else None
        refresh_token = new_token()

        def effect(unit: Unit) -> Document:
            session_id = store.start_session(unit, account, digest_of(refresh_token), config.refresh_life)
            if fresh_hash:
                store.replace_hash(unit, account, fresh_hash)
            return {"account": account, "session": session_id, "at": unit.now}

        return _tokens(work.run(effect), refresh_token), NO_STORE

    @blueprint.post("/api/sessions/refresh")
    @blueprint.arguments(schemas.RefreshBody)
    @blueprint.response(201, schemas.TokensSchema)
    def refresh_session(body: Document) -> tuple[Document, dict[str, str]]:
        """Exchanges a refresh token for new tokens. One used before, but for a short grace, ends the session."""
        refresh_token = new_token()

        def effect(unit: Unit) -> Document:
            token, session, account = store.find_refresh(unit, digest_of(body["refresh_token"]))
            granted = {"account": account, "session": token.session, "at": unit.now}
            if token.reused(unit.now, config.refresh_grace):
                store.end_session(unit, token.session, account.id)
                return {**granted, "reused": True}
            store.rotate(unit, token, session, digest_of(refresh_token), config.refresh_life)
            return granted

        granted = work.run(effect)
        if "reused" in granted:  # only now, so that the end of the session stands
            telemetry.log.warning("refresh_token_reused", session=granted["session"])
            raise Refusal("bad-credentials", "This refresh token was used before; please sign in again.")
        return _tokens(granted, refresh_token), NO_STORE

    @blueprint.delete("/api/sessions/current")
    @signed_in()
    @blueprint.response(204)
    def sign_out(*, actor: Actor) -> None:
        """Ends the caller's session: it cannot be refreshed any more. The access token lives out its minutes."""

        def effect(unit: Unit) -> Document:
            store.end_session(unit, actor.session, actor.id)
            return {}

        command(work, actor, effect)

    def _tokens(granted: Document, refresh_token: str) -> Document:
        account, life = granted["account"], config.access_token_life
        key = ring(work, config).signing(granted["at"])
        return {
            "access_token": access_token(key, account, granted["session"], granted["at"], life),
            "token_type": "Bearer",
            "expires_in": int(life.total_seconds()),
            "refresh_token": refresh_token,
        }

    return blueprint
