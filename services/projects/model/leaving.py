"""What becomes of a project whose mentor has left. Pure: time is an argument.

An award binds a mentor, and the last person of an organisation; `store.leaving` asks the database for such awards.
"""

from datetime import datetime, timedelta

from chassis.facts import Fact
from contracts.facts import ProjectReopened
from services.projects.model.project import AWARDED, Project

ORDER_WITHIN = timedelta(days=7)
"""How long an erased client's identity is kept for an order that is still to be issued; seconds are enough."""


def remove_mentor(project: Project, account: str) -> list[Fact] | None:
    """The mentor was erased. Returns the events, None if nothing changed; the last quote to choose ends the choice."""
    if not project.remove_mentor(account):
        return None
    if project.state != "choosing" or project.received:
        return []
    return _offer_the_rest(project, account, None)


def reopen(project: Project, quote_id: str, now: datetime, choice_period: timedelta) -> list[Fact]:
    """The chosen quote is gone with its mentor: the client chooses again, with the whole period.

    A completed project stays so, without an order: nobody is left to issue one with.
    """
    if project.quote_id != quote_id or project.state not in AWARDED or project.chosen is None:
        return []
    if project.state == "completed":
        project.order_lost = True
        return []
    account = project.chosen
    project.lose_quote(quote_id)
    project.quote_id = project.chosen = project.awarded_at = None
    project.reviews, project.reviews_due = [], None
    return _offer_the_rest(project, account, now + choice_period)


def _offer_the_rest(project: Project, account: str, until: datetime | None) -> list[Fact]:
    project.state = "choosing" if project.received else "unfilled"
    project.choose_until = until if project.received else None
    return [ProjectReopened(account=account, quotes=len(project.received), choose_until=project.choose_until)]
