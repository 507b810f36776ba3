"""Posting: a project and its ``project.posted`` from what the client wrote. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.facts import Fact
from contracts.blind import digests
from services.projects.model import Project

SHARED = ("title", "brief", "topics", "languages", "budget", "window", "close_early", "auto_extend")


def post_project(
    project_id: str,
    body: Mapping[str, Any],
    organisation: Mapping[str, Any],
    client: str,
    secret: bytes,
    now: datetime,
) -> tuple[Project, list[Fact]]:
    """The project and its event. The event holds no identity: what names the client goes in as blind digests."""
    shared = {name: body[name] for name in SHARED}
    project = Project(id=project_id, client=client, created_at=now, closes_at=now + body["window"], **shared)
    names = [organisation["name"], *organisation["aliases"], *organisation["domains"]]
    posted = {
        **shared,
        "client": client,
        "posted_at": now,
        "descriptor": {"sector": organisation["sector"], "size": organisation["size"]},
        "blind_client": digests(secret, project_id, names),
        "blind_mentors": digests(secret, project_id, body["excluded_mentors"]),
        "blind_schools": digests(secret, project_id, body["excluded_schools"]),
        "relaunched_from": None,
    }
    return project, [Fact("project.posted", posted)]
