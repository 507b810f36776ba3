"""Routes to sign in, refresh and sign out."""

from chassis.facts import Refusal
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.origin import caller_network
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import schemas, store
from services.accounts.api.limiting import limited
from services.accounts.api.signing import NO_STORE, bearer
from services.accounts.clients.hashing import Passwords
from services.accounts.clients.tokens import new_token
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
        """Opens a session. After ten failures for one e-mail from one network each further attempt must wait longer."""
        with limited(work, config.guesses, "sign-in"):
            account, fresh_hash = commands.check_credentials(
                work.database,
                body["email"],
                body["password"],
                passwords,
                caller_network(),
                work.now(),
                config.verify_email,
            )
        token = new_token()
        granted = work.run(lambda unit: commands.open_session(unit, account, fresh_hash, token, config))
        return _tokens(granted, token), NO_STORE

    @blueprint.post("/api/sessions/refresh")
    @refuses("bad-credentials", "suspended")
    @blueprint.arguments(schemas.RefreshBody)
    @blueprint.response(201, schemas.TokensSchema)
    def refresh_session(body: Document) -> tuple[Document, dict[str, str]]:
        """Exchanges a refresh token for new tokens, again for the same refresh token if the answer was lost. Used after
        its successor, and after a short grace period, it ends the session."""
        with limited(work, config.guesses, "refresh"):
            refreshed = work.run(lambda unit: commands.refresh_session(unit, body["refresh_token"], config))
        if refreshed is None:  # refused outside the unit, so that the end of the session is committed
            raise Refusal("bad-credentials", "This refresh token was used before; please sign in again.")
        return _tokens(*refreshed), NO_STORE

    @blueprint.delete("/api/sessions/current")
    @signed_in()
    @blueprint.response(204)
    def sign_out(*, actor: Actor) -> None:
        """Ends the caller's session and its tokens: here at once, in other services within seconds."""
        command(work, actor, lambda unit: commands.sign_out(unit, actor, config))

    @blueprint.get("/api/sessions")
    @signed_in()
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, schemas.SessionPage)
    def read_sessions(query: Document, *, actor: Actor) -> Document:
        """The caller's sessions, newest first; ``current`` is the one of this request."""
        return store.read_session_page(work.database, actor, query, lambda one: session_view(one, actor.session))

    @blueprint.delete("/api/sessions/others")
    @signed_in()
    @blueprint.response(204)
    def end_other_sessions(*, actor: Actor) -> None:
        """Ends all of the caller's sessions but this one, with their tokens, as ending each of them does."""
        command(work, actor, lambda unit: commands.end_other_sessions(unit, actor, config))

    @blueprint.delete("/api/sessions/<session_id>")
    @signed_in()
    @blueprint.response(204)
    def end_session(session_id: str, *, actor: Actor) -> None:
        """Ends one of the caller's sessions and its tokens: here at once, in other services within seconds."""
        command(work, actor, lambda unit: commands.end_session(unit, actor, session_id, config))

    def _tokens(granted: commands.Granted, refresh_token: str) -> Document:
        return {**bearer(work, config, granted), "refresh_token": refresh_token}

    return blueprint
