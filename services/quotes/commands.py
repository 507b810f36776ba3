"""Commands of mentors and clients: each function does one thing in one unit of work and returns the response body."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from chassis.facts import Refusal, not_found
from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from contracts.facts import SlotClaimed
from contracts.market import SLOTS
from contracts.scan import Leak, contact_at
from services.quotes import store
from services.quotes.config import Config
from services.quotes.metrics import TIME_TO_FIVE
from services.quotes.model import NONCE_BYTES, Draft, Quote, Round, Signer, Sketch, Terms, check_terms, check_willing
from services.quotes.views import quote_for_mentor


def claim_slot(unit: Unit, actor: Actor, project_id: str, config: Config) -> Document:
    """Reserves one of the five slots for the mentor; returns when the claim expires."""
    round, seat = store.invited_round(unit, project_id, actor)
    _check_verified(actor, config)
    facts = round.claim(seat, unit.now)
    if any(isinstance(fact, SlotClaimed) for fact in facts):
        store.check_claim(unit, actor.id, config.quotas)
    if facts:
        store.save_round(unit, round, facts, within_window=True)
    held = round.slot_of(actor.id)
    return {"expires_at": held.expires_at if held else None}


def extend_window(unit: Unit, actor: Actor, project_id: str) -> Document:
    """The client extends the window of its round by half, once; returns the new end."""
    round = store.clients_round(unit, project_id, actor)
    store.save_round(unit, round, round.extend(unit.now), within_window=True)
    return {"closes_at": round.closes_at}


def submit_quote(
    unit: Unit, actor: Actor, body: Document, contacts: Sequence[Leak], sketch: Sketch, signer: Signer, config: Config
) -> Document:
    """Submits a sealed quote; returns it with its receipt. ``contacts`` is the contact data in the proposal."""
    round, seat = store.invited_round(unit, body["project_id"], actor)
    _check_verified(actor, config)
    quote_id, terms = new_id(), Terms.of(body)
    receipt = signer.receipt(quote_id, round.id, terms, secrets.token_bytes(NONCE_BYTES), unit.now)
    facts = round.submit(seat, quote_id, receipt.digest, terms.valid_until, unit.now)
    store.check_quote(unit, round.id, actor.id, config.quotas)
    _check_offer(terms, contacts, round, unit)
    store.save_round(unit, round, facts, within_window=True)
    quote = Quote(quote_id, round.id, actor.id, seat.mentor_id, terms, receipt, unit.now)
    store.save_quote(unit, quote)
    store.save_sketch(unit, quote, sketch, config.sketches_kept)
    store.drop_draft(unit, round.id, actor.id)
    if len(round.quotes) == SLOTS:
        unit.after_commit(partial(TIME_TO_FIVE.observe, (unit.now - round.opened_at).total_seconds()))
    return {"id": quote_id, "project_id": round.id, "state": quote.state, "receipt": vars(receipt)}


def revise_quote(
    unit: Unit,
    actor: Actor,
    quote_id: str,
    body: Document,
    contacts: Sequence[Leak],
    sketch: Sketch | None,
    signer: Signer,
    config: Config,
    if_match: IfMatch = ANY_VERSION,
) -> Document:
    """Changes the terms and issues a new receipt; returns the quote and its ``version``.

    ``sketch`` is that of a new proposal, None if the proposal stays.
    """
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
    if sketch is not None:
        store.save_sketch(unit, revised, sketch, config.sketches_kept)
    store.drop_draft(unit, round.id, actor.id)
    return {**quote_for_mentor(revised, round), "version": quote.version + 1}


def withdraw_quote(unit: Unit, actor: Actor, quote_id: str, if_match: IfMatch = ANY_VERSION) -> Document:
    """Withdraws a quote and frees its slot."""
    quote = store.my_quote(unit, quote_id, actor)
    if_match.check(quote.version)
    round, _ = store.invited_round(unit, quote.project_id, actor)
    store.save_round(unit, round, round.withdraw(actor.id, unit.now), within_window=True)
    store.save_quote(unit, replace(quote, state="withdrawn"))
    store.drop_sketches(unit, [quote.id])
    return {}


def save_draft(
    unit: Unit, actor: Actor, project_id: str, texts: dict[str, str], if_match: IfMatch = ANY_VERSION
) -> Document:
    """Replaces the mentor's draft, while quotes are accepted; returns it with its version."""
    round, seat = store.invited_round(unit, project_id, actor)
    before = store.my_draft(unit, project_id, actor)
    if_match.check(before.version if before else None)
    round.check_open(unit.now)
    check_willing(seat)
    draft = Draft(project_id, actor.id, texts, unit.now, before.version if before else 0)
    store.save_draft(unit, draft, round.closes_at + round.window)
    return {**texts, "saved_at": unit.now, "version": draft.version + 1}


def drop_draft(unit: Unit, actor: Actor, project_id: str, if_match: IfMatch = ANY_VERSION) -> Document:
    """Deletes the mentor's draft; raises ``not-found`` if there is none."""
    before = store.my_draft(unit, project_id, actor)
    if before is None:
        raise not_found()
    if_match.check(before.version)
    store.drop_draft(unit, project_id, actor.id)
    return {}


def _check_verified(actor: Actor, config: Config) -> None:
    """Refuses ``unverified``. Call it after the check of the invitation: to all others the round does not exist."""
    if config.verify_email and not actor.verified:
        raise Refusal("unverified", "Confirm your e-mail first: open the link in our mail, then sign in again.")


def _check_offer(terms: Terms, contacts: Sequence[Leak], round: Round, unit: Unit) -> None:
    """Validates dates and currency, and refuses contact data in the proposal: contact is through the platform."""
    check_terms(terms, round, unit.now)
    if contacts:
        places = [contact_at("proposal", leak) for leak in contacts]
        raise Refusal("contact-data", "Remove the contact data from the proposal.", errors=places)
