"""The second factors of operators in MongoDB, in the vault; the secret is wrapped by the master key."""

from dataclasses import asdict, fields

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.keyring import Keyring
from chassis.mongo import Document, Documents
from chassis.places import rows_of
from chassis.unit import Unit
from services.accounts.model import Factor, Session
from services.accounts.store.sessions import session_document, session_from

FACTORS = "vault/factors"


def find_factor(unit: Unit, account_id: str) -> Factor | None:
    """The account's second factor, as this transaction sees it."""
    row = unit.find(FACTORS, {"_id": account_id})
    if row is None:
        return None
    return factor_from(row, row["secret"] and unit.keys.unwrap(row["secret"], _place(unit.keys, account_id)))


def read_factor(database: Documents, actor: Actor) -> Factor | None:
    """The caller's second factor without its secret."""
    row = rows_of(database, FACTORS).find_one({"_id": actor.id})
    return factor_from(row, None) if row else None


def save_factor(unit: Unit, factor: Factor) -> None:
    """Stores a factor that this transaction has read, or a new one. Of two concurrent attempts one is retried."""
    wrapped = unit.keys.wrap(factor.secret, _place(unit.keys, factor.account)) if factor.secret else None
    unit.put(FACTORS, factor_document(factor, wrapped))


def drop_factor(unit: Unit, account_id: str) -> None:
    """Deletes the factor of an erased account."""
    unit.collection(FACTORS).delete_one({"_id": account_id})


def own_session(unit: Unit, actor: Actor) -> Session:
    """The caller's session; ``unauthenticated`` once it has ended."""
    row = unit.find("sessions", {"_id": actor.session, "account": actor.id})
    if row is None:
        raise Refusal("unauthenticated", "This session has ended; please sign in again.")
    return session_from(row)


def save_session(unit: Unit, session: Session) -> None:
    """Stores a session that this transaction has read: a revocation at the same moment conflicts with it."""
    unit.put("sessions", session_document(session))


def factor_document(factor: Factor, wrapped: Document | None) -> Document:
    """The factor as it is stored, with its ``wrapped`` secret."""
    row = asdict(factor)
    return {"_id": row.pop("account"), **row, "secret": wrapped, "recovery": list(factor.recovery)}


def factor_from(row: Document, secret: bytes | None) -> Factor:
    """Reads a document written by `factor_document`."""
    known = {field.name: row[field.name] for field in fields(Factor) if field.name in row}
    return Factor(account=row["_id"], **{**known, "secret": secret, "recovery": tuple(row["recovery"])})


def _place(keys: Keyring, account_id: str) -> str:
    return keys.place("factors", account_id)
