"""HTTP in: accounts, sessions, the public keys, and the one internal route."""

import hmac
from typing import Any

import jwt
from flask import Blueprint as FlaskBlueprint
from flask import request

from chassis import telemetry
from chassis.facts import Refusal, not_found
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import check_if_match, etag
from chassis.http.parsing import Blueprint
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork
from services.accounts import schemas, store
from services.accounts.config import Config
from services.accounts.model import Account, KeyRing, check_password, email_key, register
from services.accounts.passwords import Passwords, common_passwords
from services.accounts.tokens import access_token, digest_of, jwks, new_refresh_token, public_key

JWKS_MAX_AGE_S = 30
NO_STORE = {"Cache-Control": "no-store"}


def blueprints(work: UnitOfWork, config: Config) -> list[FlaskBlueprint]:
    """The routes of this service."""
    passwords = Passwords(config.hash_time_cost, config.hash_memory_kib)
    return [
        _accounts(work, passwords),
        _sessions(work, config, passwords),
        _keys(work, config),
        _internal(work, config),
    ]


def _accounts(work: UnitOfWork, passwords: Passwords) -> Blueprint:
    routes = Blueprint("accounts", __name__)

    @routes.post("/api/accounts")
    @routes.arguments(schemas.RegistrationBody)
    @routes.response(201, schemas.RegisteredSchema)
    def register_account(body: Document) -> Document:
        """Opens an account. An e-mail already in use gets the same answer, with an id that leads nowhere."""
        check_password(body["password"], body["email"], common_passwords())
        password_hash, account_id = passwords.hash(body["password"]), new_id()

        def effect(unit: Unit) -> Document:
            account, facts = register(account_id, body, password_hash, unit.now)
            store.add_account(unit, account, facts)
            return _account_view(account)

        return work.run(effect)

    @routes.get("/api/accounts/me")
    @signed_in()
    @routes.response(200, schemas.AccountSchema)
    def read_my_account(*, actor: Actor) -> tuple[Document, dict[str, str]]:
        """The caller's own account."""
        account = store.read_account(work.database, actor)
        return _account_view(account), etag(account.version)

    @routes.patch("/api/accounts/me")
    @signed_in()
    @routes.arguments(schemas.AccountBody)
    @routes.response(200, schemas.AccountSchema)
    def revise_my_account(body: Document, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """Changes the caller's name or language."""

        def effect(unit: Unit) -> Document:
            account = store.my_account(unit, actor)
            check_if_match({"version": account.version})
            revised = account.revise(body)
            store.save_account(unit, revised)
            return {**_account_view(revised), "version": account.version + 1}

        answer = command(work, actor, effect)
        return answer, etag(answer["version"])

    @routes.get("/api/accounts/export")
    @signed_in()
    @routes.response(200, schemas.ExportSchema)
    def export_my_account(*, actor: Actor) -> Document:
        """All that this service holds of the caller."""
        return store.export(work.database, actor)

    return routes


def _sessions(work: UnitOfWork, config: Config, passwords: Passwords) -> Blueprint:
    routes = Blueprint("sessions", __name__)

    @routes.post("/api/sessions")
    @routes.arguments(schemas.CredentialsBody)
    @routes.response(201, schemas.TokensSchema)
    def sign_in(body: Document) -> tuple[Document, dict[str, str]]:
        """Opens a session. After ten failures for one e-mail each further attempt has to wait longer."""
        key = email_key(body["email"])
        store.count_attempt(work.database, key)
        account = store.find_account(work.database, key)
        right = passwords.check(account.password_hash if account else None, body["password"])
        if account is None or not right:
            raise Refusal("bad-credentials", "The e-mail or the password is wrong.")
        store.forget_attempts(work.database, key)
        fresh_hash = passwords.hash(body["password"]) if passwords.outdated(account.password_hash) else None
        refresh_token = new_refresh_token()

        def effect(unit: Unit) -> Document:
            if fresh_hash:
                store.replace_hash(unit, account, fresh_hash)
            session_id = store.start_session(unit, account, digest_of(refresh_token), config.refresh_life)
            return {"account": account, "session": session_id, "at": unit.now}

        return _tokens(work.run(effect), refresh_token), NO_STORE

    @routes.post("/api/sessions/refresh")
    @routes.arguments(schemas.RefreshBody)
    @routes.response(201, schemas.TokensSchema)
    def refresh_session(body: Document) -> tuple[Document, dict[str, str]]:
        """Exchanges a refresh token for new tokens. One used before, but for a short grace, ends the session."""
        refresh_token = new_refresh_token()

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

    @routes.delete("/api/sessions/current")
    @signed_in()
    @routes.response(204)
    def sign_out(*, actor: Actor) -> None:
        """Ends the caller's session: it cannot be refreshed any more. The access token lives out its minutes."""

        def effect(unit: Unit) -> Document:
            store.end_session(unit, actor.session, actor.id)
            return {}

        command(work, actor, effect)

    def _tokens(granted: Document, refresh_token: str) -> Document:
        account, life = granted["account"], config.access_token_life
        key = _ring(work, config).signing(granted["at"])
        return {
            "access_token": access_token(key, account, granted["session"], granted["at"], life),
            "token_type": "Bearer",
            "expires_in": int(life.total_seconds()),
            "refresh_token": refresh_token,
        }

    return routes


class _OwnKeys:
    """The keys that this service checks tokens with: its own, so that it need not ask itself over HTTP."""

    def __init__(self, work: UnitOfWork, config: Config) -> None:
        self._work = work
        self._config = config

    def get(self, key_id: str) -> jwt.PyJWK:
        """The key; ``unauthenticated`` when it is none of ours."""
        for key in _ring(self._work, self._config).keys:
            if key.id == key_id:
                return public_key(key)
        raise Refusal("unauthenticated", "The token's key is not known.")


def _keys(work: UnitOfWork, config: Config) -> Blueprint:
    routes = Blueprint("keys", __name__)
    routes.record_once(lambda state: state.app.extensions.update(releve_keys=_OwnKeys(work, config)))

    @routes.get("/.well-known/jwks.json")
    def read_signing_keys() -> tuple[Document, dict[str, str]]:
        """The two public keys that access tokens are checked with."""
        return jwks(_ring(work, config)), {"Cache-Control": f"public, max-age={JWKS_MAX_AGE_S}"}

    return routes


class _Unlisted(Blueprint):
    """Routes that stand in no document: the gateway does not know them."""

    def register_views_in_doc(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing."""


def _internal(work: UnitOfWork, config: Config) -> Blueprint:
    routes = _Unlisted("internal", __name__)

    @routes.get("/internal/addresses/<account_id>")
    @routes.response(200, schemas.AddressSchema)
    def read_address(account_id: str) -> tuple[Document, dict[str, str]]:
        """Where notify reaches a person; 404 without the internal token, as if nothing were here."""
        shown = request.headers.get("X-Releve-Internal", "").encode("latin-1")  # the bytes as they came
        if not hmac.compare_digest(shown, config.internal_token.encode()):
            raise not_found()
        return store.read_address(work.database, account_id), NO_STORE

    return routes


def _ring(work: UnitOfWork, config: Config) -> KeyRing:
    return store.read_ring(work.database, config.key_life, config.access_token_life)


def _account_view(account: Account) -> Document:
    return {name: getattr(account, name) for name in ("id", "email", "role", "display_name", "locale", "created_at")}
