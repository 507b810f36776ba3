"""The rows of a programme's CSV files, read page by page."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chassis.http.pages import page
from chassis.mongo import Document, Documents
from services.programmes.model.access import Standing
from services.programmes.model.pairs import Pair
from services.programmes.model.participants import Participant
from services.programmes.model.teamwork import Team
from services.programmes.store.challenges import teamwork_of
from services.programmes.store.pairs import pair_from
from services.programmes.store.participants import participant_from, participants_of

PAGE = 200
PairRow = tuple[Pair, Mapping[str, Participant], list[Document]]


def each_participant(database: Documents, standing: Standing) -> Iterator[Participant]:
    """Everybody enrolled, or an organiser's own people, oldest first; nobody whose address is still to be confirmed."""
    wanted: dict[str, Any] = {"programme": standing.programme.id, "confirmed": True}
    if not standing.runs:
        wanted["organisation"] = standing.organisation
    for rows in _pages(database, "participants", wanted):
        yield from map(participant_from, rows)


def each_pair(database: Documents, standing: Standing) -> Iterator[PairRow]:
    """The pairs, or those with one of an organiser's own people once published, oldest first.

    Each comes with its two people by id, without those who were erased, and its sessions by time.
    """
    wanted: dict[str, Any] = {"programme": standing.programme.id}
    if not standing.runs:
        wanted["published"] = True
    for rows in _pages(database, "pairs", wanted):
        pairs = [pair_from(row) for row in rows]
        people = _people(database, standing, pairs)
        sessions = _sessions(database, [pair.id for pair in pairs])
        for pair in pairs:
            if any(standing.sees(people[one]) for one in (pair.mentor, pair.mentee) if one in people):
                yield pair, people, sessions.get(pair.id, [])


def each_member(database: Documents, standing: Standing) -> Iterator[tuple[Team, Participant]]:
    """The members of each team by ref, team by team; an organiser's own teams, once published."""
    work = teamwork_of(database, standing.programme.id)
    for team in work.teams if work else ():
        members = participants_of(database, standing.programme.id, _id={"$in": list(team.members)})
        if standing.runs or (team.published and any(standing.sees(one) for one in members)):
            yield from ((team, one) for one in members)


def _people(database: Documents, standing: Standing, pairs: Iterable[Pair]) -> Mapping[str, Participant]:
    ids = [one for pair in pairs for one in (pair.mentor, pair.mentee)]
    return {one.id: one for one in participants_of(database, standing.programme.id, _id={"$in": ids})}


def _sessions(database: Documents, pairs: list[str]) -> Mapping[str, list[Document]]:
    """When sessions take place and what became of them; not what the two wrote."""
    shown = {"pair": 1, "starts_at": 1, "minutes": 1, "state": 1}
    found: dict[str, list[Document]] = {}
    for row in database["sessions"].find({"pair": {"$in": pairs}}, shown).sort("starts_at", 1):
        found.setdefault(row["pair"], []).append(row)
    return found


def _pages(database: Documents, collection: str, wanted: Mapping[str, Any]) -> Iterator[list[Document]]:
    """Each page of the matching documents, oldest first."""
    cursor = None
    while True:
        found = page(database[collection], wanted, {"limit": PAGE, "cursor": cursor}, dict, ascending=True)
        yield found["items"]
        cursor = found["next_cursor"]
        if cursor is None:
            return
