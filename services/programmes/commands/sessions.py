"""Planning, moving, logging and cancelling the sessions of a pair."""

from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.telling import tell
from services.programmes.config import Config
from services.programmes.model import nudges
from services.programmes.model.couples import Couple
from services.programmes.model.notices import Notice
from services.programmes.model.sessions import CANCELLED, MOVED, Session, check_number, new_session
from services.programmes.views.sessions import session_view


def plan_session(
    unit: Unit,
    actor: Actor,
    programme_id: str,
    refs: tuple[str, str],
    session_id: str,
    body: Document,
    config: Config,
) -> Document:
    """Plans a session, or logs one that was held or cancelled; returns it with its ``version``."""
    standing = store.standing(unit, programme_id, actor)
    couple = store.couple_by_refs(unit, standing, *refs)
    couple.check_note(body.get("note"))
    sessions = store.sessions_of(unit, [couple.pair.id])
    check_number(len(sessions))
    zone = couple.me.timezone if couple.me else ""
    session = new_session(session_id, couple.pair, body, zone, unit.now)
    notices = _notices(couple, session, "session-planned") if session.ahead else []
    return _save(unit, couple, [*sessions, session], session, notices, config)


def change_session(
    unit: Unit,
    actor: Actor,
    programme_id: str,
    session_id: str,
    body: Document,
    config: Config,
    if_match: IfMatch = ANY_VERSION,
) -> Document:
    """Moves a session, says that it was held or cancelled, or completes its record; returns it with its ``version``."""
    standing = store.standing(unit, programme_id, actor)
    session = store.find_session(unit, programme_id, session_id)
    couple = store.couple_of_pair(unit, standing, session.pair)
    if_match.check(session.version)
    couple.check_note(body.get("note"))
    before = session.state, session.starts_at
    changed = session.change(body, unit.now)
    told = changed and before[1] > unit.now and (session.state, session.starts_at) != before
    kind = {MOVED: "session-moved", CANCELLED: "session-cancelled"}.get(session.state)
    notices = _notices(couple, session, kind) if told and kind else []
    others = [one for one in store.sessions_of(unit, [couple.pair.id]) if one.id != session.id]
    return _save(unit, couple, [*others, session], session, notices, config)


def _notices(couple: Couple, session: Session, kind: str) -> list[Notice]:
    data = {"pair": couple.pair.id, "starts_at": session.starts_at}
    return [Notice(kind, one.id, data) for one in couple.others if one.takes_part]


def _save(
    unit: Unit, couple: Couple, sessions: list[Session], session: Session, notices: list[Notice], config: Config
) -> Document:
    """Stores the session, and its pair with the time of its next nudge."""
    nudges.note_sessions(couple.pair, sessions, config.silence)
    store.save_session(unit, session)
    store.save_pair(unit, couple.pair, tell(unit, couple.programme, notices))
    session.version += 1
    return {**session_view(session, couple), "version": session.version}
