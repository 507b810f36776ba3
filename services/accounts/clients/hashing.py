"""Password hashes (argon2id), never computed inside a transaction. An unknown account costs as much as a known one."""

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from chassis.facts import Refusal
from services.accounts.model import normal_password

T = TypeVar("T")

AT_ONCE = max(1, min(4, (os.cpu_count() or 1) // 2))
"""Hashes that one process computes concurrently, so that they take half of the cores at most, in dedicated threads: a
thread keeps the memory that it used for one (measured with 16 concurrent sign-ins: 408 MB resident if the request
threads hash, 155 MB with four of these).
"""


class Passwords:
    """Hashes and checks passwords at a given cost.

    At most ``waiting`` requests wait for a free thread; further ones are refused as ``unavailable``, so that a flood of
    sign-ins does not take every thread of the server.
    """

    def __init__(self, time_cost: int, memory_kib: int, waiting: int = 16) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, "hash")
        self._places = threading.BoundedSemaphore(AT_ONCE + waiting)
        self._decoy = self.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """The hash to store, with its salt and parameters."""
        return self._run(self._hasher.hash, normal_password(password))

    def check(self, stored: str | None, password: str) -> bool:
        """Whether ``password`` matches the stored hash. None, for an unknown account, takes as long: it is checked
        against the hash of a random text.
        """
        try:
            return self._run(self._hasher.verify, stored or self._decoy, normal_password(password))
        except VerifyMismatchError:
            return False

    def _run(self, work: Callable[..., T], *args: str) -> T:
        with self._place():
            return self._threads.submit(work, *args).result()

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Refusal("unavailable", "Too many people are signing in; please try again.", retry_after=1)
        try:
            yield
        finally:
            self._places.release()

    def outdated(self, stored: str) -> bool:
        """Whether the hash was computed at a cost other than the current one."""
        return self._hasher.check_needs_rehash(stored)
