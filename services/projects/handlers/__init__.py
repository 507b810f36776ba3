"""Handlers of other services' events and of deadlines."""

from collections.abc import Mapping

from chassis.inbox import Handler
from chassis.revocations import keep_revocation
from chassis.timers import Deadline
from services.projects.handlers.erasing import erase_person
from services.projects.handlers.leaving import answer_departure, reopen_choice, stop_waiting
from services.projects.handlers.orders import issue_order
from services.projects.handlers.organisations import share_projects, verify_organisation
from services.projects.handlers.projects import follow_extension, let_mentors_ask, open_choice, pass_time

HANDLERS: Mapping[str, Handler] = {
    "account.verified": verify_organisation,
    "departure.asked": answer_departure,
    "account.erased": erase_person,
    "sessions.revoked": keep_revocation,
    "window.extended": follow_extension,
    "window.closed": open_choice,
    "quote.accepted": issue_order,
    "quote.missing": reopen_choice,
    "mentors.invited": let_mentors_ask,
}
DEADLINES = (
    Deadline("projects", pass_time),
    Deadline("organisations", share_projects),
    Deadline("held_erasures", stop_waiting),
)
