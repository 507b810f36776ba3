"""Routes to sign in, refresh and sign out."""

from chassis.facts import Refusal
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import schemas, store
from services.accounts.api.signing import NO_STORE, ring
from services.accounts.clients.hashing import Passwords
from services.accounts.clients.tokens import access_token, new_token
from services.accounts.commands import sessions as commands
from services.accounts.config import Config
from services.accounts.views import session_view


def routes(work: UnitOfWork, config: Config, passwords: Passwords) -> Blueprint:
    """The routes of sessions."""
    blueprint = Blueprint("sessions", __name__)

    @blueprint.post("/api/sessions")
    @refuses("bad-credentials", "suspended")
    @blueprint.arguments(schemas.CredentialsBody)
    @blueprint.response(201, schemas.TokensSchema)
    def sign_in(body: Document) -> tuple[Document, dict[str, str]]:
        """Opens a session. After ten failures for one e-mail each further attempt must wait longer."""
        account, fresh_hash = commands.check_credentials(work.database, body["email"], body["password"], passwords)
        token = new_token()
        granted = work.run(lambda unit: commands.open_session(unit, account, fresh_hash, token, config))
        return _tokens(granted, token), NO_STORE

    @blueprint.post("/api/sessions/refresh")
    @refuses("bad-credentials", "suspended")
    @blueprint.arguments(schemas.RefreshBody)
    @blueprint.response(201, schemas.TokensSchema)
    def refresh_session(body: Document) -> tuple[Document, dict[str, str]]:
        """Exchanges a refresh token for new tokens. Reusing one after a short grace period ends the session."""
        token = new_token()
        granted = work.run(lambda unit: commands.refresh_session(unit, body["refresh_token"], token, config))
        if granted is None:  # refused outside the unit, so that the end of the session is committed
            raise Refusal("bad-credentials", "This refresh token was used before; please sign in again.")
        return _tokens(granted, token), NO_STORE

    @blueprint.delete("/api/sessions/current")
    @signed_in()
    @blueprint.response(204)
    def sign_out(*, actor: Actor) -> None:
        """Ends the caller's session: it can no longer be refreshed. The access token stays valid until it expires."""
        command(work, actor, lambda unit: commands.sign_out(unit, actor))

    @blueprint.get("/api/sessions")
    @signed_in()
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, schemas.SessionPage)
    def read_sessions(query: Document, *, actor: Actor) -> Document:
        """The caller's sessions, newest first; ``current`` is the one of this request."""
        return store.read_session_page(work.database, actor, query, lambda one: session_view(one, actor.session))

    @blueprint.delete("/api/sessions/<session_id>")
    @signed_in()
    @blueprint.response(204)
    def end_session(session_id: str, *, actor: Actor) -> None:
        """Ends one of the caller's sessions: it can no longer be refreshed."""
        command(work, actor, lambda unit: commands.end_session(unit, actor, session_id))

    def _tokens(granted: commands.Granted, refresh_token: str) -> Document:
        life, key = config.access_token_life, ring(work, config).signing(granted.at)
        return {
            "access_token": access_token(key, granted.account, granted.session, granted.at, life),
            "token_type": "Bearer",
            "expires_in": int(life.total_seconds()),
            "refresh_token": refresh_token,
        }

    return blueprint
