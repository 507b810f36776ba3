"""Response bodies for rounds and quotes."""

from datetime import datetime

from chassis.mongo import Document
from contracts.market import SLOTS
from services.quotes.model import Draft, Quote, Round


def round_view(round: Round, account: str, invited: int, now: datetime) -> Document:
    """A round: its client sees counts, a mentor sees only whether a slot is free, and their own claim."""
    view: Document = {"project_id": round.id, "state": "open" if round.open else "closed"}
    view |= {"closes_at": round.closes_at, "currency": round.currency}
    if account in round.clients:
        view |= {"received": len(round.quotes), "slots": SLOTS, "extended": round.extended}
        view |= {"invited": invited, "claimed": round.claims(now)}
        if (later := round.extends_to) and now < round.closes_at:
            view["extends_to"] = later
    else:
        claim = round.claim_of(account, now)
        view |= {"slot_free": round.slot_free(now), **({"expires_at": claim} if claim else {})}
    if not round.open:
        view |= {"reason": round.reason, "digests": round.digests}
    if round.ended_for and round.may_read_end(account):
        view |= {"ended_for": round.ended_for, **({"ended_by": round.ended_by} if round.ended_by else {})}
    return view


def quote_for_client(quote: Quote, _round: Round) -> Document:
    """A quote as the client of a closed round sees it: without its receipt."""
    return {"id": quote.id, "mentor_id": quote.mentor_id, **_offer(quote), "state": quote.outcome or "opened"}


def quote_for_mentor(quote: Quote, round: Round) -> Document:
    """A quote as its mentor sees it."""
    opened = not round.open and quote.state != "withdrawn"
    return quote_as_kept(quote) | ({"state": quote.outcome or "opened"} if opened else {})


def own_quote(quote: Quote, round: Round | None) -> Document:
    """A quote in its mentor's list of all, with the project's title, which ends with the client's account."""
    view = quote_for_mentor(quote, round) if round else quote_as_kept(quote)
    view |= {"created_at": quote.created_at}
    if round is None:
        return view
    return view | {"closes_at": round.closes_at, **({"title": round.title} if round.title else {})}


def quote_as_kept(quote: Quote) -> Document:
    """A quote with its stored state, for its mentor's export."""
    view = {"id": quote.id, "project_id": quote.project_id, **_offer(quote), "state": quote.state}
    view |= {"receipt": vars(quote.receipt)} if quote.receipt else {}
    return view | ({"outcome": quote.outcome} if quote.outcome else {})


def draft_view(draft: Draft) -> Document:
    """A draft, for its mentor."""
    return {**draft.texts, "saved_at": draft.saved_at}


def exported_round(round: Round) -> Document:
    """A round for its client's export."""
    shown = {name: getattr(round, name) for name in ("opened_at", "closes_at", "closed_at", "reason")}
    return {"project_id": round.id, **shown, "received": len(round.quotes)}


def _offer(quote: Quote) -> Document:
    return dict(vars(quote.terms)) if quote.terms else {}


def flag_view(flag: Document) -> Document:
    """A flag for operators."""
    return {**flag, "quotes": [{**quote, "mentor": quote["account"]} for quote in flag["quotes"]]}
