"""Metrics of invitations."""

from collections.abc import Mapping

from chassis.unit import UnitOfWork

HELPS = {"releve_invitations_stored": "Invitations stored"}


def count_invitations(work: UnitOfWork) -> Mapping[str, float]:
    """The gauge of `HELPS`, from the collection's metadata."""
    return {"releve_invitations_stored": work.database["invitations"].estimated_document_count()}
