"""Handlers of other services' events and of deadlines."""

from collections.abc import Mapping

from chassis.inbox import Handler
from chassis.timers import Deadline
from services.projects.handlers.erasing import erase_person
from services.projects.handlers.orders import issue_order
from services.projects.handlers.organisations import share_projects, verify_organisation
from services.projects.handlers.projects import follow_extension, let_choice_lapse, let_mentors_ask, open_choice

HANDLERS: Mapping[str, Handler] = {
    "account.verified": verify_organisation,
    "account.erased": erase_person,
    "window.extended": follow_extension,
    "window.closed": open_choice,
    "quote.accepted": issue_order,
    "mentors.invited": let_mentors_ask,
}
DEADLINES = (Deadline("projects", let_choice_lapse), Deadline("organisations", share_projects))
