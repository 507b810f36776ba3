"""Password hashes (argon2id), never computed inside a transaction. An unknown account costs as much as a known one."""

import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from services.accounts.model import normal_password

AT_ONCE = 4
"""Hashes that one process computes concurrently, in dedicated threads: a thread keeps the memory that it used for one
(measured with 16 concurrent sign-ins: 408 MB resident if the request threads hash, 155 MB with these).
"""


class Passwords:
    """Hashes and checks passwords at a given cost."""

    def __init__(self, time_cost: int, memory_kib: int) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, "hash")
        self._decoy = self.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """The hash to store, with its salt and parameters."""
        return self._threads.submit(self._hasher.hash, normal_password(password)).result()

    def check(self, stored: str | None, password: str) -> bool:
        """Whether ``password`` matches the stored hash. None, for an unknown account, takes as long: it is checked
        against the hash of a random text.
        """
        try:
            return self._threads.submit(self._hasher.verify, stored or self._decoy, normal_password(password)).result()
        except VerifyMismatchError:
            return False

    def outdated(self, stored: str) -> bool:
        """Whether the hash was computed at a cost other than the current one."""
        return self._hasher.check_needs_rehash(stored)
