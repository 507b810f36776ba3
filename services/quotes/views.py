"""Response bodies for rounds and quotes."""

from chassis.mongo import Document
from contracts.market import SLOTS
from services.quotes.model import Quote, Round


def round_view(round: Round, account: str, *, slot_free: bool) -> Document:
    """A round: its client sees counts, a mentor sees only whether a slot is free."""
    view: Document = {"state": "open" if round.open else "closed", "closes_at": round.closes_at}
    if account in round.clients:
        view |= {"received": len(round.quotes), "slots": SLOTS, "extended": round.extended}
    else:
        view |= {"slot_free": slot_free}
    if not round.open:
        view |= {"reason": round.reason, "digests": round.digests}
    return view


def quote_for_client(quote: Quote, _round: Round) -> Document:
    """A quote as the client of a closed round sees it: without its receipt."""
    return {"id": quote.id, "mentor_id": quote.mentor_id, **_offer(quote), "state": quote.outcome or "opened"}


def quote_for_mentor(quote: Quote, round: Round) -> Document:
    """A quote as its mentor sees it."""
    opened = not round.open and quote.state != "withdrawn"
    return quote_as_kept(quote) | ({"state": quote.outcome or "opened"} if opened else {})


def quote_as_kept(quote: Quote) -> Document:
    """A quote with its stored state, for its mentor's export."""
    view = {"id": quote.id, "project_id": quote.project_id, **_offer(quote), "state": quote.state}
    view |= {"receipt": vars(quote.receipt)} if quote.receipt else {}
    return view | ({"outcome": quote.outcome} if quote.outcome else {})


def exported_round(round: Round) -> Document:
    """A round for its client's export."""
    shown = {name: getattr(round, name) for name in ("opened_at", "closes_at", "closed_at", "reason")}
    return {"project_id": round.id, **shown, "received": len(round.quotes)}


def _offer(quote: Quote) -> Document:
    return dict(vars(quote.terms)) if quote.terms else {}
