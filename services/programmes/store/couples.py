"""Pairs by the refs of their people, for a caller who may see them."""

from collections.abc import Mapping
from typing import Any

from chassis.facts import not_found
from chassis.http.pages import page
from chassis.mongo import Document, Documents
from services.programmes.model.access import Standing
from services.programmes.model.couples import Couple
from services.programmes.model.pairs import Pair, pair_id
from services.programmes.store.pairs import find_pair, pair_from
from services.programmes.store.participants import find_participant, participant_by_ref, participants_of
from services.programmes.store.rows import Rows


def couple_by_refs(rows: Rows, standing: Standing, mentor_ref: str, mentee_ref: str) -> Couple:
    """The pair of these two, for the two and for those who run the programme; raises ``not-found`` for others."""
    programme = standing.programme.id
    mentor = participant_by_ref(rows, programme, mentor_ref)
    mentee = participant_by_ref(rows, programme, mentee_ref)
    pair = find_pair(rows, pair_id(programme, mentor.id, mentee.id)) if mentor and mentee else None
    if pair is None or not _may_act(standing, pair):
        raise not_found()
    return Couple(standing.programme, pair, mentor, mentee, _caller(standing, pair))


def couple_of_pair(rows: Rows, standing: Standing, pair: str) -> Couple:
    """The pair with this id, for the same callers."""
    found = find_pair(rows, pair)
    if found is None or not _may_act(standing, found):
        raise not_found()
    mentor, mentee = (find_participant(rows, one) for one in (found.mentor, found.mentee))
    return Couple(standing.programme, found, mentor, mentee, _caller(standing, found))


def page_of_couples(database: Documents, standing: Standing, query: Mapping[str, Any]) -> Document:
    """One page of the published pairs that the caller sees: all, those with one of their own people, or their own."""
    programme = standing.programme.id
    wanted: dict[str, Any] = {"programme": programme, "published": True}
    if not standing.runs:
        ids = _own_people(database, standing)
        wanted["$or"] = [{"mentor": {"$in": ids}}, {"mentee": {"$in": ids}}]
    found = page(database["pairs"], wanted, query, dict)
    pairs = [pair_from(row) for row in found["items"]]
    ids = [one for pair in pairs for one in (pair.mentor, pair.mentee)]
    people = {one.id: one for one in participants_of(database, programme, _id={"$in": ids})}
    couples = [
        Couple(standing.programme, pair, people.get(pair.mentor), people.get(pair.mentee), _caller(standing, pair))
        for pair in pairs
    ]
    return {**found, "items": couples}


def _own_people(database: Documents, standing: Standing) -> list[str]:
    mine = [standing.participant.id] if standing.participant else []
    if standing.organisation is None:
        return mine
    theirs = participants_of(database, standing.programme.id, organisation=standing.organisation)
    return mine + [one.id for one in theirs]


def _caller(standing: Standing, pair: Pair) -> str | None:
    mine = standing.participant
    return mine.id if mine is not None and pair.side_of(mine.id) else None


def _may_act(standing: Standing, pair: Pair) -> bool:
    return standing.runs or (pair.published and _caller(standing, pair) is not None)
