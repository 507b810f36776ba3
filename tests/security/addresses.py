"""Whether the time of an answer tells whether an address has an account, where e-mails must be verified."""

import random
import secrets
from collections.abc import Iterator, Sequence
from itertools import count

import httpx
from argon2 import PasswordHasher

from chassis.mongo import Documents
from stories.people import PASSWORD
from tests.security.timing import Told, measure_calls

TAKEN = 200
"""Accounts; each is asked for a few times, because wrong passwords of one e-mail slow down."""
CALLS = 800
"""Of each route. Password checks take 20 ms each."""
SETTINGS = {
    "RELEVE_VERIFY_EMAIL": "true",
    "RELEVE_LIMIT_MAILS": "1000000",
    "RELEVE_RATE_SIGN_IN": "100000/100000",
    "RELEVE_RATE_PERSON": "100000/100000",
    "RELEVE_RATE_ADDRESS": "100000/100000",
}


def registration(email: str) -> dict[str, str]:
    """What somebody sends to register."""
    return {"email": email, "password": PASSWORD, "role": "mentor", "display_name": "Thomas", "locale": "fr"}


def fill(http: httpx.Client, accounts: Documents) -> list[str]:
    """Addresses that have an account: registrations, as if their links had been opened."""
    emails = [f"taken-{secrets.token_hex(6)}@example.org" for _ in range(TAKEN)]
    for email in emails:
        http.post("/api/accounts", json=registration(email)).raise_for_status()
    hashed = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(PASSWORD)
    for row in list(accounts.registrations.find({"email": {"$in": emails}})):
        kept = {name: row[name] for name in ("email", "email_key", "role", "display_name", "locale", "created_at")}
        known = {"_id": row["account"], "password_hash": hashed, "verified_at": row["created_at"], "suspended_at": None}
        accounts.accounts.insert_one({**kept, **known, "version": 2})
    accounts.registrations.delete_many({"email": {"$in": emails}})
    return emails


def measure_addresses(url: str, accounts: Documents, calls: int = CALLS) -> Iterator[Told]:
    """Each route that an address is given to, without a session."""
    with httpx.Client(base_url=url, timeout=30) as http:
        taken = fill(http, accounts)
        fresh = (f"fresh-{number}-{secrets.token_hex(6)}@example.org" for number in count())
        draw = random.Random(1)

        def address(mine: bool) -> str:
            return draw.choice(taken) if mine else next(fresh)

        routes: Sequence[tuple[str, int, dict[str, str]]] = (
            ("/api/accounts", 201, registration("")),
            ("/api/accounts/verification", 202, {}),
            ("/api/accounts/password-reset", 202, {}),
            ("/api/sessions", 401, {"password": "not this one at all"}),
        )
        for path, status, sent in routes:

            def send(mine: bool, path: str = path, sent: dict[str, str] = sent) -> httpx.Response:
                return http.post(path, json={**sent, "email": address(mine)})

            yield measure_calls(f"POST {path}", send, status, calls)
