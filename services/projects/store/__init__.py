"""MongoDB in and out. What a person reads is read as that person."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

from services.projects.store import orders, organisations, projects, questions, reports, vault
from services.projects.store.export import read_everything
from services.projects.store.orders import (
    count_order,
    find_billing,
    forget_billing,
    has_order,
    read_billing,
    read_order,
    save_billing,
    save_order,
)
from services.projects.store.organisations import (
    confirm_domain,
    find_organisation,
    find_organisation_by_id,
    identity_of,
    inviting_organisation,
    is_verified,
    my_organisation,
    own_identity,
    read_organisation,
    rely_on_people,
    save_organisation,
    settle_people,
)
from services.projects.store.projects import (
    client_identity,
    find_project,
    identity_now,
    identity_within,
    invited_project,
    my_project,
    party_project,
    projects_by_id,
    projects_of_organisation,
    read_discussed_project,
    read_project,
    read_projects,
    read_stuck_projects,
    save_project,
    seen_project,
    unshared_projects,
)
from services.projects.store.questions import (
    add_invitations,
    find_question,
    my_questions,
    read_questions,
    save_question,
)
from services.projects.store.reports import erase_reports, find_report, read_reports, reports_today, save_report
from services.projects.store.vault import empty_vault, find_vault, lock_in_vault, open_vault

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    **organisations.INDEXES,
    **projects.INDEXES,
    **vault.INDEXES,
    **questions.INDEXES,
    **orders.INDEXES,
    **reports.INDEXES,
}

__all__ = [
    "INDEXES",
    "add_invitations",
    "client_identity",
    "confirm_domain",
    "count_order",
    "empty_vault",
    "erase_reports",
    "find_billing",
    "find_organisation",
    "find_organisation_by_id",
    "find_project",
    "find_question",
    "find_report",
    "find_vault",
    "forget_billing",
    "has_order",
    "identity_now",
    "identity_of",
    "identity_within",
    "invited_project",
    "inviting_organisation",
    "is_verified",
    "lock_in_vault",
    "my_organisation",
    "my_project",
    "my_questions",
    "open_vault",
    "own_identity",
    "party_project",
    "projects_by_id",
    "projects_of_organisation",
    "read_billing",
    "read_discussed_project",
    "read_everything",
    "read_order",
    "read_organisation",
    "read_project",
    "read_projects",
    "read_questions",
    "read_reports",
    "read_stuck_projects",
    "rely_on_people",
    "reports_today",
    "save_billing",
    "save_order",
    "save_organisation",
    "save_project",
    "save_question",
    "save_report",
    "seen_project",
    "settle_people",
    "unshared_projects",
]
