"""Commands of mentors: each function does one thing in one unit of work and returns the response body."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from contracts.market import SLOTS
from contracts.scan import Leak
from services.quotes import store
from services.quotes.metrics import TIME_TO_FIVE
from services.quotes.model import NONCE_BYTES, Quote, Round, Signer, Terms, check_terms
from services.quotes.views import quote_for_mentor


def claim_slot(unit: Unit, actor: Actor, project_id: str) -> Document:
    """Reserves one of the five slots for the mentor; returns when the claim expires."""
    round, seat = store.invited_round(unit, project_id, actor)
    facts = round.claim(seat, unit.now)
    if facts:
        store.save_round(unit, round, facts, within_window=True)
    held = round.slot_of(actor.id)
    return {"expires_at": held.expires_at if held else None}


def submit_quote(unit: Unit, actor: Actor, body: Document, contacts: Sequence[Leak], signer: Signer) -> Document:
    """Submits a sealed quote; returns it with its receipt. ``contacts`` is the contact data in the proposal."""
    round, seat = store.invited_round(unit, body["project_id"], actor)
    quote_id, terms = new_id(), Terms.of(body)
    receipt = signer.receipt(quote_id, round.id, terms, secrets.token_bytes(NONCE_BYTES), unit.now)
    facts = round.submit(seat, quote_id, receipt.digest, terms.valid_until, unit.now)
    _check_offer(terms, contacts, round, unit)
    store.save_round(unit, round, facts, within_window=True)
    quote = Quote(quote_id, round.id, actor.id, seat.mentor_id, terms, receipt, unit.now)
    store.save_quote(unit, quote)
    if len(round.quotes) == SLOTS:
        unit.after_commit(partial(TIME_TO_FIVE.observe, (unit.now - round.opened_at).total_seconds()))
    return {"id": quote_id, "project_id": round.id, "state": quote.state, "receipt": vars(receipt)}


def revise_quote(
    unit: Unit,
    actor: Actor,
    quote_id: str,
    body: Document,
    contacts: Sequence[Leak],
    signer: Signer,
    if_match: IfMatch = ANY_VERSION,
) -> Document:
    """Changes the terms and issues a new receipt; returns the quote and its ``version``."""
    quote = store.my_quote(unit, quote_id, actor)
    if_match.check(quote.version)
    round, _ = store.invited_round(unit, quote.project_id, actor)
    round.check_open(unit.now)  # before the receipt: a destroyed quote has no terms
    terms = quote.changed(body)
    receipt = signer.receipt(quote_id, round.id, terms, secrets.token_bytes(NONCE_BYTES), unit.now)
    facts = round.revise(actor.id, receipt.digest, terms.valid_until, unit.now)
    _check_offer(terms, contacts, round, unit)
    revised = replace(quote, terms=terms, receipt=receipt, state="revised")
    store.save_round(unit, round, facts, within_window=True)
    store.save_quote(unit, revised)
    return {**quote_for_mentor(revised, round), "version": quote.version + 1}


def withdraw_quote(unit: Unit, actor: Actor, quote_id: str, if_match: IfMatch = ANY_VERSION) -> Document:
    """Withdraws a quote and frees its slot."""
    quote = store.my_quote(unit, quote_id, actor)
    if_match.check(quote.version)
    round, _ = store.invited_round(unit, quote.project_id, actor)
    store.save_round(unit, round, round.withdraw(actor.id, unit.now), within_window=True)
    store.save_quote(unit, replace(quote, state="withdrawn"))
    return {}


def _check_offer(terms: Terms, contacts: Sequence[Leak], round: Round, unit: Unit) -> None:
    """Validates dates and currency, and refuses contact data in the proposal: contact is through the platform."""
    check_terms(terms, round, unit.now)
    if contacts:
        places = [{"field": "proposal", "message": f"{leak.kind} at {leak.start}"} for leak in contacts]
        raise Refusal("contact-data", "Remove the contact data from the proposal.", errors=places)
