"""ETag and If-Match from the aggregate's version (RFC 9110, sections 8.8.3 and 13.1.1)."""

from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import ETags

from chassis.facts import Refusal


def etag(version: int) -> dict[str, str]:
    """The ETag header of this version."""
    return {"ETag": f'"{version}"'}


@dataclass(frozen=True)
class IfMatch:
    """The versions that the caller agrees to change; ``tags`` is None without an If-Match header."""

    tags: ETags | None = None

    def check(self, version: int | None) -> None:
        """Refuses ``stale`` (412) if the current version is not among the tags.

        None is the version of a resource that does not exist; no tag matches it, not even ``*``.
        """
        if self.tags is not None and (version is None or not self.tags.contains(str(version))):
            raise Refusal("stale", "Read it again, then repeat your change.")


ANY_VERSION = IfMatch()


def if_match() -> IfMatch:
    """The If-Match header of the current request."""
    return IfMatch(request.if_match) if "If-Match" in request.headers else ANY_VERSION
