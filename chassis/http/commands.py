"""Commands: a change over HTTP is one unit of work, and with an Idempotency-Key it happens once.

The key's row and the answer are written in the command's own transaction, so no effect is stored without its answer.
The rows of one account are bounded in number, and those of refused requests in size.

A body can hold a password and little else: with a plain digest of it, whoever reads the database could test guesses as
fast as they hash. A row holds an HMAC of the body instead, keyed by the client's key, which is stored nowhere.
"""

import hashlib
import hmac
import json
import random
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import bson
from flask import request
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError

from chassis.erasure import is_erased
from chassis.facts import Refusal, wrong
from chassis.http.auth import Actor
from chassis.http.parsing import strict_value
from chassis.http.problems import STATUS
from chassis.mongo import WRITE_CONFLICT, Documents
from chassis.unit import Unit, UnitOfWork

COLLECTION = "idempotency"
KEEP = timedelta(hours=48)
LONGEST_KEY = 255
MOST_ROWS = 10_000
"""Rows kept for an account. Beyond it the oldest are deleted, so its keys live less than 48 hours."""
LARGEST_REFUSAL = 8 * 1024
"""Bytes of a refusal that is kept. A repeat of a request with a larger one is judged again: it had no effect."""
_PRUNED_ONE_IN = 16

Answer = dict[str, Any]


def indexes() -> list[IndexModel]:
    """Keys and their answers expire after 48 hours."""
    return [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(KEEP.total_seconds()))]


def takes_key(method: str) -> bool:
    """Whether a command with this method uses ``Idempotency-Key``; other methods are idempotent anyway."""
    return method.upper() == "POST"


def command(work: UnitOfWork, actor: Actor, effect: Callable[[Unit], Answer]) -> Answer:
    """Runs ``effect`` in one unit of work and returns its answer.

    With an ``Idempotency-Key``, a repeated request gets the first answer again, or the same refusal by a rule. Refuses
    ``idempotency-mismatch`` for another body under the same key, and ``idempotency-running`` while the first request is
    still running.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None or not takes_key(request.method):
        return work.run(lambda unit: _unless_erased(unit, actor, effect))
    if not 0 < len(key) <= LONGEST_KEY:
        limits = {"min": 1, "max": LONGEST_KEY}
        raise Refusal("invalid", errors=[wrong("Idempotency-Key", "wrong-length", "1 to 255 characters", **limits)])
    # the path is hashed, because an invitation's path ends in its token
    row_id = f"{actor.id}:{hashlib.sha256(f'{request.path}:{key}'.encode()).hexdigest()}"
    body = _Body(key, _canonical(request.get_data()))

    def once(unit: Unit) -> Answer:
        kept = unit.find(COLLECTION, {"_id": row_id})
        if kept:
            return _replay(kept, body)
        rows = unit.collection(COLLECTION)
        try:
            rows.insert_one({"_id": row_id, "body": body.tag, "at": unit.now})
        except OperationFailure as error:
            if error.code == WRITE_CONFLICT:  # the same request holds the row in another open transaction
                raise Refusal("idempotency-running", "The same request is still running.", retry_after=1) from error
            raise
        answer = _unless_erased(unit, actor, effect)
        rows.update_one({"_id": row_id}, {"$set": {"answer": answer}})
        return answer

    try:
        return work.run(once)
    except Refusal as refusal:
        if not refusal.name.startswith("idempotency-") and STATUS.get(refusal.name, 409) in (409, 422):
            _keep_refusal(work, row_id, body.tag, refusal)
        raise
    finally:
        if random.randrange(_PRUNED_ONE_IN) == 0:  # not by a hash, which a client could choose
            _prune(work.database, actor.id)


class _Body:
    """What a row remembers of a body: enough to recognise it, nothing to guess it by."""

    def __init__(self, key: str, canonical: bytes) -> None:
        self.tag = hmac.new(key.encode(), canonical, hashlib.sha256).hexdigest()
        self._digest = hashlib.sha256(canonical).hexdigest()

    def is_that_of(self, row: Answer) -> bool:
        """Whether the row is of this body. Rows of 0.1 hold a plain digest, until 48 hours after the upgrade."""
        return row["body"] in (self.tag, self._digest)


def _canonical(raw: bytes) -> bytes:
    """Normalises a JSON body, so that the order of members and white space make no difference."""
    return json.dumps(strict_value(raw), sort_keys=True).encode() if raw and request.is_json else raw


def forget_answers(unit: Unit, account: str) -> None:
    """Deletes the stored answers of an erased account."""
    unit.collection(COLLECTION).delete_many(_rows_of(account))


def _rows_of(account: str) -> Answer:
    return {"_id": {"$regex": f"^{re.escape(account)}:"}}


def _prune(database: Documents, account: str) -> None:
    """Deletes the account's oldest rows beyond `MOST_ROWS`. Callers do this now and then: counting reads all rows.

    A failure is left to the next time: the answer to the command is known already.
    """
    rows = database[COLLECTION]
    with suppress(PyMongoError):
        surplus = rows.count_documents(_rows_of(account)) - MOST_ROWS
        if surplus > 0:
            # the hint, because by the index of times the rows of all accounts would be read
            found = rows.find(_rows_of(account), {"_id": 1}).hint([("_id", ASCENDING)])
            oldest = found.sort("at", ASCENDING).limit(surplus)
            rows.delete_many({"_id": {"$in": [row["_id"] for row in oldest]}})


def _unless_erased(unit: Unit, actor: Actor, effect: Callable[[Unit], Answer]) -> Answer:
    """Runs the effect, unless the token has outlived its account: erased data must not return."""
    if is_erased(unit, actor.id):
        raise Refusal("unauthenticated", "This account has been erased.")
    return effect(unit)


def _replay(kept: Answer, body: _Body) -> Answer:
    """The stored answer, or the stored refusal. Refuses ``idempotency-mismatch`` for another body."""
    if not body.is_that_of(kept):
        raise Refusal("idempotency-mismatch", "This key was used for another request.")
    if "refusal" in kept:
        raise Refusal(**kept["refusal"])
    answer: Answer = kept["answer"]
    return answer


def _keep_refusal(work: UnitOfWork, row_id: str, tag: str, refusal: Refusal) -> None:
    row = {
        "_id": row_id,
        "body": tag,
        "refusal": {
            "name": refusal.name,
            "detail": refusal.detail,
            "errors": refusal.errors,
            "extra": refusal.extra,
        },
    }
    if len(bson.encode(row)) > LARGEST_REFUSAL:
        return
    try:
        work.run(lambda unit: unit.collection(COLLECTION).insert_one({**row, "at": unit.now}))
    except DuplicateKeyError:  # stored already
        return
