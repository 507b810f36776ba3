"""The second factor of operators: enrolling, giving a code, removing and resetting it."""

from chassis import audit
from chassis.facts import Refusal, not_found, seconds_until
from chassis.http.auth import Actor
from chassis.http.proofs import MFA
from chassis.mongo import Document
from chassis.unit import Unit
from services.accounts import store
from services.accounts.commands.sessions import Granted
from services.accounts.config import Config
from services.accounts.model import OPERATOR, OTP, PASSWORD_ONLY, Factor, awaited, email_key, recovery_digest

ONE_TIME, WITH_RECOVERY = (*PASSWORD_ONLY, OTP, MFA), (*PASSWORD_ONLY, MFA)
"""The methods of a session (RFC 8176) after a one-time password, and after a recovery code, which has no name there."""


def read(unit: Unit, actor: Actor) -> Factor:
    """The caller's own factor, with a row in the audit trail."""
    audit.record(unit, actor.id, "factor.read", actor.id, "")
    return store.find_factor(unit, actor.id) or Factor(actor.id)


def begin(unit: Unit, actor: Actor, secret: bytes, codes: list[str]) -> None:
    """Gives the caller's factor a secret and recovery codes, which count once a code confirms it. Refused as
    ``already-enrolled``, or as ``enrolment-closed`` when its time is over.
    """
    factor = store.find_factor(unit, actor.id) or Factor(actor.id)
    if factor.is_active:
        raise Refusal("already-enrolled", "Remove the present authenticator first.")
    if not factor.may_enrol(unit.now):
        raise Refusal("enrolment-closed", "The time to enrol is over: let another operator reset your second factor.")
    store.save_factor(unit, factor.begin(secret, tuple(map(recovery_digest, codes))))
    audit.record(unit, actor.id, "factor.begun", actor.id, "")


def confirm(unit: Unit, actor: Actor, given: str) -> Granted | None:
    """Makes the caller's factor active with its first code, and raises the session; None for a wrong code.

    Refused as ``no-second-factor``, ``already-enrolled`` or ``enrolment-closed``.
    """
    factor = _usable(unit, actor)
    if factor.is_active:
        raise Refusal("already-enrolled", "This authenticator is confirmed already.")
    if not factor.may_enrol(unit.now):
        raise Refusal("enrolment-closed", "The time to enrol is over: let another operator reset your second factor.")
    tried, kind = factor.attempt(given, unit.now)
    if kind is None:
        _count(unit, actor, tried)
        return None
    store.save_factor(unit, tried.confirm(unit.now))
    audit.record(unit, actor.id, "factor.enrolled", actor.id, "")
    return _raise(unit, actor, kind)


def step_up(unit: Unit, actor: Actor, given: str) -> Granted | None:
    """Raises the caller's session with a code; None for a wrong one. ``no-second-factor``."""
    kind = _give(unit, actor, given)
    return _raise(unit, actor, kind) if kind else None


def renew_recovery(unit: Unit, actor: Actor, given: str, codes: list[str]) -> bool:
    """Replaces the caller's recovery codes, with a code; False for a wrong one. ``no-second-factor``."""
    if _give(unit, actor, given) is None:
        return False
    factor = _usable(unit, actor)
    store.save_factor(unit, factor.with_recovery(tuple(map(recovery_digest, codes))))
    audit.record(unit, actor.id, "factor.recovery-codes-renewed", actor.id, "")
    return True


def remove(unit: Unit, actor: Actor, given: str, config: Config) -> bool:
    """Removes the caller's factor with a code, and ends all their sessions; False for a wrong one. Another may be
    enrolled for a day. ``no-second-factor``.
    """
    if _give(unit, actor, given) is None:
        return False
    _open(unit, actor.id)
    store.end_sessions(unit, actor.id, config.access_token_life)
    audit.record(unit, actor.id, "factor.removed", actor.id, "")
    return True


def reset(unit: Unit, who: str, account_id: str, reason: str, config: Config) -> Document:
    """Another operator, or a command, removes a factor that was lost: its owner may enrol another one for
    a day, and all their sessions end. ``not-found``; ``own-factor`` for one's own.
    """
    account = store.account_by_id(unit, account_id)
    if account is None or account.role != OPERATOR:
        raise not_found()
    if who == account_id:
        raise Refusal("own-factor", "Remove your own with a code, or let another operator reset it.")
    _open(unit, account_id)
    store.end_sessions(unit, account_id, config.access_token_life)
    audit.record(unit, who, "factor.reset", account_id, reason)
    return {}


def reset_by_email(unit: Unit, email: str, reason: str, config: Config) -> str:
    """The same from the command line, by e-mail; returns the account's id. ``not-found``."""
    account = store.account_of(unit, email_key(email))
    if account is None:
        raise not_found()
    reset(unit, audit.PLACE, account.id, reason, config)
    return account.id


def _open(unit: Unit, account_id: str) -> None:
    present = store.find_factor(unit, account_id)
    store.save_factor(unit, awaited(account_id, unit.now, present.version if present else 0))


def _usable(unit: Unit, actor: Actor) -> Factor:
    """The caller's factor. Refused as ``no-second-factor``, ``factor-locked`` or ``rate-limited``."""
    factor = store.find_factor(unit, actor.id)
    if factor is None or factor.secret is None:
        raise Refusal("no-second-factor", "Enrol an authenticator first.")
    if factor.is_locked:
        raise Refusal("factor-locked", "Too many codes were wrong: let another operator reset your second factor.")
    if wait := factor.wait(unit.now):
        raise Refusal("rate-limited", "Too many wrong codes; please wait.", retry_after=seconds_until(wait))
    return factor


def _give(unit: Unit, actor: Actor, given: str) -> str | None:
    """Uses a code of the caller's active factor; its kind, or None for a wrong one. ``no-second-factor``."""
    factor = _usable(unit, actor)
    if not factor.is_active:
        raise Refusal("no-second-factor", "Confirm your authenticator first.")
    tried, kind = factor.attempt(given, unit.now)
    if kind is None:
        _count(unit, actor, tried)
        return None
    store.save_factor(unit, tried)
    if len(tried.recovery) < len(factor.recovery):
        audit.record(unit, actor.id, "factor.recovery-code-used", actor.id, "")
    return kind


def _count(unit: Unit, actor: Actor, tried: Factor) -> None:
    """Counts a wrong code. The caller refuses after the unit, so that the count is committed."""
    store.save_factor(unit, tried)
    audit.record(unit, actor.id, "factor.locked" if tried.is_locked else "factor.wrong-code", actor.id, "")


def _raise(unit: Unit, actor: Actor, kind: str) -> Granted:
    methods = ONE_TIME if kind == OTP else WITH_RECOVERY
    session = store.own_session(unit, actor).raised(methods, unit.now)
    store.save_session(unit, session)
    audit.record(unit, actor.id, "session.raised", actor.id, kind)
    return Granted(store.my_account(unit, actor), session, unit.now)
