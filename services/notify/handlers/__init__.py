"""Handlers of other services' events and of deadlines."""

from collections.abc import Mapping

from chassis.inbox import Handler
from chassis.revocations import keep_revocation
from chassis.timers import Deadline
from services.notify.handlers.people import erase_person, record_person, record_zone, send_account_mail
from services.notify.handlers.programmes import notify_proposal, request_programme_mails
from services.notify.handlers.projects import (
    notify_answer,
    notify_cancellation,
    notify_chosen_mentor,
    notify_completion,
    notify_expiry,
    notify_invited_mentors,
    notify_outcomes,
    notify_question,
    notify_quote_count,
    notify_refusal,
    notify_reopening,
    notify_reviews,
    notify_window_end,
    postpone_reminder,
    record_claim,
    record_decline,
    record_posting,
    record_release,
    record_withdrawal,
    remind_people,
    update_clients,
)

HANDLERS: Mapping[str, Handler] = {
    "account.registered": record_person,
    "account.changed": record_person,
    "account.erased": erase_person,
    "sessions.revoked": keep_revocation,
    "mail.requested": send_account_mail,
    "mail.requested.v2": send_account_mail,
    "project.posted": record_posting,
    "project.shared": update_clients,
    "project.cancelled": notify_cancellation,
    "project.refused": notify_refusal,
    "project.expired": notify_expiry,
    "project.awarded": notify_chosen_mentor,
    "project.reopened": notify_reopening,
    "project.completed": notify_completion,
    "reviews.shown": notify_reviews,
    "question.asked": notify_question,
    "question.answered": notify_answer,
    "mentors.invited": notify_invited_mentors,
    "profile.changed": record_zone,
    "invitation.declined": record_decline,
    "slot.claimed": record_claim,
    "slot.released": record_release,
    "quote.submitted": notify_quote_count,
    "quote.withdrawn": record_withdrawal,
    "window.extended": postpone_reminder,
    "window.closed": notify_window_end,
    "quotes.settled": notify_outcomes,
    "messages.requested": request_programme_mails,
    "pairing.proposed": notify_proposal,
}
DEADLINES = (Deadline("projects", remind_people),)
