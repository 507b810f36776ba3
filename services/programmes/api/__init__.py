"""HTTP API of programmes."""

from flask import Blueprint

from chassis.http import flow, letters, trail
from chassis.unit import UnitOfWork
from contracts.flow import FlowSchema
from contracts.letters import LETTERS
from contracts.trail import AuditEntrySchema
from services.programmes.api import (
    agendas,
    challenges,
    contributions,
    endings,
    files,
    internal,
    joins,
    links,
    me,
    organisers,
    pairs,
    participants,
    passes,
    privacy,
    programmes,
    progress,
    proposals,
    sessions,
    teams,
)
from services.programmes.config import Config


def blueprints(work: UnitOfWork, config: Config) -> list[Blueprint]:
    """The routes of this service."""
    return [
        trail.routes(work, "/api/operations/programmes/audit", AuditEntrySchema),
        letters.routes(work, "/api/operations/programmes/dead-letters", *LETTERS),
        flow.routes(work, "/api/operations/programmes/events", FlowSchema),
        agendas.routes(work),
        challenges.routes(work),
        contributions.routes(work),
        endings.routes(work, config),
        files.routes(work),
        internal.routes(work, config),
        joins.routes(work, config),
        links.routes(work, config),
        me.routes(work, config),
        organisers.routes(work, config),
        participants.routes(work, config),
        passes.routes(work, config),
        privacy.routes(work, config),
        programmes.routes(work),
        progress.routes(work),
        proposals.routes(work, config),
        sessions.routes(work, config),
        teams.routes(work),
        pairs.routes(work, config),
    ]
