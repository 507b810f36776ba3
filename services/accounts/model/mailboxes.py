"""Public mail domains: free and disposable mailboxes, whose addresses do not prove where a person works.

Two maintained lists (docs/decisions/0051-public-mailboxes.md), and `mailboxes.txt` for domains that both lack.
"""

from functools import cache
from pathlib import Path

from disposable_email_domains import blocklist
from email_inspector.free_providers import is_free_domain


def is_public_domain(domain: str) -> bool:
    """Whether anyone can get an address at this domain (ASCII, lower case) or at a parent domain."""
    labels = domain.split(".")
    parents = (".".join(labels[place:]) for place in range(len(labels) - 1))
    return any(parent in blocklist or parent in _more() or is_free_domain(parent) for parent in parents)


@cache
def _more() -> frozenset[str]:
    lines = Path(__file__).with_name("mailboxes.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
