"""Password hashes: argon2id, never inside a transaction, as much work for nobody as for somebody."""

import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from services.accounts.model import normal_password

AT_ONCE = 4
"""Hashes that one process computes at the same time, in threads of their own: memory that a thread has used for one
stays with it (measured with 16 sign-ins at once: 408 MB resident where the request threads hash, 155 MB here).
"""


class Passwords:
    """Hashes and checks passwords at a given cost."""

    def __init__(self, time_cost: int, memory_kib: int) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, "hash")
        self._nobody = self.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and parameters."""
        return self._threads.submit(self._hasher.hash, normal_password(password)).result()

    def check(self, kept: str | None, password: str) -> bool:
        """Whether this is the password. None, for an account that is not there, takes as long: it is checked against
        the hash of a random text that nobody knows.
        """
        try:
            return self._threads.submit(self._hasher.verify, kept or self._nobody, normal_password(password)).result()
        except VerifyMismatchError:
            return False

    def outdated(self, kept: str) -> bool:
        """Whether the hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(kept)
