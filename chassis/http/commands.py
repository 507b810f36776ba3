"""Commands: a change over HTTP is one unit of work, and with an Idempotency-Key it happens once.

The key's row and the answer are written in the command's own transaction, so no effect is stored without its answer.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import request
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError, OperationFailure

from chassis.erasure import is_erased
from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.http.parsing import strict_value
from chassis.http.problems import STATUS
from chassis.mongo import WRITE_CONFLICT
from chassis.unit import Unit, UnitOfWork

COLLECTION = "idempotency"
KEEP = timedelta(hours=48)
LONGEST_KEY = 255

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
        raise Refusal("invalid", errors=[{"field": "Idempotency-Key", "message": "1 to 255 characters"}])
    # the path is hashed, because an invitation's path ends in its token
    row_id = f"{actor.id}:{hashlib.sha256(f'{request.path}:{key}'.encode()).hexdigest()}"
    body = hashlib.sha256(_canonical(request.get_data())).hexdigest()

    def once(unit: Unit) -> Answer:
        kept = unit.find(COLLECTION, {"_id": row_id})
        if kept:
            return _replay(kept, body)
        rows = unit.collection(COLLECTION)
        try:
            rows.insert_one({"_id": row_id, "body": body, "at": unit.now})
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
            _keep_refusal(work, row_id, body, refusal)
        raise


def _canonical(raw: bytes) -> bytes:
    """Normalises a JSON body, so that the order of members and white space make no difference."""
    return json.dumps(strict_value(raw), sort_keys=True).encode() if raw and request.is_json else raw


def forget_answers(unit: Unit, account: str) -> None:
    """Deletes the stored answers of an erased account."""
    theirs = {"_id": {"$regex": f"^{re.escape(account)}:"}}
    unit.collection(COLLECTION).delete_many(theirs)


def _unless_erased(unit: Unit, actor: Actor, effect: Callable[[Unit], Answer]) -> Answer:
    """Runs the effect, unless the token has outlived its account: erased data must not return."""
    if is_erased(unit, actor.id):
        raise Refusal("unauthenticated", "This account has been erased.")
    return effect(unit)


def _replay(kept: Answer, body: str) -> Answer:
    """The stored answer, or the stored refusal. Refuses ``idempotency-mismatch`` for another body."""
    if kept["body"] != body:
        raise Refusal("idempotency-mismatch", "This key was used for another request.")
    if "refusal" in kept:
        raise Refusal(**kept["refusal"])
    answer: Answer = kept["answer"]
    return answer


def _keep_refusal(work: UnitOfWork, row_id: str, body: str, refusal: Refusal) -> None:
    row = {
        "_id": row_id,
        "body": body,
        "refusal": {
            "name": refusal.name,
            "detail": refusal.detail,
            "errors": refusal.errors,
            "extra": refusal.extra,
        },
    }
    try:
        work.run(lambda unit: unit.collection(COLLECTION).insert_one({**row, "at": unit.now}))
    except DuplicateKeyError:  # stored already
        return
