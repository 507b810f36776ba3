"""ETag and If-Match by the aggregate's version (RFC 9110, sections 8.8.3 and 13.1.1)."""

from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import ETags

from chassis.facts import Refusal


def etag(version: int) -> dict[str, str]:
    """The header that names this version."""
    return {"ETag": f'"{version}"'}


@dataclass(frozen=True)
class IfMatch:
    """The versions that a caller is willing to change; None where they do not say."""

    tags: ETags | None = None

    def check(self, version: int | None) -> None:
        """Raises ``stale`` (412) when the present version is none of them.

        None is the version of what does not exist yet: nothing matches it, not even ``*``.
        """
        if self.tags is not None and (version is None or not self.tags.contains(str(version))):
            raise Refusal("stale", "Read it again, then repeat your change.")


ANY_VERSION = IfMatch()


def if_match() -> IfMatch:
    """What the present request says."""
    return IfMatch(request.if_match) if "If-Match" in request.headers else ANY_VERSION
