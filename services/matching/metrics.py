"""What is measured of invitations."""

from collections.abc import Mapping

from chassis.unit import UnitOfWork

HELPS = {"releve_invitations_stored": "Invitations that were sent and are kept"}


def count_invitations(work: UnitOfWork) -> Mapping[str, float]:
    """The figure that `HELPS` explains, from the collection's own count."""
    return {"releve_invitations_stored": work.database["invitations"].estimated_document_count()}
