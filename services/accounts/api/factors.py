"""Routes of operators' second factor: enrolling it, giving a code, removing and resetting it.

Their answers hold secrets, so none is stored for ``Idempotency-Key``.
"""

import secrets

from chassis.facts import Refusal
from chassis.http.auth import OPERATOR, Actor, signed_in
from chassis.http.commands import command
from chassis.http.origin import caller_network
from chassis.http.parsing import Blueprint
from chassis.http.proofs import Proof
from chassis.http.said import keyless, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.accounts import schemas, store
from services.accounts.api.signing import NO_STORE, bearer
from services.accounts.clients.hashing import Passwords
from services.accounts.commands import factors as commands
from services.accounts.commands.sessions import Granted, check_credentials
from services.accounts.config import Config
from services.accounts.model import RECOVERY_BYTES, RECOVERY_CODES, SECRET_BYTES, recovery_code, shown_secret, uri
from services.accounts.views import factor_view

CODE = ("bad-credentials", "factor-locked", "no-second-factor")
"""Refusals of a route that takes a code."""
Answer = tuple[Document, dict[str, str]]


def routes(work: UnitOfWork, config: Config, passwords: Passwords) -> Blueprint:
    """The routes of the second factor."""
    blueprint = Blueprint("factors", __name__)

    @blueprint.post("/api/sessions/current/step-up")
    @signed_in(OPERATOR, proof=Proof.PASSWORD)
    @refuses(*CODE)
    @keyless
    @blueprint.arguments(schemas.CodeBody)
    @blueprint.response(201, schemas.RaisedSchema)
    def step_up(body: Document, *, actor: Actor) -> Answer:
        """Raises the caller's session with a code, and gives an access token that says so; each code counts once."""
        return _raised(work.run(lambda unit: commands.step_up(unit, actor, body["code"])))

    @blueprint.get("/api/operations/factor")
    @signed_in(OPERATOR, proof=Proof.PASSWORD)
    @blueprint.response(200, schemas.FactorSchema)
    def read_factor(*, actor: Actor) -> Document:
        """The caller's second factor: since when it counts, until when one may be enrolled, and recovery codes left."""
        return factor_view(work.run(lambda unit: commands.read(unit, actor)))

    @blueprint.post("/api/operations/factor")
    @signed_in(OPERATOR, proof=Proof.PASSWORD)
    @refuses("bad-credentials", "already-enrolled", "enrolment-closed")
    @keyless
    @blueprint.arguments(schemas.FactorBody)
    @blueprint.response(201, schemas.NewFactorSchema)
    def begin_factor(body: Document, *, actor: Actor) -> Answer:
        """Gives the caller a secret for an authenticator app, and recovery codes, once. They count when confirmed."""
        email = store.read_account(work.database, actor).email
        check_credentials(work.database, email, body["password"], passwords, caller_network(), work.now())
        secret, codes = secrets.token_bytes(SECRET_BYTES), _codes()
        work.run(lambda unit: commands.begin(unit, actor, secret, codes))
        return {"secret": shown_secret(secret), "uri": uri(secret, email), "recovery_codes": codes}, NO_STORE

    @blueprint.post("/api/operations/factor/confirmation")
    @signed_in(OPERATOR, proof=Proof.PASSWORD)
    @refuses(*CODE, "already-enrolled", "enrolment-closed")
    @keyless
    @blueprint.arguments(schemas.CodeBody)
    @blueprint.response(201, schemas.RaisedSchema)
    def confirm_factor(body: Document, *, actor: Actor) -> Answer:
        """Confirms the new authenticator with its first code, which also raises the session."""
        return _raised(work.run(lambda unit: commands.confirm(unit, actor, body["code"])))

    @blueprint.post("/api/operations/factor/recovery-codes")
    @signed_in(OPERATOR, proof=Proof.PASSWORD)
    @refuses(*CODE)
    @keyless
    @blueprint.arguments(schemas.CodeBody)
    @blueprint.response(201, schemas.RecoverySchema)
    def renew_recovery_codes(body: Document, *, actor: Actor) -> Answer:
        """Replaces the caller's recovery codes by new ones."""
        codes = _codes()
        _check(work.run(lambda unit: commands.renew_recovery(unit, actor, body["code"], codes)))
        return {"recovery_codes": codes}, NO_STORE

    @blueprint.delete("/api/operations/factor")
    @signed_in(OPERATOR, proof=Proof.PASSWORD)
    @refuses(*CODE)
    @blueprint.arguments(schemas.CodeBody)
    @blueprint.response(204)
    def remove_factor(body: Document, *, actor: Actor) -> None:
        """Removes the caller's second factor and ends all their sessions. Another may be enrolled within a day."""
        _check(work.run(lambda unit: commands.remove(unit, actor, body["code"], config)))

    @blueprint.delete("/api/operations/accounts/<account_id>/factor")
    @signed_in(OPERATOR, proof=Proof.RECENT)
    @refuses("own-factor")
    @blueprint.arguments(schemas.ResetBody)
    @blueprint.response(204)
    def reset_factor(body: Document, account_id: str, *, actor: Actor) -> None:
        """Removes the lost second factor of another operator and ends their sessions; they may enrol within a day."""
        command(work, actor, lambda unit: commands.reset(unit, actor.id, account_id, body["reason"], config))

    def _raised(granted: Granted | None) -> Answer:
        _check(granted)
        assert granted is not None
        return bearer(work, config, granted), NO_STORE

    return blueprint


def _codes() -> list[str]:
    return [recovery_code(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]


def _check(right: object) -> None:
    """Refuses ``bad-credentials`` after a unit that has counted a wrong code."""
    if not right:
        raise Refusal("bad-credentials", "This code is wrong, was used before, or is over.")
