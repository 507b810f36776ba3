"""Builds a project and its ``project.posted`` from the request. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.facts import Fact
from contracts.blind import digests
from contracts.facts import Descriptor, ProjectPosted
from services.projects.model.organisation import Organisation
from services.projects.model.project import Project

SHARED = ("title", "brief", "topics", "languages", "budget", "window", "close_early", "auto_extend")
KEPT = ("excluded_mentors", "excluded_schools", "client_shown")


def body_of(project: Project) -> dict[str, Any]:
    """The request body that posted this project, for a relaunch."""
    return {name: getattr(project, name) for name in (*SHARED, *KEPT)}


def descriptor_of(organisation: Organisation, shown: str) -> Descriptor:
    """What mentors read of the client."""
    return Descriptor(sector=organisation.sector_shown, size=organisation.size, shown=shown)


def post_project(
    project_id: str,
    body: Mapping[str, Any],
    organisation: Organisation,
    client: str,
    secret: bytes,
    now: datetime,
    relaunched_from: str | None = None,
) -> tuple[Project, list[Fact]]:
    """The project and its event. The event identifies the client only by blind digests."""
    written: dict[str, Any] = {name: body[name] for name in (*SHARED, *KEPT)}
    written |= {"created_at": now, "closes_at": now + body["window"], "relaunched_from": relaunched_from}
    written |= {"organisation": organisation.id, "clients": organisation.accounts}
    project = Project(id=project_id, client=client, **written)
    names = [organisation.name, *organisation.aliases, *organisation.domains]
    posted = ProjectPosted(
        **{name: body[name] for name in SHARED},
        client=client,
        clients=project.clients,
        posted_at=now,
        descriptor=descriptor_of(organisation, body["client_shown"]),
        blind_client=digests(secret, project_id, names),
        blind_mentors=digests(secret, project_id, body["excluded_mentors"]),
        blind_schools=digests(secret, project_id, body["excluded_schools"]),
        relaunched_from=relaunched_from,
    )
    return project, [posted]
